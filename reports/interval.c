/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/interval.h"

#include "stats/heads.h"

#include <math.h>
#include <stdlib.h>

const double at_interval_level = 0.95;

enum at_status at_interval_of(at_cluster_statistic *statistic, void *context, size_t clusters, struct at_interval *ret_interval)
{
    enum at_status status = clusters < AT_INTERVAL_FEWEST ? AT_ERR_UNDEFINED
                                                          : at_stats_bootstrap(statistic, context, clusters, at_interval_level,
                                                                               AT_INTERVAL_RESAMPLES, 1, ret_interval);
    if (status == AT_ERR_UNDEFINED)
        *ret_interval = (struct at_interval){NAN, NAN};
    return status == AT_ERR_UNDEFINED ? AT_OK : status;
}

enum at_status at_interval_clusters(struct at_clusters *clusters, at_cluster_statistic *statistic, struct at_statistic *ret_statistic)
{
    struct at_statistic made = {NAN, {NAN, NAN}};
    enum at_status status = at_clusters_value(clusters, statistic, &made.value);
    if (!status && isfinite(made.value))
        status = at_interval_of(statistic, clusters, clusters->clusters, &made.interval);
    if (!status)
        *ret_statistic = made;
    return status;
}

struct heads {
    const double *rmse, *rel_rmse; /* rel_rmse NULL: the truth counts as 1 */
    size_t group;                  /* heads of one cluster */
};

static double pooled(void *context, const size_t *pick, size_t count)
{
    const struct heads *heads = context;
    double error2 = 0, truth2 = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t h = pick[i] * heads->group; h < (pick[i] + 1) * heads->group; h++) {
            double error = heads->rmse[h], truth = heads->rel_rmse ? error / heads->rel_rmse[h] : 1;
            error2 += error * error;
            truth2 += truth * truth;
        }
    return sqrt(error2 / truth2);
}

double at_interval_pooled(const double *rmse, const double *rel_rmse, size_t heads)
{
    double error2 = 0, truth2 = 0;
    size_t infinite = 0, exact = 0;
    for (size_t h = 0; h < heads; h++) {
        double truth = rel_rmse ? rmse[h] / rel_rmse[h] : 1;
        if (isnan(rmse[h]) || (rel_rmse && isnan(rel_rmse[h])))
            return NAN;
        infinite += isinf(rmse[h]) != 0;
        exact += rmse[h] == 0;
        error2 += rmse[h] * rmse[h];
        truth2 += truth * truth;
    }
    if (infinite)
        return INFINITY;
    if (heads && exact == heads)
        return 0;
    return isfinite(truth2) ? sqrt(error2 / truth2) : NAN; /* NaN too with an exact head among others, if relative: 0/0 */
}

/* Of a group's squares, whose quotient is the square of what is pooled. */
static enum at_status studentised(const struct heads *heads, size_t groups, struct at_interval *ret_interval)
{
    double *error2 = calloc(2 * groups, sizeof *error2), *truth2 = error2 ? error2 + groups : NULL;
    struct at_interval squares;
    if (!error2)
        return AT_ERR_MEMORY;
    for (size_t h = 0; h < groups * heads->group; h++) {
        double truth = heads->rel_rmse ? heads->rmse[h] / heads->rel_rmse[h] : 1;
        error2[h / heads->group] += heads->rmse[h] * heads->rmse[h];
        truth2[h / heads->group] += truth * truth;
    }
    enum at_status status = at_heads_interval(error2, truth2, groups, at_interval_level, AT_INTERVAL_RESAMPLES, 1, &squares, NULL);
    free(error2);
    *ret_interval = status ? (struct at_interval){NAN, NAN} : (struct at_interval){sqrt(squares.low), sqrt(squares.high)};
    return status == AT_ERR_UNDEFINED ? AT_OK : status;
}

enum at_status at_interval_pool(const double *rmse, const double *rel_rmse, size_t heads, size_t group, struct at_statistic *ret_pooled)
{
    struct at_statistic made = {at_interval_pooled(rmse, rel_rmse, heads), {NAN, NAN}};
    struct heads context = {rmse, rel_rmse, group};
    enum at_status status = AT_OK;
    if (made.value > 0 && isfinite(made.value))
        status = heads / group < AT_HEADS_FEWEST ? at_interval_of(pooled, &context, heads / group, &made.interval)
                                                 : studentised(&context, heads / group, &made.interval);
    if (!status)
        *ret_pooled = made;
    return status;
}

bool at_interval_agrees(double value, double stored)
{
    return value == stored || (isfinite(stored) && fabs(value - stored) <= 1e-6 * fabs(stored));
}

enum at_status at_interval_rel_rmse(const double *rmse, const double *rel_rmse, size_t heads, size_t group, double value,
                                    struct at_interval *ret_interval)
{
    struct at_statistic made;
    if (!at_interval_agrees(at_interval_pooled(rmse, rel_rmse, heads), value))
        return AT_ERR_UNDEFINED;
    enum at_status status = at_interval_pool(rmse, rel_rmse, heads, group, &made);
    if (!status && isnan(made.interval.low))
        return AT_ERR_UNDEFINED;
    if (!status)
        *ret_interval = made.interval;
    return status;
}
