/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The arithmetic of a block (lanes.h; the equations are those of docs/oracles.md). The includer's vocabulary: WIDTH doubles in a vector,
 * 1 to 8; vd and vi, vectors of double and int64_t; all(x), x in every lane; fused(a, b, c), a b + c rounded once; EXACT_FUSED(a, b, c),
 * the same of what is exact; load_floats(), WIDTH floats; look_up(), table entries by index; DOT_ROWS rows by DOT_VECTORS vectors of keys
 * and VALUE_ROWS rows, taken together as registers allow; LANES, the name of the table. Deliberately without an include guard.
 */
#include "oracles/certified/lanes.h"

#include "oracles/certified/table.h"

#include <string.h>

static inline vd load(const double *from)
{
    vd x;
    memcpy(&x, from, sizeof x);
    return x;
}

static inline void store(double *to, vd x)
{
    memcpy(to, &x, sizeof x);
}

/* 2^exponent, -1022 <= exponent <= 1023. */
static inline double power_of_two(int exponent)
{
    double x;
    int64_t bits = (int64_t)(exponent + 1023) << 52;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline vd where(vi condition, vd yes, vd no)
{
    return (vd)((condition & (vi)yes) | (~condition & (vi)no));
}

/* a + b = sum + *ret_rest, exactly. */
static inline vd two_sum(vd a, vd b, vd *ret_rest)
{
    vd sum = a + b, t = sum - a;
    *ret_rest = (a - (sum - t)) + (b - t);
    return sum;
}

/* The same where |a| >= |b| or a = 0. */
static inline vd fast_two_sum(vd a, vd b, vd *ret_rest)
{
    vd sum = a + b;
    *ret_rest = b - (sum - a);
    return sum;
}

/* (a + a_low) (b + b_low) (1 + d): eq. 12. */
static inline vd multiply(vd a, vd a_low, vd b, vd b_low, vd *ret_low)
{
    vd product = a * b, rest = fused(a, b, -product);
    rest = fused(a, b_low, rest);
    rest = fused(a_low, b, rest);
    return fast_two_sum(product, rest, ret_low);
}

#include "oracles/certified/lanes_dots.h"

#include "oracles/certified/lanes_exp.h"

static void top(const double *high, const double *low, int64_t n, double ret[2])
{
    vd best = load(high), best_low = load(low);
    for (int64_t j = WIDTH; j < n; j += WIDTH) {
        vd h = load(high + j), l = load(low + j);
        vi larger = (vi)(h > best) | ((vi)(h == best) & (vi)(l > best_low));
        best = where(larger, h, best);
        best_low = where(larger, l, best_low);
    }
    ret[0] = best[0];
    ret[1] = best_low[0];
    for (int i = 1; i < WIDTH; i++)
        if (best[i] > ret[0] || (best[i] == ret[0] && best_low[i] > ret[1])) {
            ret[0] = best[i];
            ret[1] = best_low[i];
        }
}

/* sum += x, both in two doubles, both positive: eq. 17. */
static inline void accumulate(vd *sum, vd *sum_low, vd x, vd x_low)
{
    vd rest, s = two_sum(*sum, x, &rest);
    rest = rest + (*sum_low + x_low);
    *sum = fast_two_sum(s, rest, sum_low);
}

static void total(const double *high, const double *low, int64_t n, double ret[2])
{
    enum { VECTORS = AT_CERTIFIED_STRANDS / WIDTH };
    vd sum[VECTORS] = {{0}}, sum_low[VECTORS] = {{0}};
    double strand[AT_CERTIFIED_STRANDS], strand_low[AT_CERTIFIED_STRANDS];
    for (int64_t j = 0; j < n; j += AT_CERTIFIED_STRANDS)
        for (int i = 0; i < VECTORS; i++)
            accumulate(&sum[i], &sum_low[i], load(high + j + i * WIDTH), load(low + j + i * WIDTH));
    memcpy(strand, sum, sizeof strand);
    memcpy(strand_low, sum_low, sizeof strand_low);
    vd s = {0}, s_low = {0};
    for (int i = 0; i < AT_CERTIFIED_STRANDS; i++)
        accumulate(&s, &s_low, all(strand[i]), all(strand_low[i]));
    ret[0] = s[0];
    ret[1] = s_low[0];
}

#include "oracles/certified/lanes_values.h"

#include "oracles/certified/lanes_short.h"

const struct at_certified_lanes LANES = {dots, top, weights, total, values, short_values};
