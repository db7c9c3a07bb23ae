/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_TAIL_H
#define AT_STATS_TAIL_H

#include "stats/gev.h"
#include "stats/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Beyond the sample: a generalised extreme value distribution fitted to the largest errors of heads (a head's largest of many errors is a
 * block maximum), by maximum likelihood, with profile likelihood intervals (Coles 2001, sections 2.6.6 and 3.3). All of it is conditional
 * on that model, which is why a fit carries a test of it.
 */
enum {
    AT_TAIL_FEWEST = 50, /* heads below which no tail is fitted: docs/statistics.md, "Coverage" */
    AT_TAIL_DRAWS = 19,  /* the least with which p can be 0.05 */
    AT_TAIL_REACH = 10,  /* no statement on more than so many times the heads measured */
};

struct at_tail {
    int64_t heads;
    double level;
    struct at_gev gev;
    struct at_interval shape; /* wholly below 0: the error has an upper end; wholly above 0: a heavy tail */
    double anderson_darling;
    double p_value; /* of it by parametric bootstrap with refits (Stute et al., Metrika 40 (1993) 243); small: no such distribution */
};

/*
 *   values: the largest error of each head; level: of the interval
 *   draws: of the bootstrap, p >= 1/(draws + 1); 0 for no test and a p of NaN; deterministic in `seed`
 * AT_ERR_UNDEFINED with fewer than AT_TAIL_FEWEST heads, a value that is not finite, values most of which are equal, or a fit with
 * shape <= -1/2, where the likelihood says nothing about the precision (Smith, Biometrika 72 (1985) 67).
 */
enum at_status at_tail_fit(const double *values, size_t heads, double level, size_t draws, uint64_t seed, struct at_tail *ret_tail,
                           struct at_error *error);

struct at_return_level {
    int64_t heads;
    double period, level;
    double value; /* exceeded by one head in `period` on average, if the model holds */
    struct at_interval interval;
};

/* period > 1. AT_ERR_UNDEFINED as above, and for a period above AT_TAIL_REACH times the number of heads; the message says what it needs. */
enum at_status at_tail_level(const double *values, size_t heads, double period, double level, struct at_return_level *ret_level,
                             struct at_error *error);

/* Anderson and Darling's distance of ascending values from the distribution: more weight to the ends than Kolmogorov's. */
double at_anderson_darling(const double *sorted, size_t count, const struct at_gev *gev);

#ifdef __cplusplus
}
#endif

#endif
