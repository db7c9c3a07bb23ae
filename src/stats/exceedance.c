/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/exceedance.h"

#include "stats/binomial.h"

#include <inttypes.h>

/* The fewest further heads, all exceeding, after which P(X >= k + m) <= 1 - confidence for X ~ Binomial(n + m, allowed). */
static int64_t bad_heads(const struct at_exceedance *e)
{
    int64_t few = 0, enough = 1;
    while (at_binomial_at_least(e->exceeding + enough, e->heads + enough, e->allowed) >= 1 - e->confidence) {
        if (enough >= AT_TRIALS_MAX - e->heads)
            return -1;
        few = enough;
        enough = 2 * enough < AT_TRIALS_MAX - e->heads ? 2 * enough : AT_TRIALS_MAX - e->heads;
    }
    while (enough - few > 1) {
        int64_t middle = few + (enough - few) / 2;
        if (at_binomial_at_least(e->exceeding + middle, e->heads + middle, e->allowed) >= 1 - e->confidence)
            few = middle;
        else
            enough = middle;
    }
    return enough;
}

/*
 * By the tails themselves, not by the limits' rounding: upper <= allowed iff P(X <= k) <= 1 - confidence at allowed, lower > allowed iff
 * P(X >= k) < 1 - confidence.
 */
enum at_status at_exceedance_decide(int64_t exceeding, int64_t heads, double allowed, double confidence,
                                    struct at_exceedance *ret_exceedance, struct at_error *error)
{
    if (exceeding < 0 || heads < exceeding || heads > AT_TRIALS_MAX)
        return at_fail(error, AT_ERR_ARGUMENT, "%" PRId64 " of %" PRId64 " heads: count at most 10^9 heads", exceeding, heads);
    if (!(allowed > 0 && allowed < 1) || !(confidence >= 0.5 && confidence < 1))
        return at_fail(error, AT_ERR_ARGUMENT,
                       "share %g with confidence %g: give a share between 0 and 1 and a confidence from 0.5 to below 1", allowed,
                       confidence);
    struct at_exceedance e = {exceeding, heads, confidence, allowed, 0, 1, AT_DECISION_OPEN, 0, 0};
    enum at_status status = heads ? at_stats_proportion_lower(exceeding, heads, confidence, &e.lower) : AT_OK;
    if (!status && heads)
        status = at_stats_proportion_upper(exceeding, heads, confidence, &e.upper);
    if (status)
        return at_fail(error, status, "%" PRId64 " of %" PRId64 " heads: the limits at confidence %g cannot be computed", exceeding, heads,
                       confidence);
    if (at_binomial_at_least(exceeding + 1, heads, allowed) >= confidence) {
        e.decision = AT_DECISION_MET;
    } else if (at_binomial_at_least(exceeding, heads, allowed) < 1 - confidence) {
        e.decision = AT_DECISION_NOT_MET;
    } else {
        int64_t needed = at_binomial_fewest(exceeding + 1, allowed, confidence);
        e.clean_heads = needed < 0 ? -1 : needed - heads;
        e.bad_heads = bad_heads(&e);
    }
    *ret_exceedance = e;
    return AT_OK;
}
