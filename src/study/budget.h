/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_BUDGET_H
#define AT_STUDY_BUDGET_H

#include "kernels/switched/rounding.h"
#include "kernels/variants/variant.h"
#include "study/deviation.h"
#include "study/plan.h"
#include "study/work.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the error of a variant on a case comes from: its roundings switched on alone, and off alone (docs/budget.md). */

struct at_budget_entry {
    enum at_rounding rounding;
    struct at_deviation alone, without; /* with this rounding only; with all others */
    double share_alone;                 /* additive(alone) / additive(whole) */
    double share_removed;               /* 1 - additive(without) / additive(whole) */
};

struct at_budget {
    enum at_deviation_metric metric;
    struct at_numerics numerics;                       /* resolved */
    struct at_deviation whole, none;                   /* all roundings, as the twin has them; no rounding: what double precision leaves */
    struct at_budget_entry entries[AT_ROUNDING_COUNT]; /* [count] of the roundings that happen, the largest share first */
    size_t count;
    double sum_alone, sum_removed; /* of the shares; 1 - sum is what comes from interaction */
};

/* What a budget is made on. `truths` are of the inputs. */
struct at_budget_subject {
    const struct at_case *c;
    const struct at_qkv *inputs;
    const struct at_truths *truths;
    enum at_simd simd;
    struct at_work *progress;
};

/*
 * Runs every setting of the switches; they are shared among OpenMP threads, and neither their number nor `simd` changes a bit. The setting
 * with all roundings has the twin's deviation to the bit. AT_ERR_UNDEFINED where the whole error is zero, not finite, or has no truth.
 */
enum at_status at_budget_make(const struct at_budget_subject *subject, const struct at_variant_choice *variant,
                              enum at_deviation_metric metric, struct at_budget *ret_budget, struct at_error *error);

/* The deviation of the twin itself with `numerics`, which need not be resolved. */
enum at_status at_budget_measure(const struct at_budget_subject *subject, const struct at_numerics *numerics,
                                 struct at_deviation *ret_deviation, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
