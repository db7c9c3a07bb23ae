/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/advice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QK_FP16 "q.format=fp16,k.format=fp16,q.storage=fp16,k.storage=fp16"
#define PV_FP16 "p.format=fp16,v.format=fp16,v.storage=fp16"

/* Changes of the fields that govern a rounding. */
static const struct {
    enum at_rounding rounding;
    const char *change;
} candidates[] = {
    {AT_ROUNDING_TRANSFORM, "rotate=none"},
    {AT_ROUNDING_TRANSFORM, "v.rotate=none"},
    {AT_ROUNDING_Q, "rotate=hadamard"},
    {AT_ROUNDING_Q, "q.smooth=mean"},
    {AT_ROUNDING_Q, "q.scale=token"},
    {AT_ROUNDING_Q, QK_FP16},
    {AT_ROUNDING_K, "k.smooth=mean"},
    {AT_ROUNDING_K, "rotate=hadamard"},
    {AT_ROUNDING_K, "k.scale=block128"},
    {AT_ROUNDING_K, "k.scale=token"},
    {AT_ROUNDING_K, QK_FP16},
    {AT_ROUNDING_V, "v.smooth=mean"},
    {AT_ROUNDING_V, "v.rotate=hadamard"},
    {AT_ROUNDING_V, "v.scale=channel"},
    {AT_ROUNDING_V, "v.scale=token"},
    {AT_ROUNDING_V, "v.scale=block128,promote=128"},
    {AT_ROUNDING_V, PV_FP16},
    {AT_ROUNDING_COEFFICIENT, "scale-rule=pow2"},
    {AT_ROUNDING_SCORES_SUM, QK_FP16},
    {AT_ROUNDING_SCORES_SUM, "rotate=hadamard"},
    {AT_ROUNDING_SCORES_SUM, "k.smooth=mean"},
    {AT_ROUNDING_SCORES, "scores=fp32"},
    {AT_ROUNDING_SCORES, "q.smooth=none"},
    {AT_ROUNDING_EXPONENT, "k.smooth=mean"},
    {AT_ROUNDING_EXPONENT, "p.offset=none"},
    {AT_ROUNDING_EXP2, "exp2=exact"},
    {AT_ROUNDING_ROW_SUM, "sum=unquantised"},
    {AT_ROUNDING_P, "p.offset=2^8"},
    {AT_ROUNDING_P, "p.offset=448"},
    {AT_ROUNDING_P, "p.offset=normalised"},
    {AT_ROUNDING_P, "sum=quantised"},
    {AT_ROUNDING_P, "v.smooth=mean"},
    {AT_ROUNDING_P, PV_FP16},
    {AT_ROUNDING_OUTPUT_SUM, "promote=tile"},
    {AT_ROUNDING_OUTPUT_SUM, "promote=128"},
    {AT_ROUNDING_OUTPUT_SUM, "promote=64"},
    {AT_ROUNDING_OUTPUT_SUM, "v.smooth=mean"},
    {AT_ROUNDING_OUTPUT_SUM, PV_FP16},
    {AT_ROUNDING_RESCALE, "promote=tile"},
    {AT_ROUNDING_PROMOTION, "promote=tile"},
    {AT_ROUNDING_DIVISION, "reciprocal=exact"},
    {AT_ROUNDING_RESTORE, "v.rotate=none"},
    {AT_ROUNDING_OUTPUT, "output=fp16"},
    {AT_ROUNDING_OUTPUT, "output=fp32"},
    {AT_ROUNDING_LSE, "reciprocal=exact"},
};

enum { CANDIDATES = sizeof candidates / sizeof candidates[0] };

/* How far the metric is from perfect. */
static double badness(const struct at_deviation *d, enum at_deviation_metric metric)
{
    double value = fabs(at_deviation_value(d, metric));
    return isnan(value) ? INFINITY : value;
}

/* Whether both are spelled alike in full. */
static bool same_numerics(const struct at_numerics *a, const struct at_numerics *b)
{
    char of_a[AT_NUMERICS_TEXT_SIZE], of_b[AT_NUMERICS_TEXT_SIZE];
    at_numerics_print(a, of_a);
    at_numerics_print(b, of_b);
    return strcmp(of_a, of_b) == 0;
}

static bool listed(const struct at_advices *advices, const struct at_numerics *numerics)
{
    if (same_numerics(&advices->own, numerics))
        return true;
    for (size_t i = 0; i < advices->count; i++)
        if (same_numerics(&advices->list[i].numerics, numerics))
            return true;
    return false;
}

/* *ret_numerics: those given with the change; false where it is refused or changes nothing. */
static bool changed(const struct at_budget_subject *subject, const struct at_numerics *from, const char *change,
                    struct at_numerics *ret_numerics)
{
    struct at_numerics resolved;
    *ret_numerics = *from;
    return !at_numerics_apply(ret_numerics, change, NULL) && !at_numerics_check(ret_numerics, NULL) &&
           !at_numerics_resolve(ret_numerics, &subject->c->problem, &resolved, NULL) && !same_numerics(from, ret_numerics);
}

