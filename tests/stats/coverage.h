/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STATS_COVERAGE_H
#define AT_TESTS_STATS_COVERAGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How often nominal 95 % intervals hold the true mean of clustered, mildly skewed data. */
struct coverage {
    double bootstrap; /* at_stats_bootstrap over clusters: share of repetitions */
    double below, above; /* of them: the share of intervals wholly below and above the truth */
    double naive;     /* mean +- 1.96 sd / sqrt(elements), as if elements were independent */
};

struct coverage coverage_simulate(size_t clusters, size_t elements, size_t repetitions, size_t resamples, uint64_t seed);

#ifdef __cplusplus
}
#endif

#endif
