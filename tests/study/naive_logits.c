/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "naive_logits.h"

#include <float.h>
#include <math.h>

static long double log_sum(const long double *z, int64_t tokens)
{
    long double highest = -INFINITY, sum = 0;
    for (int64_t v = 0; v < tokens; v++)
        highest = fmaxl(highest, z[v]);
    for (int64_t v = 0; v < tokens; v++)
        sum += expl(z[v] - highest);
    return highest + logl(sum);
}

/*
 * Each term t (ln t - ln g) is off by 2^-64 times the sizes that were subtracted and the roundings of both sums, of `tokens` terms each;
 * the weights t add up to 1.
 */
struct naive_kl naive_kl_of(const long double *truth, const long double *got, int64_t tokens)
{
    long double a = log_sum(truth, tokens), b = log_sum(got, tokens), kl = 0, size = fabsl(a) + fabsl(b);
    for (int64_t v = 0; v < tokens; v++) {
        kl += expl(truth[v] - a) * ((truth[v] - a) - (got[v] - b));
        size = fmaxl(size, fabsl(truth[v]) + fabsl(got[v]) + fabsl(a) + fabsl(b));
    }
    return (struct naive_kl){kl, LDBL_EPSILON * (size + 1) * (long double)(tokens + 16)};
}

void naive_logits(const float *w, const double *x, int64_t tokens, int64_t width, long double *ret_logits)
{
    for (int64_t v = 0; v < tokens; v++) {
        ret_logits[v] = 0;
        for (int64_t j = 0; j < width; j++)
            ret_logits[v] += (long double)w[v * width + j] * (long double)x[j];
    }
}
