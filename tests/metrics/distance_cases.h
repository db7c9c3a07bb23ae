/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_METRICS_DISTANCE_CASES_H
#define AT_TESTS_METRICS_DISTANCE_CASES_H

#include "metrics/divergence.h"

#include "sample.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A metric that is the mean or the largest of a distance of each row's weights. */
struct distance_metric {
    const struct at_metric *metric;
    bool (*distance)(const struct at_row_sample *row, struct at_distance *ret_distance);
    bool largest; /* else the mean */
    double lost;  /* the distance of (0.75, 0) from (0.75, 0.25), by hand */
    uint64_t seed;
};

/* Runs all cases; returns the number that failed. */
int distance_cases_run(const struct distance_metric *tested);

#ifdef __cplusplus
}
#endif

#endif
