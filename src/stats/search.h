/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_SEARCH_H
#define AT_STATS_SEARCH_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Search in the unit cube for the least of an objective that need be neither smooth nor defined everywhere: NaN is worse than any number,
 * -infinity better. `x`[dims], 1 <= dims <= AT_SEARCH_DIMS, is where the search begins and, on AT_OK, where the least of the values seen
 * was. At most `evaluations` >= 1 are made, the first at x; outside the cube is reflected into it. AT_ERR_UNDEFINED: no value was a number.
 */
enum { AT_SEARCH_DIMS = 32 };
typedef double at_stats_objective(void *context, const double *x);

/* Temperatures are of the objective's unit, hot > cold > 0; `step` is the standard deviation of a step in a coordinate. */
struct at_annealing {
    uint64_t seed;
    double hot, cold, step;
};

/* Simulated annealing over geometrically falling temperatures; deterministic in the seed. */
enum at_status at_stats_anneal(at_stats_objective *objective, void *context, size_t dims, double *x, size_t evaluations,
                               const struct at_annealing *annealing, double *ret_value);

/* Nelder and Mead's simplex (GSL's nmsimplex2) whose edges begin with length `size`, 0 < size <= 1/2; ends early once it is a point. */
enum at_status at_stats_simplex(at_stats_objective *objective, void *context, size_t dims, double *x, size_t evaluations, double size,
                                double *ret_value);

#ifdef __cplusplus
}
#endif

#endif
