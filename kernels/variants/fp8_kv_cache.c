/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

const struct at_variant at_variant_fp8_kv_cache = {
    .name = "fp8-kv-cache",
    .summary = "FP16 computation on a K and V cache kept in e4m3 with a scale per head",
    .source = "FP8 key/value cache, vLLM documentation, quantized KV cache",
    .numerics =
        {
            .q = {.format = AT_FP16, .storage = AT_FP16},
            .k = {.format = AT_FP16, .storage = AT_E4M3, .scale = AT_SCALE_HEAD},
            .v = {.format = AT_FP16, .storage = AT_E4M3, .scale = AT_SCALE_HEAD},
            .score_format = AT_FP32,
            .p_offset = AT_P_PLAIN,
            .p_format = AT_FP16,
            .order = AT_ORDER_REVERSE,
            .output = AT_FP16,
        },
};
