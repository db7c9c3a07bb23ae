/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include "core/random.h"

#include <gsl/gsl_qrng.h>
#include <math.h>

enum { SOBOL_STREAM = 's' }; /* keeps these draws apart from those of other rooms */

enum at_status at_stats_sobol(size_t dimensions, size_t count, uint64_t seed, double *ret_points)
{
    if (dimensions < 1 || dimensions > gsl_qrng_sobol->max_dimension)
        return AT_ERR_ARGUMENT;
    gsl_qrng *generator = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dimensions);
    if (!generator)
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        double *point = ret_points + i * dimensions;
        gsl_qrng_get(generator, point);
        for (size_t d = 0; d < dimensions && seed; d++) {
            point[d] += at_random_uniform((struct at_random){seed, (uint64_t)SOBOL_STREAM << 56}, d);
            point[d] -= floor(point[d]);
        }
    }
    gsl_qrng_free(generator);
    return AT_OK;
}
