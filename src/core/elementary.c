/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/elementary.h"

#include <math.h>

/* 2^f for |f| <= 1/2 by the Taylor series of e^(f ln 2): the term of degree 17 is below 2^-74. */
static double exp2_fraction(double f)
{
    static const double reciprocal_factorials[] = {
        1.0 / 1.0, 1.0 / 1.0, 1.0 / 2.0, 1.0 / 6.0,
        1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0,
        1.0 / 40320.0, 1.0 / 362880.0, 1.0 / 3628800.0, 1.0 / 39916800.0,
        1.0 / 479001600.0, 1.0 / 6227020800.0, 1.0 / 87178291200.0, 1.0 / 1307674368000.0,
        1.0 / 20922789888000.0,
    };
    const double ln2 = 0x1.62e42fefa39efp-1; /* 0.693147180559945 */
    double t = f * ln2, sum = 0;
    for (int n = 16; n >= 0; n--)
        sum = sum * t + reciprocal_factorials[n];
    return sum;
}

double at_exp2(double x)
{
    if (isnan(x))
        return x;
    if (x >= 1024)
        return INFINITY;
    if (x < -1080)
        return 0;
    double n = nearbyint(x);
    return ldexp(exp2_fraction(x - n), (int)n);
}

double at_log(double x)
{
    const double ln2_high = 0x1.62e42fefap-1, ln2_low = 0x1.cf79abc9e3b3ap-40; /* ln 2 = 0.6931471805... in two pieces */
    if (isnan(x) || x < 0)
        return NAN;
    if (x == 0)
        return -INFINITY;
    if (isinf(x))
        return x;
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0x1.6a09e667f3bcdp-1) { /* sqrt(1/2) = 0.70710678: keeps |m - 1| small */
        m *= 2;
        exponent--;
    }
    /* log m = 2 atanh(s), s = (m - 1)/(m + 1), |s| <= 0.1716: the term of degree 43 is below 2^-112. */
    double s = (m - 1) / (m + 1), s2 = s * s, sum = 0;
    for (int n = 41; n >= 3; n -= 2)
        sum = (sum + 1.0 / n) * s2;
    return exponent * ln2_high + (2 * s + (2 * s * sum + exponent * ln2_low));
}
