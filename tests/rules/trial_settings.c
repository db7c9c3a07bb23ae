/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

/* Lengths and types are the sources' own; heads are fewer, since each computes the same. docs/acceptance_rules.md says what was chosen. */
const struct trial_setting trial_settings[] = {
    {"fa3-fp16-1024", "normal", 4, 4, 1024, 1024, false, AT_FP16, "fa3-fp16", false, false, false, {"flash-attention-3"}},
    {"fa3-fp16-4096", "normal", 2, 2, 4096, 4096, false, AT_FP16, "fa3-fp16", false, false, false, {"flash-attention-3"}},
    {"fa3-fp8-128", "normal", 6, 6, 128, 128, false, AT_BF16, "fp8:scale-rule=1", true, false, false, {"flash-attention-3"}},
    {"fa3-fp8-1024", "normal", 4, 4, 1024, 1024, false, AT_BF16, "fp8:scale-rule=1", true, false, false, {"flash-attention-3"}},
    {"fa3-fp8-4096", "normal", 2, 2, 4096, 4096, false, AT_BF16, "fp8:scale-rule=1", true, false, false, {"flash-attention-3"}},
    {"fa3-fp8-1024-ones", "normal", 4, 4, 1024, 1024, false, AT_BF16, "fp8:scale-rule=1", false, false, false, {"flash-attention-3"}},
    {"fa3-fp8-4096-ones", "normal", 2, 2, 4096, 4096, false, AT_BF16, "fp8:scale-rule=1", false, false, false, {"flash-attention-3"}},
    {"vllm-bf16", "normal", 8, 2, 129, 463, true, AT_BF16, "fa3-bf16", false, false, false, {"vllm"}},
    {"vllm-fp8", "normal", 8, 2, 129, 463, true, AT_BF16, "fp8-two-level:scale-rule=1", false, false, false, {"vllm"}},
    {"flashinfer-117", "normal", 4, 4, 117, 117, true, AT_FP16, "fp8:p=448,output=fp16", false, false, false, {"flashinfer"}},
    {"flashinfer-2372", "normal", 4, 4, 2372, 2372, false, AT_FP16, "fp8:p=448,output=fp16", false, false, false, {"flashinfer"}},
    {"te-2048", "normal", 4, 4, 2048, 2048, false, AT_FP16, "fp8-tensor:output=fp16", false, false, false, {"transformer-engine"}},
    {"cudnn", "sparse-integers", 4, 4, 1024, 1024, false, AT_FP16, "fp8:scale-rule=1,output=fp16", false, false, false, {"cudnn-frontend"}},
    {"cutlass-fp16", "normal", 4, 4, 1024, 1024, false, AT_FP16, "fa3-fp16", false, false, false, {"cutlass"}},
    {"cutlass-fp8", "normal", 4, 4, 1024, 1024, false, AT_BF16, "fp8:scale-rule=1,output=fp32", false, false, true, {"cutlass"}},
    {"flashmla", "normal:sigma=0.1", 4, 4, 128, 4096, false, AT_BF16, "fa3-bf16", false, false, false, {"flashmla"}},
    {"llama-cpp", "uniform", 4, 4, 32, 1024, false, AT_FP16, "fa3-fp16:output=fp32", false, false, false, {"llama-cpp"}},
    {"normal-16", "normal", 2, 2, 2048, 2048, false, AT_FP32, "fa3-bf16", false, false, false, {NULL}},
    {"normal-8", "normal", 2, 2, 2048, 2048, false, AT_FP32, "fa3-fp8", false, false, false, {NULL}},
    {"outliers-16", "iid-outlier", 2, 2, 2048, 2048, false, AT_FP32, "fa3-bf16", false, false, false, {NULL}},
    {"outliers-8", "iid-outlier", 2, 2, 2048, 2048, false, AT_FP32, "fa3-fp8", false, false, false, {NULL}},
    {"v-mean-8", "v-mean:mean=1", 2, 2, 8192, 8192, false, AT_FP32, "fa3-fp8", false, true, false, {NULL}},
};
const size_t trial_setting_count = sizeof trial_settings / sizeof trial_settings[0];
