/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/read_number.h"

#include "stats/heads.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

/* Of all units, with its interval unless something refuses it. */
static enum at_status number_of(struct at_clusters *c, at_cluster_statistic *statistic, double needed, const char *const unit[2],
                                struct at_read_number *ret_number)
{
    struct at_read_number made = {.value = NAN, .interval = {NAN, NAN}};
    size_t *all = malloc((c->clusters + 1) * sizeof *all);
    if (!all)
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < c->clusters; i++)
        all[i] = i;
    if (c->clusters)
        made.value = statistic(c, all, c->clusters);
    free(all);
    enum at_status status = AT_OK;
    if (!refuse(c, needed, unit, &made)) {
        status = statistic == at_clusters_mean
                     ? at_heads_interval(statistic, c, c->clusters, at_interval_level, AT_INTERVAL_RESAMPLES, 1, &made.interval, NULL)
                     : at_stats_bootstrap(statistic, c, c->clusters, at_interval_level, AT_INTERVAL_RESAMPLES, 1, &made.interval);
        if (status == AT_ERR_UNDEFINED) {
            made.interval = (struct at_interval){NAN, NAN};
            snprintf(made.why, sizeof made.why, "a few %s hold so much of it that an interval would not cover", unit[1]);
            status = AT_OK;
        }
    }
    if (!status)
        *ret_number = made;
    return status;
}

enum at_status at_read_mean(struct at_clusters *clusters, const char *const unit[2], struct at_read_number *ret_number)
{
    return number_of(clusters, at_clusters_mean, AT_HEADS_FEWEST, unit, ret_number);
}

enum at_status at_read_quantile(struct at_clusters *clusters, double p, const char *const unit[2], struct at_read_number *ret_number)
{
    double needed = ceil(AT_READ_TAIL_UNITS / fmin(p, 1 - p) * (1 - 0x1p-40));
    clusters->p = p;
    return number_of(clusters, at_clusters_quantile, fmax(needed, AT_HEADS_FEWEST), unit, ret_number);
}
