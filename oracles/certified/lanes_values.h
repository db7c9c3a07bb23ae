/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Weights times values, one chunk of keys at a time: included by lanes_body.h. Deliberately without an include guard. */

enum { ABS_KEYS = 32, CHUNK = AT_CERTIFIED_CHUNK, ROWS = AT_CERTIFIED_ROWS, COLUMNS = AT_CERTIFIED_COLUMNS };

static inline vd magnitude(vd x)
{
    return (vd)((vi)x & INT64_MAX);
}

/* The sum of p |v| over 32 keys, p to one double, at most seven roundings (eq. 18): 4 keys at a time, then in pairs. */
static inline void add_magnitudes(const double *high, const double *v, vd ret[VALUE_ROWS])
{
    vd two[VALUE_ROWS], half[VALUE_ROWS];
#pragma GCC unroll 8
    for (int g = 0; g < ABS_KEYS / 4; g++) {
        vd four[VALUE_ROWS];
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            vd size = magnitude(load(v + (4 * g + j) * COLUMNS));
#pragma GCC unroll 8
            for (int i = 0; i < VALUE_ROWS; i++) {
                vd p = all(high[i * CHUNK + 4 * g + j]);
                four[i] = j == 0 ? p * size : fused(p, size, four[i]);
            }
        }
#pragma GCC unroll 8
        for (int i = 0; i < VALUE_ROWS; i++) {
            two[i] = g % 2 ? two[i] + four[i] : four[i];
            half[i] = g % 4 == 3 ? half[i] + two[i] : g % 4 == 1 ? two[i] : half[i];
            ret[i] = g == 3 ? half[i] : g == 7 ? ret[i] + half[i] : ret[i];
        }
    }
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
static inline void add_products(const double *high, const double *low, const double *v, const vd start[VALUE_ROWS],
                                vd ret[VALUE_ROWS], vd ret_low[VALUE_ROWS])
{
    vd sum[VALUE_ROWS], lost[VALUE_ROWS];
    for (int i = 0; i < VALUE_ROWS; i++) {
        sum[i] = start[i];
        lost[i] = (vd){0};
    }
    for (int j = 0; j < CHUNK; j++) {
        vd value = load(v + j * COLUMNS);
#pragma GCC unroll 8
        for (int i = 0; i < VALUE_ROWS; i++) {
            vd p = all(high[i * CHUNK + j]), s = fused(p, value, sum[i]), z = s - sum[i];
            vd e = fused(p, value, -z);
            lost[i] += fused(all(low[i * CHUNK + j]), value, e);
            sum[i] = s;
        }
    }
    for (int i = 0; i < VALUE_ROWS; i++) {
        ret[i] = sum[i] - start[i];
        ret_low[i] = lost[i];
    }
}

/* Adds the magnitudes of a chunk to the sums at `at`; ret: those of this chunk. */
static inline void add_sizes(const double *high, const double *v, int64_t dim, int64_t at, const struct at_certified_sums *sums,
                             vd ret[VALUE_ROWS])
{
    vd part[VALUE_ROWS];
    for (int g = 0; g < CHUNK / ABS_KEYS; g++) {
        add_magnitudes(high + g * ABS_KEYS, v + g * ABS_KEYS * COLUMNS, part);
        for (int i = 0; i < VALUE_ROWS; i++) {
            merge_roughly(sums->abs_high + at + i * dim, sums->abs_low + at + i * dim, part[i]);
            ret[i] = g == 0 ? part[i] : ret[i] + part[i];
        }
    }
}

static void values(const double *high, const double *low, int64_t stride, const double *v, int64_t dim,
                   const struct at_certified_sums *sums)
{
    _Alignas(64) double p[ROWS * CHUNK], p_low[ROWS * CHUNK];
    for (int i = 0; i < ROWS; i++) {
        memcpy(p + i * CHUNK, high + i * stride, CHUNK * sizeof(double));
        memcpy(p_low + i * CHUNK, low + i * stride, CHUNK * sizeof(double));
    }
    for (int64_t c = 0; c < dim; c += WIDTH)
        for (int r = 0; r < ROWS; r += VALUE_ROWS) {
            const double *column = v + c / COLUMNS * CHUNK * COLUMNS + c % COLUMNS;
            vd size[VALUE_ROWS], part[VALUE_ROWS], part_low[VALUE_ROWS];
            int64_t at = r * dim + c;
            add_sizes(p + r * CHUNK, column, dim, at, sums, size);
            for (int i = 0; i < VALUE_ROWS; i++)
                size[i] = anchor(size[i]);
            add_products(p + r * CHUNK, p_low + r * CHUNK, column, size, part, part_low);
            for (int i = 0; i < VALUE_ROWS; i++)
                merge(sums->value_high + at + i * dim, sums->value_low + at + i * dim, part[i], part_low[i]);
        }
}
