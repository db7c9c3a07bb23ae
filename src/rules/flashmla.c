/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/rule.h"

#include <math.h>

struct tolerance {
    float abs, rel;
    double cosine;
};

/* An element that is not finite counts as 0 once it stands in both tensors: "deal with anomalies". */
static float finite_or_zero(float x)
{
    return isfinite(x) ? x : 0;
}

static bool same_anomaly(float x, float y)
{
    return isnan(x) || isnan(y) ? isnan(x) && isnan(y) : x == y || (isfinite(x) && isfinite(y));
}

static double cosine_difference(const float *got, const float *reference, int64_t count)
{
    double xx = 0, yy = 0, xy = 0;
    for (int64_t i = 0; i < count; i++) {
        double x = (double)finite_or_zero(got[i]), y = (double)finite_or_zero(reference[i]);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    return yy < 1e-12 ? 0 : 1 - 2 * xy / (yy + xx);
}

static bool all_close(const float *got, const float *reference, int64_t count, struct tolerance tolerance)
{
    for (int64_t i = 0; i < count; i++) {
        if (!same_anomaly(got[i], reference[i]))
            return false;
        float x = finite_or_zero(got[i]), y = finite_or_zero(reference[i]), abs = fabsf(x - y), rel = abs / (fabsf(y) + 1e-6f);
        if (!(abs < tolerance.abs || rel < tolerance.rel))
            return false;
    }
    return !(fabs(cosine_difference(got, reference, count)) > tolerance.cosine);
}

static bool accepts(const struct at_rule_sample *sample)
{
    const struct tolerance out = {8e-4f, 2.01f / 128, 5e-6}, lse = {1e-6f, 8.01f / 65536, 1e-7};
    return all_close(sample->got, sample->reference, at_rule_outputs(sample), out) &&
           all_close(sample->got_lse, sample->reference_lse, sample->heads * sample->rows, lse);
}

const struct at_rule at_rule_flashmla = {
    .name = "flashmla",
    .criterion = "every |out - ref| < 8e-4 or < 2.01/128 |ref|, and 1 - 2 <out, ref> / (|out|^2 + |ref|^2) <= 5e-6; the log-sum-exp with "
                 "1e-6, 8.01/65536, 1e-7",
    .source = "deepseek-ai/FlashMLA, tests/kernelkit/compare.py, check_is_allclose; tests/test_flash_mla_dense_decoding.py; commit 9241ae3",
    .choices = NULL,
    .reference = AT_REFERENCE_OPERANDS,
    .uses_lse = true,
    .takes_16_bit = true,
    .accepts = accepts,
};
