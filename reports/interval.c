/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/interval.h"

#include <math.h>
#include <stdlib.h>

const double at_interval_level = 0.95;

struct heads {
    const double *error2; /* mean square of the error of each head */
    const double *truth2; /* and of its truth */
};

static double pooled(void *context, const size_t *pick, size_t count)
{
    const struct heads *heads = context;
    double error2 = 0, truth2 = 0;
    for (size_t i = 0; i < count; i++) {
        error2 += heads->error2[pick[i]];
        truth2 += heads->truth2[pick[i]];
    }
    return sqrt(error2 / truth2);
}

enum at_status at_interval_rel_rmse(const double *rmse, const double *rel_rmse, size_t heads, double value,
                                    struct at_interval *ret_interval)
{
    if (heads < 3)
        return AT_ERR_UNDEFINED;
    double *squares = malloc(2 * heads * sizeof *squares);
    size_t *all = malloc(heads * sizeof *all);
    enum at_status status = squares && all ? AT_OK : AT_ERR_MEMORY;
    struct heads context = {squares, squares ? squares + heads : NULL};
    for (size_t h = 0; !status && h < heads; h++) {
        double truth = rmse[h] / rel_rmse[h];
        if (!(rmse[h] > 0 && isfinite(truth) && truth > 0))
            status = AT_ERR_UNDEFINED;
        squares[h] = rmse[h] * rmse[h];
        squares[heads + h] = truth * truth;
        all[h] = h;
    }
    if (!status && !(fabs(pooled(&context, all, heads) - value) <= 1e-6 * value))
        status = AT_ERR_UNDEFINED;
    if (!status)
        status = at_stats_bootstrap(pooled, &context, heads, at_interval_level, AT_INTERVAL_RESAMPLES, 1, ret_interval);
    free(squares);
    free(all);
    return status;
}
