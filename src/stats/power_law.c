/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/power_law.h"

#include "stats/logarithm.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

static enum at_status fit_points(const double *log_x, const double *log_y, size_t count, double level, struct at_power_law *ret_law)
{
    struct at_line line;
    enum at_status status = at_stats_line(log_x, log_y, count, &line);
    if (status)
        return status;
    double half = gsl_cdf_tdist_Qinv((1 - level) / 2, (double)count - 2) * line.slope_se;
    *ret_law = (struct at_power_law){line.slope, exp(line.intercept), {line.slope - half, line.slope + half}};
    return AT_OK;
}

enum at_status at_power_law_in_logarithms(at_power_law_fit *fit, const double *x, const double *y, size_t count, double level,
                                          struct at_power_law *ret_law)
{
    double *log_x = NULL, *log_y = NULL;
    if (!(level > 0 && level < 1))
        return AT_ERR_ARGUMENT;
    enum at_status status = at_logarithms(x, count, &log_x);
    if (!status)
        status = at_logarithms(y, count, &log_y);
    if (!status)
        status = fit(log_x, log_y, count, level, ret_law);
    free(log_x);
    free(log_y);
    return status;
}

enum at_status at_power_law_points(const double *x, const double *y, size_t count, double level, struct at_power_law *ret_law)
{
    return at_power_law_in_logarithms(fit_points, x, y, count, level, ret_law);
}

/* The slope of each head: sum (x - mean) y / sum (x - mean)^2. */
static enum at_status fit_heads(double *log_x, size_t count, const double *log_y, size_t heads, double level, struct at_power_law *ret_law)
{
    double mean_x = gsl_stats_mean(log_x, 1, count), square = 0;
    for (size_t i = 0; i < count; i++) {
        log_x[i] -= mean_x;
        square += log_x[i] * log_x[i];
    }
    double *slope = square > 0 ? malloc(heads * sizeof *slope) : NULL;
    if (!slope)
        return square > 0 ? AT_ERR_MEMORY : AT_ERR_UNDEFINED;
    for (size_t h = 0; h < heads; h++) {
        slope[h] = 0;
        for (size_t i = 0; i < count; i++)
            slope[h] += log_x[i] * log_y[h * count + i] / square;
    }
    double n = (double)heads, mean = gsl_stats_mean(slope, 1, heads), se = gsl_stats_sd_m(slope, 1, heads, mean) / sqrt(n);
    double half = gsl_cdf_tdist_Qinv((1 - level) / 2, n - 1) * se;
    double factor = exp(gsl_stats_mean(log_y, 1, heads * count) - mean * mean_x);
    free(slope);
    *ret_law = (struct at_power_law){mean, factor, {mean - half, mean + half}};
    return AT_OK;
}

enum at_status at_power_law_heads(const double *x, size_t count, const double *y, size_t heads, double level, struct at_power_law *ret_law)
{
    double *log_x = NULL, *log_y = NULL;
    if (!(level > 0 && level < 1))
        return AT_ERR_ARGUMENT;
    if (heads < 2 || count < 2)
        return AT_ERR_UNDEFINED;
    enum at_status status = at_logarithms(x, count, &log_x);
    if (!status)
        status = at_logarithms(y, heads * count, &log_y);
    if (!status)
        status = fit_heads(log_x, count, log_y, heads, level, ret_law);
    free(log_x);
    free(log_y);
    return status;
}
