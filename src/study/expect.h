/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_EXPECT_H
#define AT_STUDY_EXPECT_H

#include "study/budget.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The error to expect of numerics on given inputs, by a model and not by a run: each rounding as noise of its format, carried through the
 * softmax to first order (docs/budget.md, "Expected against measured"). It needs no twin of the kernel, only its declared numerics: an
 * error far above it is no noise of the formats.
 */
struct at_expectation {
    double square[AT_ROUNDING_COUNT]; /* expected sum of squared errors of each rounding alone; 0 for those of fp32, which are left out */
    double truth2;                    /* sum of squared truths, of rows that have one */
};

/*
 * Of all rows and heads of the subject, whose truths hold the weights P. `numerics` need not be resolved. Rows are shared among threads;
 * their number changes no bit.
 */
enum at_status at_expect(const struct at_budget_subject *subject, const struct at_numerics *numerics,
                         struct at_expectation *ret_expectation, struct at_error *error);

/* The relative RMSE expected: sqrt(sum of squares / truth2); NaN for a truth of zeros. */
double at_expectation_value(const struct at_expectation *expectation);

#ifdef __cplusplus
}
#endif

#endif