/* Measures the change, whose text begins with `prefix`, and adds it to the list. */
static enum at_status try_change(const struct at_budget_subject *subject, const struct at_numerics *from, const char *prefix,
                                 size_t candidate, struct at_advices *advices, struct at_error *error)
{
    struct at_advice *advice = &advices->list[advices->count];
    if (advices->count == AT_ADVICE_MOST || !changed(subject, from, candidates[candidate].change, &advice->numerics))
        return AT_OK;
    advice->rounding = candidates[candidate].rounding;
    advice->second = *prefix;
    advice->widens = strstr(candidates[candidate].change, ".format=") != NULL;
    snprintf(advice->change, sizeof advice->change, "%s%s%s", prefix, *prefix ? "," : "", candidates[candidate].change);
    if (listed(advices, &advice->numerics) || (*prefix && advice->widens))
        return AT_OK;
    at_work_phase(subject->progress, "%s: with %s", subject->c->input->label, advice->change);
    enum at_status status = at_work_check(subject->progress, error);
    if (!status)
        status = at_budget_measure(subject, &advice->numerics, &advice->deviation, error);
    advices->count += !status;
    return status;
}

double at_advice_share(const struct at_budget_entry *entry)
{
    return fmax(entry->share_alone, entry->share_removed);
}

/* The leading entry that comes after `last` in the order of shares, equal ones as they stand; NULL: none. */
static const struct at_budget_entry *next_leading(const struct at_budget *budget, const struct at_budget_entry *last)
{
    const struct at_budget_entry *next = NULL;
    for (size_t i = 0; i < budget->count; i++) {
        const struct at_budget_entry *e = &budget->entries[i];
        double share = at_advice_share(e), before = last ? at_advice_share(last) : INFINITY;
        bool after = share < before || (!(share > before) && e > last);
        if (share >= AT_ADVICE_LEAST_SHARE && after && (!next || share > at_advice_share(next)))
            next = e;
    }
    return next;
}

const struct at_budget_entry *at_advice_lead(const struct at_budget *budget)
{
    return next_leading(budget, NULL);
}

/* The order of a list cannot be told to qsort without the metric; lists are short. */
static void sort(struct at_advices *advices, enum at_deviation_metric metric)
{
    for (size_t i = 1; i < advices->count; i++)
        for (size_t j = i; j > 0 && badness(&advices->list[j].deviation, metric) < badness(&advices->list[j - 1].deviation, metric); j--) {
            struct at_advice moved = advices->list[j];
            advices->list[j] = advices->list[j - 1];
            advices->list[j - 1] = moved;
        }
}

const struct at_advice *at_advice_best(const struct at_advices *advices, enum at_deviation_metric metric, bool widens,
                                       enum at_rounding rounding)
{
    const struct at_advice *one = NULL, *two = NULL; /* the best alone; the best on top of it */
    for (size_t i = advices->count; i-- > 0;)
        if (advices->list[i].widens == widens && (rounding == AT_ROUNDING_COUNT || advices->list[i].rounding == rounding))
            *(advices->list[i].second ? &two : &one) = &advices->list[i];
    if (one && two && badness(&two->deviation, metric) <= (1 - AT_ADVICE_LEAST_GAIN) * badness(&one->deviation, metric))
        one = two;
    return one && badness(&one->deviation, metric) < fabs(advices->value) ? one : NULL;
}

/* A change that is for several roundings is tried, and so listed, for the first of them. */
static enum at_status try_all(const struct at_budget_subject *subject, const struct at_numerics *from, const char *prefix,
                              const struct at_budget *budget, struct at_advices *advices, struct at_error *error)
{
    enum at_status status = AT_OK;
    for (const struct at_budget_entry *e = at_advice_lead(budget); e && !status; e = next_leading(budget, e))
        for (size_t i = 0; i < CANDIDATES && !status; i++)
            if (candidates[i].rounding == e->rounding)
                status = try_change(subject, from, prefix, i, advices, error);
    sort(advices, budget->metric);
    return status;
}

enum at_status at_advice_make(const struct at_budget_subject *subject, const struct at_variant_choice *variant,
                              const struct at_budget *budget, struct at_advices *ret_advices, struct at_error *error)
{
    struct at_advices advices = {.own = variant->numerics, .value = at_deviation_value(&budget->whole, budget->metric)};
    enum at_status status = try_all(subject, &variant->numerics, "", budget, &advices, error);
    const struct at_advice *best = status ? NULL : at_advice_best(&advices, budget->metric, false, AT_ROUNDING_COUNT);
    if (best) {
        const struct at_numerics numerics = best->numerics;
        char prefix[AT_ADVICE_TEXT_SIZE];
        snprintf(prefix, sizeof prefix, "%s", best->change);
        status = try_all(subject, &numerics, prefix, budget, &advices, error);
    }
    if (!status)
        *ret_advices = advices;
    return status;
}
