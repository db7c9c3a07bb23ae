/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_RULES_SAMPLE_H
#define AT_TESTS_RULES_SAMPLE_H

#include "rules/rule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One head of one row of n outputs in fp32, which need no rounding, of operands in `operands`; log-sum-exps 1 and 1. */
static inline struct at_rule_sample one_row(enum at_format operands, int64_t n, const float *got, const float *reference)
{
    static const float lse[1] = {1};
    struct at_rule_sample sample;
    sample.heads = sample.rows = 1;
    sample.dim = n;
    sample.got = got;
    sample.reference = sample.baseline = reference;
    sample.got_lse = sample.reference_lse = lse;
    sample.format = AT_FP32;
    sample.operands = operands;
    return sample;
}

/* What `rule` says of n outputs. */
static inline bool says(const struct at_rule *rule, enum at_format operands, int64_t n, const float *got, const float *reference)
{
    struct at_rule_sample sample = one_row(operands, n, got, reference);
    return rule->accepts(&sample);
}

#ifdef __cplusplus
}
#endif

#endif
