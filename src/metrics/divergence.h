/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_METRICS_DIVERGENCE_H
#define AT_METRICS_DIVERGENCE_H

#include "metrics/metric.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Distances between the kernel's weights g and the true ones t of one row, as a value with its radius. */
struct at_distance {
    double value, radius;
};

/*
 * sum g ln(g/t) - g + t, in nats: the Kullback-Leibler divergence KL(g || t) where both sum to 1, and in general Csiszar's I-divergence:
 * every term is >= 0, and 0 only for g = t, so a row sum that is not 1 counts and nothing has to be normalised away.
 * Why not KL(t || g): quantised P holds zeros wherever a weight underflows, and that direction is infinite then, for a lost weight of
 * 1e-7 as for a lost row. This one gives t for such a key: weights lost, all else right, cost the lost mass.
 * false when the row has no weights. A weight that is not finite or negative gives infinity.
 * Radius: t moves by at most eps t, eps = at_row_relative(row): g |ln(t'/t)| <= g eps/(1 - eps) and |t' - t| <= eps t. Where t has
 * underflowed to 0 under g > 0, t is taken as 2^-1074: the value is a lower bound and its radius infinite.
 */
bool at_distance_kl(const struct at_row_sample *row, struct at_distance *ret_distance);

/*
 * Total variation, sum |g - t| / 2. Neither is normalised: a row sum that is off by m counts at least m / 2. The same conventions;
 * radius sum eps t / 2.
 */
bool at_distance_tv(const struct at_row_sample *row, struct at_distance *ret_distance);

#ifdef __cplusplus
}
#endif

#endif
