/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/paired.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

enum at_status at_holm(const double *p_values, size_t count, double *ret_adjusted)
{
    for (size_t i = 0; i < count; i++)
        if (!(p_values[i] >= 0 && p_values[i] <= 1))
            return isnan(p_values[i]) ? AT_ERR_UNDEFINED : AT_ERR_ARGUMENT;
    if (count == 0)
        return AT_ERR_UNDEFINED;
    size_t *order = malloc(count * sizeof *order);
    if (!order)
        return AT_ERR_MEMORY;
    gsl_sort_index(order, p_values, 1, count);
    double least = 0;
    for (size_t j = 0; j < count; j++) {
        least = fmax(least, fmin(1, (double)(count - j) * p_values[order[j]]));
        ret_adjusted[order[j]] = least;
    }
    free(order);
    return AT_OK;
}
