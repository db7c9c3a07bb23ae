/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_METRICS_METRIC_H
#define AT_METRICS_METRIC_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Error measures. One file of this folder each; meson.build lists them. */

/*
 * One query row: what a kernel gave and what the oracle says. Borrowed arrays. A row whose truth is NaN has no reference: metrics
 * that need one skip it.
 */
struct at_row_sample {
    int64_t dim;              /* outputs of the row */
    const float *got;         /* [dim] */
    const double *truth;      /* [dim] */
    const double *radius;     /* [dim] bound on the truth's own error */
    const double *sum_abs;    /* [dim] sum of p * |v|; to 1e-15 relative, or to the largest radius / sum_abs, if that is more */
    float got_lse;
    double truth_lse;         /* NaN: no reference */
    double lse_radius;        /* bound on truth_lse's own error */
    int64_t keys;             /* keys the row sees */
    const double *got_p;      /* [keys] normalised weights, or NULL: metrics of P are then undefined */
    const double *truth_p;    /* [keys] as good as sum_abs, or NULL */
};

/* Counts of prepare and of the kernel, of one head or of a whole case; added once with add_counts. */
struct at_counts {
    int64_t elements;         /* quantised elements of Q, K, V, and P elements of the looked-at rows */
    int64_t saturated, underflowed;
};

/*
 * An output that is not finite (or whose square is not) makes a metric of it +infinity, -infinity where larger is better, undefined
 * where nearer zero is better: no bound is ever met. docs/metrics.md says when each is undefined and derives its radius.
 */

/* A metric's accumulator: plain numbers, all zero at the start, so that a state can be stored, copied and merged. */
struct at_metric_state {
    double v[8];
    int64_t n;
};

/*
 * What larger values mean for a gate; every metric is worse when larger except where it says so.
 */
enum at_better { AT_SMALLER_IS_BETTER, AT_LARGER_IS_BETTER, AT_NEARER_ZERO_IS_BETTER };

struct at_metric {
    const char *name;    /* store key and gate key, a C identifier: "rel_rmse" */
    const char *label;   /* for tables: "relative RMSE" */
    const char *unit;    /* "", "bit", "dB", "row" ... */
    const char *formula; /* one line */
    enum at_better better;
    void (*add)(struct at_metric_state *state, const struct at_row_sample *row);         /* may be NULL */
    void (*add_counts)(struct at_metric_state *state, const struct at_counts *counts); /* may be NULL */
    /* state <- state of both: merge(a, b) equals adding b's rows after a's up to rounding of sums. */
    void (*merge)(struct at_metric_state *state, const struct at_metric_state *other);
    /* AT_ERR_UNDEFINED when the metric cannot be computed from what was added (no rows, 0/0, no P): stored as NULL, never as 0. */
    enum at_status (*value)(const struct at_metric_state *state, double *ret_value);
    /*
     * How far the truth's radius could have moved the value; >= 0, infinite when it bounds nothing. 0 beside an undefined value and
     * beside the infinity that a non-finite output gives. NULL: the metric does not depend on the truth.
     */
    double (*radius)(const struct at_metric_state *state);
};

extern const struct at_metric *const at_metrics[];
extern const size_t at_metric_count;

enum at_status at_metric_find(const char *name, const struct at_metric **ret_metric, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
