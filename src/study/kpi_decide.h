/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_DECIDE_H
#define AT_STUDY_KPI_DECIDE_H

#include "stats/stats.h"
#include "study/kpi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Decides one requirement from numbers; where they come from is study/kpi_facts.h. */

/* One value of a row, a head or a case, or its quotient with a baseline's. */
struct at_kpi_item {
    double value;     /* NaN: undefined */
    double low, high; /* the truth's radius lets it lie anywhere here; NaN: unknown */
    size_t unit;      /* the key/value head of one input that it belongs to, counted from 0 without gaps, in ascending order */
};

/* value +- radius, and where base is given (not NULL) its quotient with *base +- base_radius; NaN where the base is NaN or infinite. */
struct at_kpi_item at_kpi_item_make(double value, double radius, const double *base, double base_radius, size_t unit);

struct at_kpi_finding {
    enum at_verdict verdict;
    double value;                /* the mean; else the item nearest to missing the bound, or farthest beyond it; NaN: none */
    struct at_interval interval; /* of the mean; of the quantile: limits of the share of heads that miss (kpi_share.h); NaN: none */
    size_t worst;                /* index of the item shown; not of the mean */
    size_t items, units;
    size_t missing, unknown; /* units that certainly miss; that cannot be judged */
    /*
     * Cannot say: so many more heads, all meeting or all missing, would decide it; of a mean about so many, if mean and spread stay, or
     * so many until it has an interval. 0: not known, -1: above 1e9.
     */
    int64_t further_met, further_not_met;
    char why[256]; /* of a mean without an interval: why; else "" */
};

/*
 * What the items say about the requirement.
 *   whole: the units are all that there are (a capture): mean and quantile are then facts about them, without confidence
 * value, worst-row, worst-head and maximum: every item must meet. quantile: kpi_share.h; a unit misses when one of its items does.
 * mean: of the units; met when their interval at the requirement's confidence, widened by the radii, meets the bound; cannot say where
 * stats/heads.h gives none, and when all units are equal. A mean that is infinite is judged as such.
 */
enum at_status at_kpi_decide(const struct at_kpi_requirement *requirement, const struct at_kpi_item *items, size_t count, bool whole,
                             struct at_kpi_finding *ret_finding, struct at_error *error);

/* Whether value in [low, high] meets all terms. */
enum at_verdict at_kpi_judge(const struct at_kpi_requirement *requirement, double low, double high);

#ifdef __cplusplus
}
#endif

#endif
