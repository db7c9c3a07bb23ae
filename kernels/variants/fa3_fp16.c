/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_fa3_fp16 = {
    .name = "fa3-fp16",
    .summary = "FlashAttention-3 in FP16: fp32 scores, P in FP16, one fp32 accumulator",
    .source = "FlashAttention-3, arXiv 2407.08608; flash-attention hopper/, commit 0251105",
    .numerics =
        {
            .q = {.format = AT_FP16, .storage = AT_FP16},
            .k = {.format = AT_FP16, .storage = AT_FP16},
            .v = {.format = AT_FP16, .storage = AT_FP16},
            .score_format = AT_FP32,
            .p_offset = AT_P_PLAIN,
            .p_format = AT_FP16,
            .order = AT_ORDER_REVERSE,
            .output = AT_FP16,
        },
};
