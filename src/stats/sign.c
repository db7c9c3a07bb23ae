/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/paired.h"

#include "stats/binomial.h"

#include <math.h>

enum at_status at_paired_sign(const double *a, const double *b, size_t heads, struct at_paired_test *ret_test)
{
    struct at_paired_test t = {.exact = true};
    int64_t smaller = 0;
    if (heads > AT_TRIALS_MAX)
        return AT_ERR_ARGUMENT;
    for (size_t i = 0; i < heads; i++) {
        double x = isnan(a[i]) ? INFINITY : a[i], y = isnan(b[i]) ? INFINITY : b[i];
        smaller += x < y;
        t.ties += x == y;
    }
    t.heads = (int64_t)heads - t.ties;
    if (t.heads == 0)
        return AT_ERR_UNDEFINED;
    t.a_smaller = at_binomial_at_least(smaller, t.heads, 0.5);
    t.b_smaller = at_binomial_at_least(t.heads - smaller, t.heads, 0.5);
    t.two_sided = fmin(1, 2 * fmin(t.a_smaller, t.b_smaller));
    *ret_test = t;
    return AT_OK;
}
