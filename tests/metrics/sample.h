/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_METRICS_SAMPLE_H
#define AT_TESTS_METRICS_SAMPLE_H

#include "metrics/metric.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Random rows, and the checks that every metric's test makes. All errors are computed beside them in long double. */

enum { SAMPLE_ROWS = 24, SAMPLE_DIM = 32, SAMPLE_KEYS = 40 };

struct samples {
    struct at_row_sample row[SAMPLE_ROWS]; /* pointing into the arrays below: not to be copied */
    float got[SAMPLE_ROWS][SAMPLE_DIM];
    double truth[SAMPLE_ROWS][SAMPLE_DIM], radius[SAMPLE_ROWS][SAMPLE_DIM], sum_abs[SAMPLE_ROWS][SAMPLE_DIM];
    double got_p[SAMPLE_ROWS][SAMPLE_KEYS], truth_p[SAMPLE_ROWS][SAMPLE_KEYS];
};

/*
 * Rows of several magnitudes with errors of a few per cent, weights rounded to e4m3 with zeros and ties among them, and radii of `radius`
 * times the magnitude of the row.
 */
void samples_make(struct samples *samples, uint64_t seed, double radius);

/* The state after rows from..to - 1. */
struct at_metric_state samples_state(const struct at_metric *metric, const struct samples *samples, int from, int to);

/*
 * The value of all rows lies within `tolerance` of `expected`; so does merge(rows before i, rows from i on) for every i, with the same
 * radius. The first row alone has another value, so that dropping rows is seen.
 */
void samples_check(const struct at_metric *metric, const struct samples *samples, long double expected, long double tolerance);

/*
 * Moves every truth within its radius, at random and all one way, and demands that the value moves by no more than the reported radius,
 * that this radius is finite and above 0, and that some move reaches 1/slack of it.
 */
void samples_check_radius(const struct at_metric *metric, uint64_t seed, double slack);

/* A row of `dim` <= 32 outputs without weights: radius 0, sum_abs 1, both log-sum-exps 0. */
struct at_row_sample plain_row(int64_t dim, const float *got, const double *truth);

/* A row of weights: outputs 0. */
struct at_row_sample weight_row(int64_t keys, const double *got_p, const double *truth_p);

/* The value of one row; NaN when undefined. */
double row_value(const struct at_metric *metric, struct at_row_sample row);

/* Of two rows, both added to one state. */
double rows_value(const struct at_metric *metric, struct at_row_sample first, struct at_row_sample second);

#ifdef __cplusplus
}
#endif

#endif
