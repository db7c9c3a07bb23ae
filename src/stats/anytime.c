/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/sequential.h"

#include "stats/binomial.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>

/* What the martingale is made of; `mixture` = ln B(a + k, b + n - k) - ln B(a, b). */
struct evidence {
    double hits, misses, mixture, threshold;
};

static double log_beta(double a, double b)
{
    return gsl_sf_lngamma(a) + gsl_sf_lngamma(b) - gsl_sf_lngamma(a + b);
}

/* Whether p = 1/(1 + exp(-logit)) is refuted: the martingale of p has reached 1/(1 - level). */
static bool refuted(const struct evidence *e, double logit)
{
    double log_p = logit < 0 ? logit - log1p(exp(logit)) : -log1p(exp(-logit));
    double log_q = logit < 0 ? -log1p(exp(logit)) : -logit - log1p(exp(-logit));
    return e->mixture - (e->hits > 0 ? e->hits * log_p : 0) - (e->misses > 0 ? e->misses * log_q : 0) >= e->threshold;
}

/* The end between a logit that is kept and one that is refuted, on the refuted side: the evidence is convex in p. */
static double end(const struct evidence *e, double kept, double out)
{
    if (!refuted(e, out))
        return out;
    for (int i = 0; i < 80; i++) {
        double middle = kept + (out - kept) / 2;
        if (refuted(e, middle))
            out = middle;
        else
            kept = middle;
    }
    return out;
}

static double share(double logit)
{
    return logit < 0 ? exp(logit) / (1 + exp(logit)) : 1 / (1 + exp(-logit));
}

enum at_status at_anytime_proportion(int64_t hits, int64_t trials, double level, double around, struct at_interval *ret_interval)
{
    if (hits < 0 || trials < hits || trials > AT_TRIALS_MAX || !(level > 0 && level < 1) || !(around > 0 && around < 1))
        return AT_ERR_ARGUMENT;
    double k = (double)hits, m = (double)(trials - hits), a = 0.5, b = 0.5 * (1 - around) / around;
    struct evidence e = {k, m, log_beta(a + k, b + m) - log_beta(a, b), -log1p(-level)};
    const double far = 700; /* exp(-700): no share that a double of counts could tell from 0 or 1 */
    double best = hits == 0 ? -far : hits == trials ? far : log(k / m);
    *ret_interval = (struct at_interval){hits == 0 ? 0 : share(end(&e, best, -far)), hits == trials ? 1 : share(end(&e, best, far))};
    return AT_OK;
}

enum at_status at_anytime_decide(int64_t exceeding, int64_t heads, double allowed, double confidence, enum at_decision *ret_decision)
{
    struct at_interval i;
    enum at_status status = at_anytime_proportion(exceeding, heads, confidence, allowed, &i);
    if (status)
        return status;
    *ret_decision = i.high <= allowed ? AT_DECISION_MET : i.low > allowed ? AT_DECISION_NOT_MET : AT_DECISION_OPEN;
    return AT_OK;
}

enum at_status at_anytime_clean_heads(int64_t exceeding, int64_t heads, double allowed, double confidence, int64_t *ret_heads)
{
    enum at_decision decision;
    enum at_status status = at_anytime_decide(exceeding, heads, allowed, confidence, &decision);
    int64_t few = heads, enough = AT_TRIALS_MAX;
    if (!status && decision != AT_DECISION_MET)
        status = at_anytime_decide(exceeding, enough, allowed, confidence, &decision);
    else if (!status)
        enough = heads;
    if (status)
        return status;
    if (decision != AT_DECISION_MET)
        few = enough = heads - 1;
    while (enough - few > 1) {
        int64_t middle = few + (enough - few) / 2;
        at_anytime_decide(exceeding, middle, allowed, confidence, &decision);
        if (decision == AT_DECISION_MET)
            enough = middle;
        else
            few = middle;
    }
    *ret_heads = enough - heads;
    return AT_OK;
}
