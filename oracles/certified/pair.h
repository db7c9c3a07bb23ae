/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_PAIR_H
#define AT_ORACLES_CERTIFIED_PAIR_H

#include <math.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A number in two doubles, |low| <= 2^-53 |high|. */
struct at_pair {
    double high, low;
};

/* a + b, exactly. */
static inline struct at_pair at_pair_sum(double a, double b)
{
    double sum = a + b, t = sum - a;
    struct at_pair result = {sum, (a - (sum - t)) + (b - t)};
    return result;
}

/* a b (1 + d), |d| <= 6.1 u^2 (eq. 12). */
static inline struct at_pair at_pair_product(struct at_pair a, struct at_pair b)
{
    double product = a.high * b.high, rest = fma(a.high, b.high, -product);
    rest = fma(a.high, b.low, rest);
    rest = fma(a.low, b.high, rest);
    return at_pair_sum(product, rest);
}

/* a / b (1 + d), |d| <= 12 u^2 (eq. 22). */
static inline struct at_pair at_pair_quotient(struct at_pair a, struct at_pair b)
{
    double first = a.high / b.high, rest = fma(-first, b.high, a.high);
    rest = fma(-first, b.low, rest) + a.low;
    return at_pair_sum(first, rest / b.high);
}

#ifdef __cplusplus
}
#endif

#endif
