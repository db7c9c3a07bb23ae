/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_COMPARISON_H
#define AT_REPORTS_COMPARISON_H

#include "reports/pool.h"
#include "stats/paired.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Variants beside a baseline on the same inputs, paired by key/value head: RMSE of a head is the geometric mean over the query heads that
 * read it. Both errors have the same truth, so that their ratio is that of relative errors too.
 */

/* One variant of one pool. */
struct at_comparison {
    size_t pool;                /* index into pools.rows */
    size_t heads;               /* pairs */
    struct at_ratio ratio;      /* geometric mean of error / baseline's error; NaN: a head is exact or its error not finite */
    char why[160];              /* there is no interval; "" where there is one */
    struct at_paired_test test; /* signed rank */
    double p, adjusted;         /* two-sided, and adjusted by Holm over all comparisons of the result; NaN: no test */
};

struct at_comparisons {
    struct at_pools pools;
    struct at_comparison *rows; /* pool by pool */
    size_t count;
};

/*
 * Fills *c from the errors of both on the same heads: everything but `pool` and the adjustment for other comparisons (adjusted: NaN).
 *   own[heads], base[heads]
 */
enum at_status at_comparison_of(const double *own, const double *base, size_t heads, struct at_comparison *c);

/*
 * Of the runs that `filter` chooses, its variant left alone; `baseline` is a variant's name. AT_ERR_NOT_FOUND, with the variants there
 * are, when no run is of the baseline. A pool without it has no comparison. No row is no failure. Free with at_comparisons_done.
 */
enum at_status at_comparisons_load(struct at_store *store, const struct at_filter *filter, const char *baseline,
                                   struct at_comparisons *ret_comparisons, struct at_error *error);

void at_comparisons_done(struct at_comparisons *comparisons);

#ifdef __cplusplus
}
#endif

#endif
