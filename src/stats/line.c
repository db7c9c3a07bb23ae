/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdbool.h>

enum at_status at_stats_line(const double *x, const double *y, size_t count, struct at_line *ret_line)
{
    bool varies = false;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]))
            return AT_ERR_UNDEFINED;
        varies = varies || x[i] != x[0];
    }
    if (count < 3 || !varies)
        return AT_ERR_UNDEFINED;
    double intercept, slope, cov00, cov01, cov11, residual;
    if (gsl_fit_linear(x, 1, y, 1, count, &intercept, &slope, &cov00, &cov01, &cov11, &residual) || !isfinite(slope))
        return AT_ERR_UNDEFINED;
    *ret_line = (struct at_line){intercept, slope, sqrt(cov11)};
    return AT_OK;
}
