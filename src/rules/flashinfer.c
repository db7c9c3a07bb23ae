/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/rule.h"

static bool accepts(const struct at_rule_sample *sample)
{
    double sum = 0;
    for (int64_t i = 0; i < at_rule_outputs(sample); i++) {
        float error = sample->reference[i] - sample->got[i];
        sum += (double)(error * error);
    }
    float mse = (float)(sum / (double)at_rule_outputs(sample));
    return mse < 1.0f;
}

const struct at_rule at_rule_flashinfer = {
    .name = "flashinfer",
    .criterion = "mean (out - ref)^2 < 1",
    .source = "flashinfer-ai/flashinfer, tests/attention/test_hopper_fp8_attention.py, test_single_prefill; commit 1d91316",
    .choices = "the mean's order of addition: double, then fp32",
    .reference = AT_REFERENCE_KERNEL_16,
    .takes_8_bit = true,
    .accepts = accepts,
};
