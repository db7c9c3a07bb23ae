/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_DEVIATION_H
#define AT_STUDY_DEVIATION_H

#include "study/truth.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How far outputs in double precision are from the truth: metrics (docs/metrics.md) of outputs that no format has rounded, which those of
 * src/metrics cannot take. Sums are over the outputs of rows that have a finite truth.
 */
struct at_deviation {
    int64_t outputs, nonfinite;
    double error2, truth2; /* sum (got - truth)^2, sum truth^2 */
    double toward, size;   /* sum (got - truth) sign(truth), sum |truth| */
    double most;           /* max |got - truth| / sum p|v|, where that is not 0/0 */
    double lse;            /* max |got - truth| of the log-sum-exps */
};

enum at_deviation_metric { AT_DEVIATION_REL_RMSE, AT_DEVIATION_MAX_REL_SUM_ABS, AT_DEVIATION_BIAS, AT_DEVIATION_LSE, AT_DEVIATION_COUNT };

struct at_deviation_info {
    const char *name;  /* of the metric in src/metrics */
    const char *share; /* what shares are of */
};

extern const struct at_deviation_info at_deviations[AT_DEVIATION_COUNT];

/* AT_DEVIATION_REL_RMSE for NULL; an unknown name is refused with the nearest one. */
enum at_status at_deviation_find(const char *name, enum at_deviation_metric *ret_metric, struct at_error *error);

/* Adds row i of `truth`: o[dim] and its log-sum-exp. */
void at_deviation_add(struct at_deviation *deviation, const struct at_oracle_truth *truth, int64_t i, int64_t dim, const double *o,
                      double lse);

/* The metric; NaN where it is undefined (no outputs, a truth of zeros), infinite where an output is not finite. */
double at_deviation_value(const struct at_deviation *deviation, enum at_deviation_metric metric);

/*
 * What shares are taken of: the mean squared error relative to that of the truth for rel_rmse, since independent errors add in squares;
 * else the metric itself.
 */
double at_deviation_additive(const struct at_deviation *deviation, enum at_deviation_metric metric);

#ifdef __cplusplus
}
#endif

#endif
