/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_fp8_smooth_k = {
    .name = "fp8-smooth-k",
    .summary = "fa3-fp8 after subtracting the mean over keys from K",
    .source = "smoothing of K, SageAttention, arXiv 2410.02367",
    .numerics =
        {
            .q = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_HEAD},
            .k = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_HEAD, .smooth = AT_SMOOTH_MEAN},
            .v = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_HEAD},
            .score_format = AT_FP32,
            .p_offset = AT_P_POW2_8,
            .p_format = AT_E4M3,
            .order = AT_ORDER_REVERSE,
            .output = AT_BF16,
        },
};
