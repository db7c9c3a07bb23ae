/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_ADVICE_H
#define AT_STUDY_ADVICE_H

#include "study/budget.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What to change, drawn from a budget: changes of the numerics that govern its leading roundings, each measured by the twin. */

/* A rounding with a smaller share, alone and removed, asks for no advice; nor does a negative share: the error would grow without it. */
#define AT_ADVICE_LEAST_SHARE 0.1

/* A second change that gains less is not called the best: one change is simpler. */
#define AT_ADVICE_LEAST_GAIN 0.05

enum { AT_ADVICE_MOST = 40, AT_ADVICE_TEXT_SIZE = 160 };

struct at_advice {
    enum at_rounding rounding;        /* of the leading ones that it is for, that with the largest share */
    char change[AT_ADVICE_TEXT_SIZE]; /* "k.smooth=mean", as for a variant's spelling */
    bool widens;                      /* an operand goes to 16 bits: another cost, so it is named apart */
    bool second;                      /* a change on top of the best one */
    struct at_numerics numerics;      /* the changed ones */
    struct at_deviation deviation;    /* of the twin with them */
};

struct at_advices {
    struct at_advice list[AT_ADVICE_MOST]; /* [count], the smallest error first */
    size_t count;
    struct at_numerics own; /* the variant's */
    double value;           /* of the metric with them */
};

/*
 * Changes for every rounding of the budget with AT_ADVICE_LEAST_SHARE or more, and each of those that widen nothing on top of the best of
 * these. What at_numerics_check refuses or what changes nothing is left out.
 */
enum at_status at_advice_make(const struct at_budget_subject *subject, const struct at_variant_choice *variant,
                              const struct at_budget *budget, struct at_advices *ret_advices, struct at_error *error);

/* What a rounding leads by: the larger of its shares alone and removed; negative where it makes the error smaller both ways. */
double at_advice_share(const struct at_budget_entry *entry);

/* The entry with the largest of these; NULL where none is AT_ADVICE_LEAST_SHARE. */
const struct at_budget_entry *at_advice_lead(const struct at_budget *budget);

/*
 * The best for `rounding` (AT_ROUNDING_COUNT: for any) that widens an operand, or widens none, and is better than the variant; NULL where
 * there is none.
 */
const struct at_advice *at_advice_best(const struct at_advices *advices, enum at_deviation_metric metric, bool widens,
                                       enum at_rounding rounding);

#ifdef __cplusplus
}
#endif

#endif
