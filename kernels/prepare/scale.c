/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/scale.h"

#include <math.h>
#include <stdlib.h>

/* The smallest power of two s with amax <= largest * s for amax > 0; both products are exact in double. */
static float power_of_two_above(float amax, double largest)
{
    int exponent;
    frexp((double)amax / largest, &exponent);
    while (largest * ldexp(1.0, exponent - 1) >= (double)amax)
        exponent--;
    while (largest * ldexp(1.0, exponent) < (double)amax) /* E4b */
        exponent++;
    return ldexpf(1.0f, exponent);
}

/* E4 */
float at_scale_value(const struct at_operand_numerics *numerics, float amax)
{
    double largest = at_formats[numerics->storage].max;
    float scale;
    if (numerics->scale == AT_SCALE_NONE)
        return 1.0f;
    if (numerics->scale_rule == AT_SCALE_GIVEN)
        scale = numerics->given_scale;
    else if (amax == 0 || isinf(amax)) /* E4d */
        scale = 1.0f;
    else
        scale = numerics->scale_rule == AT_SCALE_POW2 ? power_of_two_above(amax, largest) : amax / (float)largest; /* E4a */
    return scale < 0x1p-126f ? 0x1p-126f : scale;                                                                  /* E4c */
}

/* Largest magnitude of each group of one head into amax[groups]. */
static void head_amax(const float *values, int64_t seq, int64_t dim, enum at_scale_granularity granularity, int64_t groups, float *amax)
{
    int block = at_scale_block_rows(granularity);
    for (int64_t g = 0; g < groups; g++)
        amax[g] = 0;
    for (int64_t s = 0; s < seq; s++)
        for (int64_t c = 0; c < dim; c++) {
            int64_t g = block ? s / block : granularity == AT_SCALE_TOKEN ? s : granularity == AT_SCALE_CHANNEL ? c : 0; /* E4f */
            float magnitude = fabsf(values[s * dim + c]);
            if (magnitude > amax[g]) /* E4e */
                amax[g] = magnitude;
        }
}

/* Gives `count` consecutive numbers their common maximum. */
static void share_maximum(float *amax, int64_t count)
{
    float most = 0;
    for (int64_t i = 0; i < count; i++)
        most = amax[i] > most ? amax[i] : most;
    for (int64_t i = 0; i < count; i++)
        amax[i] = most;
}

enum at_status at_scales_init(struct at_scales *ret_scales, const struct at_operand_numerics *numerics, const float *values, int64_t batch,
                              int64_t heads, int64_t seq, int64_t dim, int64_t share, struct at_error *error)
{
    int64_t groups = at_scale_groups(numerics->scale, seq, dim), total = batch * heads * groups;
    float *value = malloc((size_t)total * sizeof *value);
    if (!value)
        return at_fail(error, AT_ERR_MEMORY, "prepare: no memory for the scales");
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < batch * heads; i++)
        head_amax(values + i * seq * dim, seq, dim, numerics->scale, groups, value + i * groups);
    if (numerics->scale == AT_SCALE_TENSOR)
        share_maximum(value, total);
    if (numerics->scale == AT_SCALE_HEAD)
        for (int64_t i = 0; i < total; i += share)
            share_maximum(value + i, share); /* E4g */
    for (int64_t i = 0; i < total; i++)
        value[i] = at_scale_value(numerics, value[i]);
    *ret_scales = (struct at_scales){numerics->scale, batch, heads, groups, value};
    return AT_OK;
}
