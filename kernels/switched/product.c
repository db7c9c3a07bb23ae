/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/product.h"

#include <math.h>
#include <string.h>

/* The alignment exponent of an instruction is never below it (docs/numerics.md, "One WGMMA", rule 2); one of a NaN is cut. */
enum { LEAST_EXPONENT = -133, MOST_EXPONENT = 900, LEAST_UNIT = -149 };

static inline int32_t exponent_of(double x, int32_t least)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t e = (int32_t)(bits >> 52 & 0x7ff) - 1023;
    e = e < least ? least : e;
    return x == 0 ? AT_WGMMA_ZERO : e;
}

/* 2^e for -1022 <= e <= 1023. */
static inline double power_of_two(int32_t e)
{
    uint64_t bits = (uint64_t)(e + 1023) << 52;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x truncated toward zero for |x| < 2^51, without a conversion that a NaN could not take. */
static inline double truncated(double x)
{
    const double magic = 0x1p52;
    double size = fabs(x), near = (size + magic) - magic;
    near = near > size ? near - 1 : near;
    return copysign(near, x);
}

void at_product_exponents(enum at_format format, const double *x, int64_t count, int32_t *ret_exponent)
{
    const int32_t least = at_formats[format].min_exponent;
    for (int64_t i = 0; i < count; i++)
        ret_exponent[i] = exponent_of(x[i], least);
}

void at_product_exact(const double *a, const double *b, int64_t k, int64_t n, double *d)
{
    int64_t i = 0;
    for (; i + 4 <= k; i += 4, b += 4 * n)
        for (int64_t j = 0; j < n; j++)
            d[j] += (a[i] * b[j] + a[i + 1] * b[n + j]) + (a[i + 2] * b[2 * n + j] + a[i + 3] * b[3 * n + j]);
    for (; i < k; i++, b += n)
        for (int64_t j = 0; j < n; j++)
            d[j] += a[i] * b[j];
}

/* An integer `sum` times 2^unit, truncated to the significant bits and to multiples of 2^-149; +0 when nothing is left. */
static double finished(double sum, int32_t unit, int32_t significant)
{
    if (!(fabs(sum) < 0x1p51))
        return sum;
    int32_t top = exponent_of(sum, -1022), drop = top + 1 - significant;
    drop = drop < LEAST_UNIT - unit ? LEAST_UNIT - unit : drop;
    if (drop > 0)
        sum = truncated(sum * power_of_two(-drop)) * power_of_two(drop);
    double value = sum * power_of_two(unit) + 0.0;
    return fabs(value) >= 0x1p128 ? copysign(INFINITY, value) : value;
}

enum { BLOCK = 64 };

/* One instruction for `count` <= BLOCK columns; rows of b are `n` apart. */
static void instruction(struct at_wgmma_rounding r, const double *a, const int32_t *a_exponent, const double *b, const int32_t *b_exponent,
                        int64_t n, int64_t count, double *d)
{
    int32_t largest[BLOCK];
    double unit[BLOCK], sum[BLOCK];
    for (int64_t j = 0; j < count; j++)
        largest[j] = exponent_of(d[j], at_formats[AT_FP32].min_exponent);
    for (int64_t i = 0; i < r.depth; i++)
        for (int64_t j = 0; j < count; j++) {
            int32_t e = a_exponent[i] + b_exponent[i * n + j];
            largest[j] = e > largest[j] ? e : largest[j];
        }
    for (int64_t j = 0; j < count; j++) {
        largest[j] = largest[j] < LEAST_EXPONENT ? LEAST_EXPONENT : largest[j] > MOST_EXPONENT ? MOST_EXPONENT : largest[j];
        unit[j] = power_of_two(r.fraction - largest[j]);
        sum[j] = truncated(d[j] * unit[j]);
    }
    for (int64_t i = 0; i < r.depth; i++)
        for (int64_t j = 0; j < count; j++)
            sum[j] += truncated(a[i] * b[i * n + j] * unit[j]);
    for (int64_t j = 0; j < count; j++)
        d[j] = finished(sum[j], largest[j] - r.fraction, r.significant);
}

void at_product_truncated(struct at_wgmma_rounding r, const double *a, const int32_t *a_exponent, const double *b,
                          const int32_t *b_exponent, int64_t k, int64_t n, double *d)
{
    for (int64_t i = 0; i < k; i += r.depth)
        for (int64_t j = 0; j < n; j += BLOCK)
            instruction(r, a + i, a_exponent + i, b + i * n + j, b_exponent + i * n + j, n, n - j < BLOCK ? n - j : BLOCK, d + j);
}
