/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/close.h"
#include "rules/rule.h"

#include <math.h>

/* torch.Tensor.max(): NaN if any element is. sign -1 gives -min(). */
static double largest(const float *x, int64_t count, float sign)
{
    float most = -INFINITY;
    for (int64_t i = 0; i < count; i++) {
        if (isnan(x[i]))
            return NAN;
        most = fmaxf(most, sign * x[i]);
    }
    return (double)most;
}

/* Python's max(a, b): a unless b is larger. */
static double python_max(double a, double b)
{
    return b > a ? b : a;
}

static bool accepts(const struct at_rule_sample *sample)
{
    const double tolerance =
        0.11; /* test_dpa_fp8_vs_f16; with projections 0.15 (test_mha_fp8_vs_f16) and 0.13 (test_custom_mha_fp8_vs_f16) */
    int64_t count = at_rule_outputs(sample);
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        float error = at_close_difference(sample->format, sample->got[i], sample->reference[i]);
        sum += (double)at_close_round(sample->format, error * error);
    }
    float mean = at_close_round(sample->format, (float)(sum / (double)count));
    double rmse = (double)at_close_round(sample->format, sqrtf(mean));
    double top = python_max(largest(sample->got, count, 1), largest(sample->reference, count, 1));
    double bottom = python_max(largest(sample->got, count, -1), largest(sample->reference, count, -1));
    return rmse < tolerance * (top + bottom);
}

const struct at_rule at_rule_transformer_engine = {
    .name = "transformer-engine",
    .criterion = "rms (out - ref) < 0.11 (largest - smallest element of both)",
    .source = "NVIDIA/TransformerEngine, tests/pytorch/utils.py, compare_and_assert, commit 009e651; "
              "attention/test_attention.py, test_dpa_fp8_vs_f16, commit 00d14cd",
    .choices = "the mean's order of addition: double, then the outputs' type; the element-wise comparison before it is only logged there",
    .reference = AT_REFERENCE_KERNEL_16,
    .takes_8_bit = true,
    .accepts = accepts,
};
