/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/close.h"
#include "rules/rule.h"

#include <math.h>

/* The largest |((x + 0.3) - 0.3) - x| over the reference, in its own type: what rounding alone does to it. */
static float largest_of_arithmetic(const struct at_rule_sample *sample)
{
    float largest = 0;
    for (int64_t i = 0; i < at_rule_outputs(sample); i++) {
        float x = sample->reference[i];
        float moved = at_close_difference(sample->format, at_close_round(sample->format, x + 0.3f), 0.3f);
        float error = fabsf(at_close_difference(sample->format, moved, x));
        if (isnan(error))
            return error;
        largest = fmaxf(largest, error);
    }
    return largest;
}

static bool accepts(const struct at_rule_sample *sample)
{
    const double rtol = 2; /* 3 with softcap, which attest does not compute */
    int64_t count = at_rule_outputs(sample);
    double atol = 2 * (double)largest_of_arithmetic(sample);
    double error = (double)at_close_largest(sample->got, sample->reference, count, sample->format);
    double baseline = (double)at_close_largest(sample->baseline, sample->reference, count, sample->format);
    return error <= rtol * baseline + atol;
}

const struct at_rule at_rule_flash_attention_3 = {
    .name = "flash-attention-3",
    .criterion = "max |out - ref| <= 2 max |out_pt - ref| + 2 max |ref + 0.3 - 0.3 - ref|",
    .source = "Dao-AILab/flash-attention, hopper/test_flash_attn.py, test_flash_attn_output; test_util.py, attention_ref; commit 0251105",
    .choices = NULL,
    .reference = AT_REFERENCE_OPERANDS,
    .uses_baseline = true,
    .takes_8_bit = true,
    .takes_16_bit = true,
    .accepts = accepts,
};
