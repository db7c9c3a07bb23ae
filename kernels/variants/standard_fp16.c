/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_standard_fp16 = {
    .name = "standard-fp16",
    .summary = "unfused FP16 attention: scaled scores and normalised probabilities rounded to fp16",
    .source = "the baseline of FlashAttention-3, arXiv 2407.08608, table 3",
    .numerics =
        {
            .q = {.format = AT_FP16, .storage = AT_FP16},
            .k = {.format = AT_FP16, .storage = AT_FP16},
            .v = {.format = AT_FP16, .storage = AT_FP16},
            .score_format = AT_FP16,
            .exp2 = AT_EXACT,
            .reciprocal = AT_EXACT,
            .p_offset = AT_P_NORMALISED,
            .p_format = AT_FP16,
            .order = AT_ORDER_FORWARD,
            .output = AT_FP16,
        },
};
