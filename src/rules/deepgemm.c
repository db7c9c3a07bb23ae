/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/rule.h"

static double difference(const struct at_rule_sample *sample)
{
    double energy = 0, product = 0;
    for (int64_t i = 0; i < at_rule_outputs(sample); i++) {
        double x = (double)sample->got[i], y = (double)sample->reference[i];
        energy += x * x + y * y;
        product += x * y;
    }
    return energy == 0 ? 0 : 1 - 2 * product / energy;
}

static bool accepts(const struct at_rule_sample *sample)
{
    return difference(sample) < (at_rule_is_8_bit(sample) ? 1e-3 : 1e-5);
}

const struct at_rule at_rule_deepgemm = {
    .name = "deepgemm",
    .criterion = "1 - 2 <out, ref> / (|out|^2 + |ref|^2) < 1e-3 for FP8, 1e-5 for bf16",
    .source = "deepseek-ai/DeepGEMM, deep_gemm/testing/numeric.py, calc_diff; tests/test_fp8_fp4.py with generators.py, max_diff, "
              "tests/test_bf16.py; commit 54e2261",
    .choices = "a rule for matrix products, applied to attention: the reference is attention of the inputs before quantisation, as "
               "theirs is the product of those",
    .reference = AT_REFERENCE_INPUTS,
    .takes_8_bit = true,
    .takes_16_bit = true,
    .accepts = accepts,
};
