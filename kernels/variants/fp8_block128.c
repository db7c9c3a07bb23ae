/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_fp8_block128 = {
    .name = "fp8-block128",
    .summary = "FP8 with a scale for every 128 rows of Q, K and V, promoted per block",
    .source = "block quantisation of FlashAttention-3, arXiv 2407.08608, section 3.3",
    .numerics =
        {
            .q = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_BLOCK128},
            .k = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_BLOCK128},
            .v = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_BLOCK128},
            .score_format = AT_FP32,
            .p_offset = AT_P_POW2_8,
            .p_format = AT_E4M3,
            .promote = 128,
            .order = AT_ORDER_REVERSE,
            .output = AT_BF16,
        },
};
