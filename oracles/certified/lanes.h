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
    AT_CERTIFIED_ROWS = 8,    /* query rows of a block */
    AT_CERTIFIED_PANEL = 8,   /* keys side by side in K as it is stored; the sum of weights runs in as many strands */
    AT_CERTIFIED_CHUNK = 64,  /* keys of one partial sum of weight times value; all arrays are padded to a multiple of it */
    AT_CERTIFIED_CLIP = 750,  /* keys with c (s_j - s_m) < -750 are left out: p < 2^-1081 (eq. 15) */
    AT_CERTIFIED_RAISE = 512, /* weights are e^x 2^512, so that no product or remainder underflows (eq. 16) */
};

/* How q . k is formed; each is exact (eq. 11). */
enum at_certified_mode {
    AT_CERTIFIED_WHOLE,  /* doubles; |s| < 2^52 */
    AT_CERTIFIED_HALVES, /* q and k in two doubles each */
    AT_CERTIFIED_IFMA,   /* 52-bit integers of AVX-512 */
    AT_CERTIFIED_WIDE,   /* __int128 */
};

/*
 * K as integers of `bits` bits times 2^low, in panels: element (j, d) at ((j / 8) * score_dim + d) * 8 + j % 8. WHOLE: a. HALVES: a 2^half
 * + b, 0 <= b < 2^half. WIDE: n. IFMA: n + 2^51, and sum[j] over d of it. Queries: [8][score_dim] likewise; sum less score_dim 2^51.
 */
struct at_certified_operand {
    enum at_certified_mode mode;
    int64_t count, score_dim; /* keys, padded to chunks with zeros, or 8 */
    int bits, low, half;
    double *a, *b;
    int64_t *n, *sum;
};

/* Scores s = high + low, exactly: high a multiple of 2^52, |low| < 2^52; for 8 rows, `stride` apart, and `keys` keys, a multiple of 8. */
typedef void at_certified_dots(const struct at_certified_operand *q, const struct at_certified_operand *k, int64_t keys, int64_t stride,
                               double *high, double *low);

/* Sums over keys of weight times value and of its magnitude, [8][dim] each. */
struct at_certified_sums {
    double *value_high, *value_low, *abs_high, *abs_low;
};

struct at_certified_table;

struct at_certified_lanes {
    at_certified_dots *whole, *halves;

    /* The largest of high[n] + low[n], n > 0 a multiple of 8. */
    void (*top)(const double *high, const double *low, int64_t n, double ret[2]);

    /*
     * high, low <- 2^512 e^x (1 + d), x = -(scale[0] + scale[1]) (top - s) for s = high + low, d as in eq. 14; 0 where x < -750. Returns
     * the leading double of the least x. n: a multiple of 8.
     */
    double (*weights)(const struct at_certified_table *table, const double scale[2], const double top[2], int64_t n, double *high,
                      double *low);

    /* The sum of high[n] + low[n], in 8 strands (eq. 17). n: a multiple of 8. */
    void (*total)(const double *high, const double *low, int64_t n, double ret[2]);

    /* Adds one chunk: high, low [8][stride] weights of 64 keys, v [64][dim]. dim: a multiple of 8 (eq. 18 to 20). */
    void (*values)(const double *high, const double *low, int64_t stride, const double *v, int64_t dim,
                   const struct at_certified_sums *sums);
};

extern const struct at_certified_lanes at_certified_lanes_portable, at_certified_lanes_avx2, at_certified_lanes_avx512;

at_certified_dots at_certified_dots_wide, at_certified_dots_ifma;

#ifdef __cplusplus
}
#endif

#endif
