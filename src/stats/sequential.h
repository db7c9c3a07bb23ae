/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_SEQUENTIAL_H
#define AT_STATS_SEQUENTIAL_H

#include "stats/exceedance.h"
#include "stats/stats.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Statements that stay valid when people look after every head and stop when they like. Heads are independent draws of one source. */

/*
 * Wald's sequential probability ratio test (Ann. Math. Statist. 16 (1945) 117) of the share p of heads that exceed a threshold: stops for
 * "met" (p <= good) when the log likelihood ratio ln L(bad)/L(good) falls to ln(beta/(1 - alpha)), for "not met" when it rises to
 * ln((1 - beta)/alpha). Chance of "not met" for p <= good: at most alpha/(1 - beta); of "met" for p >= bad: at most beta/(1 - alpha);
 * together at most alpha + beta. Between good and bad it may say either.
 */
struct at_sprt {
    double good, bad, alpha, beta;
    int64_t heads, exceeding; /* until the decision; later heads are not counted */
    double log_ratio;
    enum at_decision decision;
};

/* 0 < good < bad < 1, alpha and beta > 0 with alpha + beta < 1: else AT_ERR_ARGUMENT. */
enum at_status at_sprt_start(double good, double bad, double alpha, double beta, struct at_sprt *ret_sprt);

/* One more head. Returns the decision so far, which stays once made. */
enum at_decision at_sprt_add(struct at_sprt *sprt, bool exceeds);

/* Further heads, none exceeding, until "met"; 0 when decided. */
int64_t at_sprt_clean_heads(const struct at_sprt *sprt);

/*
 * Confidence sequence of a share: with probability at least `level` the intervals after 0, 1, 2, ... heads hold the share all at once
 * (Ville's inequality for the beta-binomial mixture martingale; Robbins, Ann. Math. Statist. 41 (1970) 1397). The interval is the set of
 * p with
 *   B(a + k, b + n - k) / (B(a, b) p^k (1 - p)^(n - k)) < 1/(1 - level), a = 1/2, b = (1 - around)/(2 around).
 *   around: 0 < around < 1, fixed before the first head; the interval is tightest for shares near it, valid for all
 *   hits of trials: 0 <= hits <= trials <= 1e9
 * Ends are rounded outwards. No trials: 0 to 1.
 */
enum at_status at_anytime_proportion(int64_t hits, int64_t trials, double level, double around, struct at_interval *ret_interval);

/*
 * Whether at most the share `allowed` exceeds, by the sequence above with around = allowed: met when its upper end is <= allowed, not met
 * when its lower end is > allowed. The chance that a look at any time is ever wrong is at most 1 - confidence.
 */
enum at_status at_anytime_decide(int64_t exceeding, int64_t heads, double allowed, double confidence, enum at_decision *ret_decision);

/* Further heads, none exceeding, until at_anytime_decide says met; 0 when it does, -1 when 1e9 heads are not enough. */
enum at_status at_anytime_clean_heads(int64_t exceeding, int64_t heads, double allowed, double confidence, int64_t *ret_heads);

#ifdef __cplusplus
}
#endif

#endif
