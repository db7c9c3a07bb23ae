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

/* NaN and an infinity are rejected, an infinity even where the reference has it: differences and sums of them are NaN. */
static inline void assert_rejects_specials(const struct at_rule *rule)
{
    const float inf = INFINITY, nothing[2] = {0, 0}, nan_among[2] = {NAN, 0};
    assert_false(says(rule, AT_E4M3, 2, nan_among, nothing));
    assert_false(says(rule, AT_E4M3, 1, &inf, nothing));
    assert_false(says(rule, AT_E4M3, 1, &inf, &inf));
}

/* As torch.testing.assert_close: NaN is close to nothing, an infinity to itself alone. */
static inline void assert_close_specials(const struct at_rule *rule)
{
    const float inf = INFINITY, minus = -INFINITY, nan = NAN, one = 1, nan_among[2] = {NAN, 2}, finite[2] = {1, 2};
    assert_false(says(rule, AT_E4M3, 2, nan_among, finite));
    assert_false(says(rule, AT_E4M3, 1, &nan, &nan));
    assert_true(says(rule, AT_E4M3, 1, &inf, &inf));
    assert_false(says(rule, AT_E4M3, 1, &inf, &minus));
    assert_false(says(rule, AT_E4M3, 1, &inf, &one));
    assert_false(says(rule, AT_E4M3, 1, &one, &inf));
}

#ifdef __cplusplus
}
#endif

#endif
