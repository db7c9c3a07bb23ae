/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_fp8_e5m2 = {
    .name = "fp8-e5m2",
    .summary = "fa3-fp8 with Q, K and V in e5m2",
    .source = "OCP 8-bit Floating Point Specification 1.0",
    .numerics =
        {
            .q = {.format = AT_E5M2, .storage = AT_E5M2, .scale = AT_SCALE_HEAD},
            .k = {.format = AT_E5M2, .storage = AT_E5M2, .scale = AT_SCALE_HEAD},
            .v = {.format = AT_E5M2, .storage = AT_E5M2, .scale = AT_SCALE_HEAD},
            .score_format = AT_FP32,
            .p_offset = AT_P_POW2_8,
            .p_format = AT_E4M3,
            .order = AT_ORDER_REVERSE,
            .output = AT_BF16,
        },
};
