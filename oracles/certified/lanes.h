/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_LANES_H
#define AT_ORACLES_CERTIFIED_LANES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The arithmetic of a block of query rows, many numbers at a time: lanes_body.h, compiled once for each path. Every path rounds the same
 * numbers in the same order, so that all give the same bits. Arrays of numbers in two doubles are two arrays, high and low.
 */
enum {
    AT_CERTIFIED_ROWS = 8,    /* query rows side by side */
    AT_CERTIFIED_PANEL = 16,  /* keys side by side in K as it is stored */
    AT_CERTIFIED_SLICES = 5,  /* of a query or a key at most */
    AT_CERTIFIED_STRANDS = 32, /* in which the weights are summed */
    AT_CERTIFIED_COLUMNS = 8, /* of V side by side as it is stored */
    AT_CERTIFIED_CHUNK = 128, /* keys of one partial sum of weight times value; all arrays are padded to a multiple of it */
    AT_CERTIFIED_CLIP = 750,  /* keys with c (s_j - s_m) < -750 are left out: p < 2^-1081 (eq. 15) */
    AT_CERTIFIED_RAISE = 512, /* weights are e^x 2^512, so that no product or remainder underflows (eq. 16) */
};

/*
 * K in panels of 16 keys: key j is factor[j] * sum over s of slice s * 2^(-s width), slices being integers below 2^width <= 2^24. Element d
 * of slice s of key j at ((j / 16 * slices + s) * score_dim + d) * 16 + j % 16.
 */
struct at_certified_keys {
    int64_t count, score_dim; /* keys, padded to chunks with zeros */
    int slices, width;
    float *slice;
    double *factor;      /* [count] */
    unsigned char *used; /* [count] slices from that on are zero */
};

/* 8 queries without their factors, likewise: slice[slices][8][score_dim]. */
struct at_certified_queries {
    int64_t score_dim;
    int slices, width;
    double *slice;
    int used[AT_CERTIFIED_ROWS];
};

/* Sums over keys of weight times value and of its magnitude, and the measure of what short_values misses (eq. 25), [8][dim] each. */
struct at_certified_sums {
    double *value_high, *value_low, *abs_high, *abs_low, *missed;
};

struct at_certified_table;

struct at_certified_lanes {
    /*
     * Scores high + low, high a multiple of 4 and |low| <= 2, of 8 rows, `stride` apart, and the keys from `from` up to `end`, multiples
     * of 16: exact where eq. 11 says so, else within its bound.
     */
    void (*dots)(const struct at_certified_queries *q, const struct at_certified_keys *k, int64_t from, int64_t end, int64_t stride,
                 double *high, double *low);

    /* The largest of high[n] + low[n], n > 0 a multiple of 8. */
    void (*top)(const double *high, const double *low, int64_t n, double ret[2]);

    /*
     * high, low <- 2^512 e^x (1 + d), x = -(scale[0] + scale[1]) (top - s) for s = high + low, d as in eq. 14; 0 where x < -750. Returns
     * the leading double of the least x. n: a multiple of 8.
     */
    double (*weights)(const struct at_certified_table *table, const double scale[2], const double top[2], int64_t n, double *high,
                      double *low);

    /* The sum of high[n] + low[n], in 32 strands (eq. 17). n: a multiple of 32. */
    void (*total)(const double *high, const double *low, int64_t n, double ret[2]);

    /* Adds one chunk: high, low [8][stride] weights of 128 keys, v [dim / 8][128][8]. dim: a multiple of 8 (eq. 18 to 20). */
    void (*values)(const double *high, const double *low, int64_t stride, const double *v, int64_t dim,
                   const struct at_certified_sums *sums);

    /*
     * The same, faster, of values that are multiples of some 2^l, below 2^(l + bits), 2 <= bits <= 30, whose magnitudes sum up to at most
     * 2^(l + reach) over the chunk, bits <= reach <= 40: sizes[dim] (eq. 25).
     */
    void (*short_values)(const double *high, const double *low, int64_t stride, const double *v, const double *sizes, int bits, int reach,
                         int64_t dim, const struct at_certified_sums *sums);
};

extern const struct at_certified_lanes at_certified_lanes_portable, at_certified_lanes_avx2, at_certified_lanes_avx512;

#ifdef __cplusplus
}
#endif

#endif
