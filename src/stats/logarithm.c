/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/logarithm.h"

#include <math.h>
#include <stdlib.h>

enum at_status at_logarithms(const double *values, size_t count, double **ret_logarithms)
{
    for (size_t i = 0; i < count; i++)
        if (!(values[i] > 0 && isfinite(values[i])))
            return AT_ERR_UNDEFINED;
    if (count == 0)
        return AT_ERR_UNDEFINED;
    double *logarithms = malloc(count * sizeof *logarithms);
    if (!logarithms)
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        logarithms[i] = log(values[i]);
    *ret_logarithms = logarithms;
    return AT_OK;
}

enum at_status at_log_ratios(const double *a, const double *b, size_t heads, double **ret_ratios)
{
    double *ratios, *other;
    enum at_status status = at_logarithms(a, heads, &ratios);
    if (status)
        return status;
    status = at_logarithms(b, heads, &other);
    if (status) {
        free(ratios);
        return status;
    }
    for (size_t i = 0; i < heads; i++)
        ratios[i] -= other[i];
    free(other);
    *ret_ratios = ratios;
    return AT_OK;
}
