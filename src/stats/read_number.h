/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_READ_NUMBER_H
#define AT_STATS_READ_NUMBER_H

#include "stats/cluster.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Numbers over samples that come in units, with an interval only where it was seen to cover (docs/readout.md, "Statistics"). A mean takes
 * AT_HEADS_FEWEST units and a studentised bootstrap of them (stats/heads.h). As many, and at_stats_bootstrap, takes a quantile beyond which
 * they leave AT_READ_TAIL_UNITS. One farther out has the interval of order statistics (stats/order.h) of one sample of each unit, which
 * takes as many units as leave one beyond it with probability (1 + level)/2: 368 for 99 %, 3688 for 99.9 % with a level of 95 %.
 */
enum { AT_READ_TAIL_UNITS = 8, AT_READ_WHY_SIZE = 112 };

/* A number, and its interval or why it has none. */
struct at_read_number {
    double value;                /* NaN: no sample */
    struct at_interval interval; /* NaN limits: none */
    bool by_order;               /* it is that of order statistics; else a bootstrap's, which is approximate */
    char why[AT_READ_WHY_SIZE];  /* there is none; "" where there is one */
};

/*
 * Of all samples of `clusters`, which are the units; `unit`: what one is called, and several; level: 0.95 for a 95 % interval, which is
 * what was seen to cover. AT_ERR_MEMORY.
 */
enum at_status at_read_mean(struct at_clusters *clusters, double level, const char *const unit[2], struct at_read_number *ret_number);

/* The same of samples between 0 and 1, whose mean is not above 1. */
enum at_status at_read_share(struct at_clusters *clusters, double level, const char *const unit[2], struct at_read_number *ret_number);

/* The same of the quantile 0 < p < 1, type 7. */
enum at_status at_read_quantile(struct at_clusters *clusters, double p, double level, const char *const unit[2],
                                struct at_read_number *ret_number);

#ifdef __cplusplus
}
#endif

#endif
