/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_SWEPT_H
#define AT_REPORTS_SWEPT_H

#include "reports/query.h"
#include "reports/spelling.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Sweeps found in a store (queries/sensitivity.sql): runs of one variant whose inputs differ in one parameter of their distribution, in
 * their length or in their head dimension, and otherwise in nothing but seeds and labels. Studies and command lines count alike.
 */

struct at_swept_question {
    const char *over;         /* a parameter, "keys" or "dim"; NULL: everything that was varied */
    const char *distribution; /* its name; NULL: every one */
    double from, to;          /* only x in [from, to] */
    bool logarithmic;         /* x must be > 0 to be a point */
};

/*
 * One sweep of one variant. A head is a key/value head of one seed; its y is the geometric mean over the query heads that read it.
 * Heads that are not there at every x are left out; if none is, y has one row, at each x the geometric mean of the heads there, and
 * `apart` is set. A point is left out where a head of it has no logarithm (0, undefined, infinite, of the other sign), or a radius
 * above a 2^10th of its value.
 */
struct at_swept {
    const char *variant; /* owned by the table */
    char *title;         /* "iid-outlier:probability=0.001,sigma=*, 4 heads, 512 keys, d 64, fp16, 16 rows"; owned */
    const char *over;    /* owned by the names */
    size_t points, heads, points_out, heads_out;
    double *x, *y;        /* [points] ascending; [heads][points], > 0; owned */
    bool apart, negative; /* negative: y is minus the metric, which is below 0 nearly everywhere */
};

struct at_swepts {
    struct at_swept *rows; /* of at least 3 different x; by parameter, title, variant */
    size_t count;
    size_t most;                          /* the most different x of any, 3 or not */
    char (*names)[AT_SPELLING_NAME_SIZE]; /* what may be varied: the parameters of the distributions there, "keys", "dim"; owned */
    size_t name_count;
    struct at_table table;
};

/*
 * `filter` has a metric and a reference. AT_ERR_NOT_FOUND, with the nearest name, for a parameter that no run looked at has. No row
 * is no failure. Free with at_swept_done.
 */
enum at_status at_swept_load(struct at_store *store, const struct at_filter *filter, const struct at_swept_question *question,
                             struct at_swepts *ret_swepts, struct at_error *error);

void at_swept_done(struct at_swepts *swepts);

#ifdef __cplusplus
}
#endif

#endif
