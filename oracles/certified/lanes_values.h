/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Weights times values, one chunk of keys and one vector of columns at a time: included by lanes_body.h. The weights of a chunk are turned
 * to [64][8] first. Deliberately without an include guard.
 */

enum { ABS_KEYS = 16, ROWS = AT_CERTIFIED_ROWS };

static inline vd magnitude(vd x)
{
    return (vd)((vi)x & INT64_MAX);
}

/* The sum of p |v| over 16 keys, p to one double, at most six roundings (eq. 18): 4 keys at a time, then in pairs. */
static inline void add_magnitudes(const double *high, const double *v, int64_t dim, vd ret[VALUE_ROWS])
{
    vd sum[2][VALUE_ROWS];
#pragma GCC unroll 4
    for (int g = 0; g < 4; g++) {
        vd four[VALUE_ROWS];
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            vd size = magnitude(load(v + (4 * g + j) * dim));
#pragma GCC unroll 8
            for (int i = 0; i < VALUE_ROWS; i++) {
                vd p = all(high[(4 * g + j) * ROWS + i]);
                four[i] = j == 0 ? p * size : fused(p, size, four[i]);
            }
        }
#pragma GCC unroll 8
        for (int i = 0; i < VALUE_ROWS; i++)
            sum[g / 2][i] = g % 2 ? sum[g / 2][i] + four[i] : four[i];
    }
#pragma GCC unroll 8
    for (int i = 0; i < VALUE_ROWS; i++)
        ret[i] = sum[0][i] + sum[1][i];
}

/* 1.5 2^k with 2^(k-1) > 1.0009 size and 2^k <= 4.01 size, for size = 0 or a normal number (eq. 19). */
static inline vd anchor(vd size)
{
    vi exponent = (vi)(size * all(1.001)) & ((int64_t)0x7ff << 52);
    return (vd)(exponent + (((int64_t)2 << 52) | ((int64_t)1 << 51)));
}

/* sum += x without bringing the low part into order, which a sum known to a few units need not have. */
static inline void merge_roughly(double *sum, double *sum_low, vd x)
{
    vd rest, s = two_sum(load(sum), x, &rest);
    store(sum, s);
    store(sum_low, load(sum_low) + rest);
}

/* sum += x in two doubles, of any sign (eq. 20). */
static inline void merge(double *sum, double *sum_low, vd x, vd x_low)
{
    vd rest, s = two_sum(load(sum), x, &rest);
    vd low = load(sum_low) + (rest + x_low), t;
    store(sum, two_sum(s, low, &t));
    store(sum_low, t);
}

/* The chunk's sum of p v around an anchor that no partial sum can move out of its binade: what an addition loses is known. */
static inline void add_products(const double *high, const double *low, const double *v, int64_t dim, const vd start[VALUE_ROWS],
                                vd ret[VALUE_ROWS], vd ret_low[VALUE_ROWS])
{
    vd sum[VALUE_ROWS], lost[VALUE_ROWS];
    for (int i = 0; i < VALUE_ROWS; i++) {
        sum[i] = start[i];
        lost[i] = (vd){0};
    }
    for (int j = 0; j < AT_CERTIFIED_CHUNK; j++) {
        vd value = load(v + j * dim);
#pragma GCC unroll 8
        for (int i = 0; i < VALUE_ROWS; i++) {
            vd p = all(high[j * ROWS + i]), s = fused(p, value, sum[i]), z = s - sum[i];
            vd e = fused(p, value, -z);
            lost[i] += fused(all(low[j * ROWS + i]), value, e);
            sum[i] = s;
        }
    }
    for (int i = 0; i < VALUE_ROWS; i++) {
        ret[i] = sum[i] - start[i];
        ret_low[i] = lost[i];
    }
}

static inline void chunk_of_rows(const double *high, const double *low, const double *v, int64_t dim, int64_t at,
                                 const struct at_certified_sums *sums)
{
    vd size[VALUE_ROWS], part[VALUE_ROWS], part_low[VALUE_ROWS];
    for (int g = 0; g < AT_CERTIFIED_CHUNK / ABS_KEYS; g++) {
        add_magnitudes(high + g * ABS_KEYS * ROWS, v + g * ABS_KEYS * dim, dim, part);
        for (int i = 0; i < VALUE_ROWS; i++) {
            merge_roughly(sums->abs_high + at + i * dim, sums->abs_low + at + i * dim, part[i]);
            size[i] = g == 0 ? part[i] : size[i] + part[i];
        }
    }
    for (int i = 0; i < VALUE_ROWS; i++)
        size[i] = anchor(size[i]);
    add_products(high, low, v, dim, size, part, part_low);
    for (int i = 0; i < VALUE_ROWS; i++)
        merge(sums->value_high + at + i * dim, sums->value_low + at + i * dim, part[i], part_low[i]);
}

static void values(const double *high, const double *low, int64_t stride, const double *v, int64_t dim,
                   const struct at_certified_sums *sums)
{
    _Alignas(64) double turned[AT_CERTIFIED_CHUNK * ROWS], turned_low[AT_CERTIFIED_CHUNK * ROWS];
    for (int j = 0; j < AT_CERTIFIED_CHUNK; j++)
        for (int i = 0; i < ROWS; i++) {
            turned[j * ROWS + i] = high[i * stride + j];
            turned_low[j * ROWS + i] = low[i * stride + j];
        }
    for (int64_t c = 0; c < dim; c += WIDTH)
        for (int r = 0; r < ROWS; r += VALUE_ROWS)
            chunk_of_rows(turned + r, turned_low + r, v + c, dim, r * dim + c, sums);
}
