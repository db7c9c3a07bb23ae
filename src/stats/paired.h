/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_PAIRED_H
#define AT_STATS_PAIRED_H

#include "stats/stats.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Two variants on the same inputs: a[i] and b[i] are the errors of both on head i (a key/value head, the independent unit). Each test is
 * exact under its null hypothesis whatever the spread from head to head.
 */
struct at_paired_test {
    int64_t heads;               /* pairs that tell something: differing ones */
    int64_t ties;                /* equal pairs, left out */
    double a_smaller, b_smaller; /* one-sided p values: small is evidence that a (b) has the smaller error */
    double two_sided;            /* min(1, 2 min of these) */
    bool exact;                  /* whole null distribution, not a normal approximation or random draws */
};

/*
 * Sign test (Dixon and Mood, JASA 41 (1946) 557), given the number of ties: the null hypothesis is that a is as often the smaller one as
 * the larger. A NaN counts as +INFINITY, and two of them as a tie. AT_ERR_UNDEFINED when all are ties.
 */
enum at_status at_paired_sign(const double *a, const double *b, size_t heads, struct at_paired_test *ret_test);

/*
 * Wilcoxon's signed rank test of ln a - ln b, symmetric around 0 under the null hypothesis: midranks for equal magnitudes, zeros ranked
 * and then left out (Pratt, JASA 54 (1959) 655), and the exact distribution given the magnitudes up to AT_SIGNED_RANK_EXACT pairs,
 * above it the normal with continuity correction. AT_ERR_UNDEFINED unless all values are finite and > 0, and one pair differs.
 */
enum { AT_SIGNED_RANK_EXACT = 200 };
enum at_status at_paired_signed_rank(const double *a, const double *b, size_t heads, struct at_paired_test *ret_test);

/*
 * Permutation test of the mean of ln a - ln b: under the null hypothesis a and b may be exchanged head by head. All 2^heads exchanges up
 * to AT_PERMUTATION_EXACT differing pairs, above it `draws` random ones, (hits + 1)/(draws + 1), which is valid for any number of draws
 * (Phipson and Smyth, SAGMB 9 (2010) 39). Undefined as above. Deterministic in `seed`.
 */
enum { AT_PERMUTATION_EXACT = 16 };
enum at_status at_paired_permutation(const double *a, const double *b, size_t heads, size_t draws, uint64_t seed,
                                     struct at_paired_test *ret_test);

/* A ratio of a's errors to b's, with the interval of at_heads_interval, by pairs. */
struct at_ratio {
    double ratio;
    struct at_interval interval;
};

/*
 * Geometric mean of a[i]/b[i]: exp(mean of ln a - ln b), its interval on the logarithm. AT_ERR_UNDEFINED unless all are finite and > 0; the
 * rest as at_heads_interval.
 */
enum at_status at_paired_geometric(const double *a, const double *b, size_t heads, double level, size_t resamples, uint64_t seed,
                                   struct at_ratio *ret_ratio, struct at_error *error);

/* Ratio of means: sum a / sum b, ruled by the heads with the largest errors. Undefined for a value that is negative or not finite. */
enum at_status at_paired_means(const double *a, const double *b, size_t heads, double level, size_t resamples, uint64_t seed,
                               struct at_ratio *ret_ratio, struct at_error *error);

/*
 * Holm's adjusted p values (Scand. J. Statist. 6 (1979) 65): rejecting where adjusted <= alpha keeps the chance of any false rejection
 * in the family at alpha, whatever the dependence. adjusted_(i) = max over j <= i of min(1, (m - j + 1) p_(j)).
 * AT_ERR_UNDEFINED when a p value is NaN, AT_ERR_ARGUMENT outside [0, 1]: a family without one of its members is another family.
 */
enum at_status at_holm(const double *p_values, size_t count, double *ret_adjusted);

#ifdef __cplusplus
}
#endif

#endif
