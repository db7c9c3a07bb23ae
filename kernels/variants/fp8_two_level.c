/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_fp8_two_level = {
    .name = "fp8-two-level",
    .summary = "fa3-fp8 with two-level accumulation: each tile of keys starts from zero and is added in fp32",
    .source = "vllm-project/flash-attention, pull request 104 and hopper/tile_size.h, commit 617264c",
    .numerics =
        {
            .q = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_HEAD},
            .k = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_HEAD},
            .v = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_HEAD},
            .score_format = AT_FP32,
            .p_offset = AT_P_POW2_8,
            .p_format = AT_E4M3,
            .promote = AT_PROMOTE_TILE,
            .order = AT_ORDER_REVERSE,
            .output = AT_BF16,
        },
};
