/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/close.h"
#include "rules/rule.h"

#include <math.h>

/* fmax passes over NaN, so only the mean sees one; the difference of two elements has the elements' type. */
static bool small(const float *got, const float *reference, int64_t count, enum at_format format, double most, double mean)
{
    double largest = 0, sum = 0;
    for (int64_t i = 0; i < count; i++) {
        double difference = (double)fabsf(at_close_difference(format, got[i], reference[i]));
        largest = fmax(difference, largest);
        sum += difference;
    }
    return largest < most && sum / (double)count < mean;
}

static bool accepts(const struct at_rule_sample *sample)
{
    bool quantised = at_rule_is_8_bit(sample);
    double most = quantised ? 1e-1 : 1e-2, mean = quantised ? 1e-1 : 1e-3;
    return small(sample->got, sample->reference, at_rule_outputs(sample), sample->format, most, mean) &&
           small(sample->got_lse, sample->reference_lse, sample->heads * sample->rows, AT_FP32, most, mean);
}

const struct at_rule at_rule_cutlass = {
    .name = "cutlass",
    .criterion = "max and mean |out - ref| < 0.1 and 0.1 for FP8, 0.01 and 0.001 for fp16; the log-sum-exp alike",
    .source = "NVIDIA/cutlass, examples/88_hopper_fmha/88_hopper_fmha.cu, FwdRunner::verify; reference/reference_abs_error.hpp; "
              "commit 7107b05",
    .choices = NULL,
    .reference = AT_REFERENCE_OPERANDS,
    .uses_lse = true,
    .takes_8_bit = true,
    .takes_16_bit = true,
    .accepts = accepts,
};
