/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_fa3_bf16 = {
    .name = "fa3-bf16",
    .summary = "FlashAttention-3 in BF16: fp32 scores, P in BF16, one fp32 accumulator",
    .source = "FlashAttention-3, arXiv 2407.08608; flash-attention hopper/, commit 0251105",
    .numerics =
        {
            .q = {.format = AT_BF16, .storage = AT_BF16},
            .k = {.format = AT_BF16, .storage = AT_BF16},
            .v = {.format = AT_BF16, .storage = AT_BF16},
            .score_format = AT_FP32,
            .p_offset = AT_P_PLAIN,
            .p_format = AT_BF16,
            .order = AT_ORDER_REVERSE,
            .output = AT_BF16,
        },
};
