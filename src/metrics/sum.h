/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_METRICS_SUM_H
#define AT_METRICS_SUM_H

#include <math.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Compensated sums (Neumaier 1974) in two doubles, {rounded sum, sum of the roundings}, and the error bounds that metrics share.
 * u = 2^-53. After n terms the error is below 2u |sum| + n^2 u^2 sum |x|: for terms of one sign 2^-52 relative up to n = 2^26, 2^-47 up
 * to n = 2^29 in one worst-case chain; merging short chains keeps the first.
 */

/* sum += x, x finite. */
static inline void at_sum_add(double sum[2], double x)
{
    double total = sum[0] + x;
    sum[1] += fabs(sum[0]) >= fabs(x) ? (sum[0] - total) + x : (x - total) + sum[0];
    sum[0] = total;
}

static inline void at_sum_merge(double sum[2], const double other[2])
{
    at_sum_add(sum, other[0]);
    sum[1] += other[1];
}

static inline double at_sum_value(const double sum[2])
{
    return sum[0] + sum[1];
}

/* A plain sum of n terms >= 0, widened by its own rounding: not below the exact sum. Holds for any order of adding. */
static inline double at_sum_upper(double plain_sum, int64_t n)
{
    return plain_sum * (1 + ((double)n + 2) * 0x1p-52);
}

/* x^2 for a bound x >= 0: never 0 for x > 0. */
static inline double at_square_upper(double x)
{
    double square = x * x;
    return x > 0 && square < 0x1p-1022 ? 0x1p-1022 : square;
}

/*
 * Largest change of a quotient value = a / b, b > 0, when a changes by at most `change_a` and b by at most `change_b`:
 * |a'/b' - a/b| = |(a' - a) - (a/b)(b' - b)| / b' <= (change_a + |value| change_b) / (b - change_b). Infinity when b' could be 0.
 */
static inline double at_quotient_radius(double value, double change_a, double b, double change_b)
{
    return change_b < b ? (change_a + fabs(value) * change_b) / (b - change_b) : INFINITY;
}

#ifdef __cplusplus
}
#endif

#endif
