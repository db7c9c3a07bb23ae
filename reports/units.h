/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_UNITS_H
#define AT_REPORTS_UNITS_H

#include "metrics/metric.h"
#include "reports/pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The independent errors of a pool: one for each key/value head of each input, the worst of the query heads that read it. Each is known to
 * lie between two ends, which the radius of the truth sets; both are NaN where nothing is known of a head.
 */
struct at_units {
    size_t count, unknown;
    double *low, *high; /* [count]; owned */
};

/*
 * The ends of a measure that counts from 0 (smaller is better) or of the size of one that has a sign (nearer zero is better): value -+
 * radius, not below 0; where larger is better value -+ radius. Rounded outwards. radius NaN: the measure does not depend on the truth.
 */
struct at_interval at_unit_ends(double value, double radius, enum at_better better);

/*
 *   values: queries/head_values.sql of one metric, whose `better` says which of several query heads is the worst
 * Without a value in all the pool count is 0; a head that has none beside others that do is unknown. Free with at_units_done.
 * AT_ERR_MEMORY alone.
 */
enum at_status at_units_of(const struct at_pools *pools, const struct at_pool *pool, const struct at_table *values, enum at_better better,
                           struct at_units *ret_units);

void at_units_done(struct at_units *units);

#ifdef __cplusplus
}
#endif

#endif
