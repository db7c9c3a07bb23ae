/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/rule.h"

#include <math.h>

static bool accepts(const struct at_rule_sample *sample)
{
    const float atol = 1e-2f, rtol = 1e-2f, epsilon = 1e-8f;
    const double required = 0.95;
    int64_t count = at_rule_outputs(sample), exceeding = 0;
    for (int64_t i = 0; i < count; i++) {
        if (!isfinite(sample->got[i]))
            return false;
        float error = fabsf(sample->got[i] - sample->reference[i]);
        exceeding += error > atol && error / (fabsf(sample->reference[i]) + epsilon) > rtol;
    }
    double matched = 1.0 - (double)exceeding / (double)count;
    return !(matched < required);
}

const struct at_rule at_rule_flashinfer_bench = {
    .name = "flashinfer-bench",
    .criterion = "outputs finite, and of 95 % of them |out - ref| <= 0.01 or <= 0.01 |ref|",
    .source = "flashinfer-ai/flashinfer-bench, flashinfer_bench/bench/evaluators/lowbit.py, commit 13785ad; utils.py, "
              "compute_error_stats, commit 00a1ec8; config.py, commit 1039e39",
    .choices = "the evaluator of low-bit kernels, which the source applies to FP8 mixtures of experts",
    .reference = AT_REFERENCE_OPERANDS,
    .takes_8_bit = true,
    .accepts = accepts,
};
