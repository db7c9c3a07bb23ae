/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/rotate.h"

#include "core/random.h"

#include <math.h>

enum { SIGN_STREAM = 0x7369676e }; /* "sign" */

float at_rotation_sign(uint64_t seed, int64_t c)
{
    struct at_random key = {seed, SIGN_STREAM};
    return at_random_bits(key, (uint64_t)c) & 1 ? -1.0f : 1.0f;
}

/* x <- x H over groups of `width` columns, fp32. */
static void butterflies(float *x, int64_t dim, int width)
{
    for (int distance = 1; distance < width; distance *= 2) /* E1b */
        for (int64_t c = 0; c < dim; c++)
            if (!(c & distance)) {
                float a = x[c], b = x[c + distance];
                x[c] = a + b;            /* E1c */
                x[c + distance] = a - b; /* E1d */
            }
}

void at_rotate_row(float *x, int64_t dim, int width, const float *signs)
{
    float norm = (float)(1.0 / sqrt(width)); /* E1e */
    for (int64_t c = 0; c < dim; c++)
        x[c] *= signs[c]; /* E1a */
    butterflies(x, dim, width);
    for (int64_t c = 0; c < dim; c++)
        x[c] = (x[c] + 0.0f) * norm; /* E1f */
}

void at_unrotate_row(float *x, int64_t dim, int width, const float *signs)
{
    float norm = (float)(1.0 / sqrt(width)); /* E22b */
    butterflies(x, dim, width);
    for (int64_t c = 0; c < dim; c++)
        x[c] = x[c] * norm * signs[c]; /* E22c */
}

void at_unrotate_row_double(double *x, int64_t dim, int width, const float *signs)
{
    for (int distance = 1; distance < width; distance *= 2)
        for (int64_t c = 0; c < dim; c++)
            if (!(c & distance)) {
                double a = x[c], b = x[c + distance];
                x[c] = a + b;
                x[c + distance] = a - b;
            }
    for (int64_t c = 0; c < dim; c++)
        x[c] *= (double)signs[c] / sqrt(width);
}
