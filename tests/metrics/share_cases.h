/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_METRICS_SHARE_CASES_H
#define AT_TESTS_METRICS_SHARE_CASES_H

#include "sample.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * All cases of a metric that is the share of one count among the elements; returns the number that failed.
 *   own: offset of that count in struct at_counts
 */
int share_cases_run(const struct at_metric *metric, size_t own);

#ifdef __cplusplus
}
#endif

#endif
