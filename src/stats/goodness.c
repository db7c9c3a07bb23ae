/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/tail.h"

#include <math.h>

double at_anderson_darling(const double *sorted, size_t count, const struct at_gev *gev)
{
    double sum = 0, n = (double)count;
    for (size_t i = 0; i < count; i++) {
        double below = at_gev_exponent(gev, sorted[i]), above = at_gev_exponent(gev, sorted[count - 1 - i]);
        sum += (2 * (double)i + 1) * (-below + log(-expm1(-above)));
    }
    return -n - sum / n;
}
