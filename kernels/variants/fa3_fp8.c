/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_fa3_fp8 = {
    .name = "fa3-fp8",
    .summary = "FlashAttention-3 in FP8 as released: a scale per head, P in (0, 256], one 14-bit accumulator, last keys first",
    .source = "FlashAttention-3, arXiv 2407.08608; flash-attention hopper/, commit 0251105",
    .numerics =
        {
            .q = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_HEAD},
            .k = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_HEAD},
            .v = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_HEAD},
            .score_format = AT_FP32,
            .p_offset = AT_P_POW2_8,
            .p_format = AT_E4M3,
            .order = AT_ORDER_REVERSE,
            .output = AT_BF16,
        },
};
