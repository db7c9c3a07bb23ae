/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/deviation.h"

#include "core/name.h"

#include <math.h>
#include <string.h>

const struct at_deviation_info at_deviations[AT_DEVIATION_COUNT] = {
    [AT_DEVIATION_REL_RMSE] = {"rel_rmse", "squared error"},
    [AT_DEVIATION_MAX_REL_SUM_ABS] = {"max_rel_sum_abs", "largest error"},
    [AT_DEVIATION_BIAS] = {"bias", "signed bias"},
    [AT_DEVIATION_LSE] = {"lse_error", "largest error of the log-sum-exp"},
};

enum at_status at_deviation_find(const char *name, enum at_deviation_metric *ret_metric, struct at_error *error)
{
    const char *names[AT_DEVIATION_COUNT];
    char hint[AT_NAME_HINT_SIZE];
    *ret_metric = AT_DEVIATION_REL_RMSE;
    for (int m = 0; m < AT_DEVIATION_COUNT; m++) {
        names[m] = at_deviations[m].name;
        if (name && strcmp(name, names[m]) == 0)
            *ret_metric = (enum at_deviation_metric)m;
    }
    if (!name || strcmp(name, names[*ret_metric]) == 0)
        return AT_OK;
    return at_fail(error, AT_ERR_ARGUMENT, "metric '%s': a budget is made of rel_rmse, max_rel_sum_abs, bias or lse_error%s", name,
                   at_name_hint(name, names, AT_DEVIATION_COUNT, hint));
}

void at_deviation_add(struct at_deviation *d, const struct at_oracle_truth *truth, int64_t i, int64_t dim, const double *o, double lse)
{
    if (!at_truth_defined(truth, i, dim))
        return;
    for (int64_t c = 0; c < dim; c++) {
        const double t = truth->o[i * dim + c], error = (o[c] - t) - truth->o_low[i * dim + c], unit = truth->sum_abs[i * dim + c];
        d->outputs++;
        if (!isfinite(error)) {
            d->nonfinite++;
            continue;
        }
        d->error2 += error * error;
        d->truth2 += t * t;
        d->toward += t > 0 ? error : t < 0 ? -error : 0;
        d->size += fabs(t);
        if (error != 0 || unit != 0)
            d->most = fmax(d->most, fabs(error) / unit);
    }
    if (isnan(lse) || (lse != truth->lse[i] && !isfinite(lse - truth->lse[i])))
        d->nonfinite++;
    else if (lse != truth->lse[i])
        d->lse = fmax(d->lse, fabs(lse - truth->lse[i]));
}

double at_deviation_value(const struct at_deviation *d, enum at_deviation_metric metric)
{
    if (d->nonfinite)
        return metric == AT_DEVIATION_BIAS ? NAN : INFINITY;
    if (!d->outputs)
        return NAN;
    switch (metric) {
    case AT_DEVIATION_REL_RMSE: return d->truth2 > 0 ? sqrt(d->error2 / d->truth2) : NAN;
    case AT_DEVIATION_MAX_REL_SUM_ABS: return d->most;
    case AT_DEVIATION_BIAS: return d->size > 0 ? d->toward / d->size : NAN;
    default: return d->lse;
    }
}

double at_deviation_additive(const struct at_deviation *d, enum at_deviation_metric metric)
{
    double value = at_deviation_value(d, metric);
    return metric == AT_DEVIATION_REL_RMSE ? value * value : value;
}
