/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/heads.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

enum at_status at_naive_mean_interval(const double *elements, size_t count, double level, struct at_interval *ret_interval)
{
    if (!(level > 0 && level < 1))
        return AT_ERR_ARGUMENT;
    if (count < 2)
        return AT_ERR_UNDEFINED;
    double mean = gsl_stats_mean(elements, 1, count), sd = gsl_stats_sd_m(elements, 1, count, mean);
    double half = gsl_cdf_ugaussian_Qinv((1 - level) / 2) * sd / sqrt((double)count);
    if (!isfinite(mean) || !isfinite(half))
        return AT_ERR_UNDEFINED;
    *ret_interval = (struct at_interval){mean - half, mean + half};
    return AT_OK;
}
