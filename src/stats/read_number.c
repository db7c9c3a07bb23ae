/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/read_number.h"

#include "stats/heads.h"
#include "stats/order.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { RESAMPLES = 2000 };

/* Why there can be no interval, before one is tried; it takes `needed` units. */
static bool refuse(const struct at_clusters *c, double needed, const char *const unit[2], struct at_read_number *number)
{
    if ((double)c->clusters < needed)
        snprintf(number->why, sizeof number->why, "%zu %s: an interval takes %.0f", c->clusters, unit[c->clusters != 1], needed);
    else if (!isfinite(number->value))
        snprintf(number->why, sizeof number->why, "it is not finite");
    else if (c->value[0] == c->value[c->count - 1])
        snprintf(number->why, sizeof number->why, "all samples are alike: an interval takes some that differ");
    return number->why[0];
}

/* Of all values: each unit counts by how many it has. */
static enum at_status mean_interval(const struct at_clusters *c, double level, size_t resamples, struct at_interval *ret_interval)
{
    double *size = malloc(c->clusters * sizeof *size);
    if (!size)
        return AT_ERR_MEMORY;
    for (size_t k = 0; k < c->clusters; k++)
        size[k] = (double)c->size[k];
    enum at_status status = at_heads_interval(c->sum, size, c->clusters, level, resamples, 1, ret_interval, NULL);
    free(size);
    return status;
}

/* Of all units, with its interval unless something refuses it. */
static enum at_status number_of(struct at_clusters *c, at_cluster_statistic *statistic, double needed, double level,
                                const char *const unit[2], struct at_read_number *ret_number)
{
    struct at_read_number made = {.value = NAN, .interval = {NAN, NAN}};
    size_t resamples = (size_t)fmax(RESAMPLES, ceil(20 / (1 - level)));
    enum at_status status = at_clusters_value(c, statistic, &made.value);
    if (status)
        return status;
    if (!refuse(c, needed, unit, &made)) {
        status = statistic == at_clusters_mean ? mean_interval(c, level, resamples, &made.interval)
                                               : at_stats_bootstrap(statistic, c, c->clusters, level, resamples, 1, &made.interval);
        if (status == AT_ERR_UNDEFINED) {
            made.interval = (struct at_interval){NAN, NAN};
            snprintf(made.why, sizeof made.why, "so many %s are alike that resamples show nothing of the others", unit[1]);
            status = AT_OK;
        }
    }
    if (!status)
        *ret_number = made;
    return status;
}

enum at_status at_read_mean(struct at_clusters *clusters, double level, const char *const unit[2], struct at_read_number *ret_number)
{
    return number_of(clusters, at_clusters_mean, AT_HEADS_FEWEST, level, unit, ret_number);
}

enum at_status at_read_share(struct at_clusters *clusters, double level, const char *const unit[2], struct at_read_number *ret_number)
{
    enum at_status status = at_read_mean(clusters, level, unit, ret_number);
    if (!status && ret_number->interval.high > 1)
        ret_number->interval.high = 1;
    return status;
}

/*
 * One sample of each unit: samples of independent units. Which rank it has within its unit goes evenly over all ranks (multiples of the
 * golden ratio modulo 1), so that as many are above a quantile of all samples as should be, on average over sources, with less scatter than
 * draws at random: the number above it is a sum of independent 0s and 1s, which is nearer its mean than the binomial that order statistics
 * count with (Hoeffding, Ann. Math. Statist. 27 (1956) 713).
 */
static enum at_status take_one_of_each(const struct at_clusters *c, double *ret_taken)
{
    const double golden = 0x1.3c6ef372fe950p-1; /* (sqrt(5) - 1) / 2 */
    size_t *left = malloc((c->clusters + 1) * sizeof *left);
    if (!left)
        return AT_ERR_MEMORY;
    for (size_t k = 0; k < c->clusters; k++) {
        double whole, part = modf(((double)k + 0.5) * golden, &whole);
        left[k] = (size_t)(part * (double)c->size[k]);
    }
    for (size_t i = 0; i < c->count; i++)
        if (left[c->of[i]]-- == 0)
            ret_taken[c->of[i]] = c->value[i];
    free(left);
    return AT_OK;
}

/* Of all units, with the interval of order statistics. */
static enum at_status tail_of(struct at_clusters *c, double level, const char *const unit[2], struct at_read_number *ret_number)
{
    int64_t needed;
    double attained;
    struct at_read_number made;
    enum at_status status = number_of(c, at_clusters_quantile, INFINITY, level, unit, &made);
    if (!status)
        status = at_order_fewest(c->p > 0.5 ? AT_SIDE_UPPER : AT_SIDE_LOWER, (1 + level) / 2, fmax(c->p, 1 - c->p), 1, &needed);
    made.why[0] = '\0';
    made.by_order = true;
    if (status || refuse(c, (double)needed, unit, &made)) {
        *ret_number = made;
        return status;
    }
    double *taken = malloc(c->clusters * sizeof *taken);
    status = taken ? take_one_of_each(c, taken) : AT_ERR_MEMORY;
    if (!status)
        status = at_order_quantile(taken, c->clusters, c->p, level, &made.interval, &attained, NULL);
    free(taken);
    if (!status)
        *ret_number = made;
    return status;
}

enum at_status at_read_quantile(struct at_clusters *clusters, double p, double level, const char *const unit[2],
                                struct at_read_number *ret_number)
{
    clusters->p = p;
    if (fmin(p, 1 - p) * AT_HEADS_FEWEST < AT_READ_TAIL_UNITS)
        return tail_of(clusters, level, unit, ret_number);
    return number_of(clusters, at_clusters_quantile, AT_HEADS_FEWEST, level, unit, ret_number);
}
