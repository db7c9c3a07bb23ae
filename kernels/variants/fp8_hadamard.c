/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_fp8_hadamard = {
    .name = "fp8-hadamard",
    .summary = "FP8 with one scale for each tensor, Q and K rotated by a random Hadamard matrix",
    .source = "incoherent processing of FlashAttention-3, arXiv 2407.08608, section 3.3",
    .numerics =
        {
            .q = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_TENSOR, .rotate = AT_ROTATE_HADAMARD},
            .k = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_TENSOR, .rotate = AT_ROTATE_HADAMARD},
            .v = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_TENSOR},
            .rotation_seed = 1,
            .score_format = AT_FP32,
            .p_offset = AT_P_POW2_8,
            .p_format = AT_E4M3,
            .order = AT_ORDER_REVERSE,
            .output = AT_BF16,
        },
};
