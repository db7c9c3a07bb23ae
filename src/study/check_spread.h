/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_SPREAD_H
#define AT_STUDY_CHECK_SPREAD_H

#include "core/numerics.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How far right kernels come from the a-priori model: their ratios measured / expected in rows and heads, on inputs, variants and shapes
 * that the twin has, measured once and kept as the upper tail of each setting (docs/check.md, "The model's spread").
 */
enum at_check_spread_of { AT_CHECK_SPREAD_ROWS, AT_CHECK_SPREAD_HEADS, AT_CHECK_SPREADS };

/* Of `count` ratios the k = floor(sqrt(count)) largest lie above `threshold`; sum = sum ln(x_i / threshold). */
struct at_check_tail {
    double count, threshold, sum;
};

struct at_check_spread {
    const char *input, *variant; /* as attest spells them */
    int queries, keys, dim;
    bool causal, eight, rounded; /* P has 8 bits; scores have 16 */
    struct at_check_tail tail[AT_CHECK_SPREADS];
    double largest[AT_CHECK_SPREADS];
};

/* What build/tests/perturb/measure_spread prints. */
extern const struct at_check_spread at_check_spreads[];
extern const size_t at_check_spread_count;

/* Query rows of a head in the settings, at least. */
int64_t at_check_spread_rows(void);

/* The bound of at_stats_tail_bound from such a tail. */
double at_check_tail_bound(const struct at_check_tail *tail, double draws, double level);

/*
 * The ratio that the largest of `draws` rows or heads of a right kernel exceeds with probability `level` at most, were it of the worst of
 * the settings that speak for the numerics: those whose P has as many bits, without rounded scores, or that have rounded scores too. The
 * largest of their bounds. Settings with a threshold below 1 do not count: the model expects more than right kernels do there, and a tail
 * of small ratios says nothing of large ones. NaN for heads of fewer rows than the settings' had, whose spread is wider.
 *   rows: of each head that are looked at
 */
double at_check_spread_bound(enum at_check_spread_of of, const struct at_numerics *numerics, int64_t rows, double draws, double level);

#ifdef __cplusplus
}
#endif

#endif
