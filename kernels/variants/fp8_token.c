/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_fp8_token = {
    .name = "fp8-token",
    .summary = "FP8 with a scale for every row of Q and K and every column of V, promoted per tile",
    .source = "per-token scales for Q and K, per-channel for V, as SageAttention, arXiv 2410.02367",
    .numerics =
        {
            .q = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_TOKEN},
            .k = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_TOKEN},
            .v = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_CHANNEL},
            .score_format = AT_FP32,
            .p_offset = AT_P_POW2_8,
            .p_format = AT_E4M3,
            .promote = AT_PROMOTE_TILE,
            .order = AT_ORDER_REVERSE,
            .output = AT_BF16,
        },
};
