/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/sentence.h"

#include "stats/rounded.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static enum at_status __attribute__((format(printf, 2, 3))) say(char ret_text[AT_SENTENCE_SIZE], const char *format, ...)
{
    char text[AT_SENTENCE_SIZE];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length < 0 || length >= AT_SENTENCE_SIZE)
        return AT_ERR_ARGUMENT;
    snprintf(ret_text, AT_SENTENCE_SIZE, "%s", text);
    return AT_OK;
}

enum at_status at_sentence_order(const struct at_order_bound *b, struct at_subject s, char ret_text[AT_SENTENCE_SIZE])
{
    char confidence[AT_ROUNDED_SIZE], coverage[AT_ROUNDED_SIZE], low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE];
    bool has_low = b->side != AT_SIDE_UPPER, has_high = b->side != AT_SIDE_LOWER;
    if ((has_low && !isfinite(b->bound.low)) || (has_high && !isfinite(b->bound.high)))
        return say(ret_text, "cannot say: too many heads from %s have no finite %s (n = %" PRId64 ", r = %" PRId64 ")", s.source, s.what,
                   b->heads, b->rank);
    at_percent_print(b->confidence, confidence);
    at_percent_print(b->coverage, coverage);
    at_rounded_print(b->bound.low, AT_ROUND_DOWN, low);
    at_rounded_print(b->bound.high, AT_ROUND_UP, high);
    if (has_low && has_high)
        return say(ret_text, "with %s confidence at least %s of heads from %s have %s between %s and %s (n = %" PRId64 ", r = %" PRId64 ")",
                   confidence, coverage, s.source, s.what, low, high, b->heads, b->rank);
    return say(ret_text, "with %s confidence at least %s of heads from %s have %s at %s %s (n = %" PRId64 ", r = %" PRId64 ")", confidence,
               coverage, s.source, s.what, has_high ? "most" : "least", has_high ? high : low, b->heads, b->rank);
}

enum at_status at_sentence_too_few(int64_t heads, int64_t needed, char ret_text[AT_SENTENCE_SIZE])
{
    return say(ret_text, "cannot say: %" PRId64 " heads, needs %" PRId64, heads, needed);
}

enum { EDGES_SIZE = 96 };

/* "above 0.1", "below -0.1 or at or above 0.1". */
static const char *print_edges(const struct at_beyond *beyond, char ret_text[static EDGES_SIZE])
{
    static const char *const words[] = {[AT_ABOVE] = "above",
                                        [AT_AT_OR_ABOVE] = "at or above",
                                        [AT_BELOW] = "below",
                                        [AT_AT_OR_BELOW] = "at or below",
                                        [AT_OTHER_THAN] = "other than"};
    size_t used = 0;
    for (size_t i = 0; i < beyond->count; i++)
        used += (size_t)snprintf(ret_text + used, EDGES_SIZE - used, "%s%s %.10g", i ? " or " : "", words[beyond->edges[i].side],
                                 beyond->edges[i].at);
    return ret_text;
}

static struct at_beyond above(double threshold)
{
    return (struct at_beyond){.edges = {{AT_ABOVE, threshold}}, .count = 1};
}

/* "; N further heads would decide it if none exceeds" or nothing. */
static void print_further(int64_t clean_heads, const struct at_beyond *beyond, char *ret_text, size_t size)
{
    const char *does = beyond->count == 1 && beyond->edges[0].side == AT_ABOVE ? "exceeds" : "is beyond";
    if (clean_heads > 0)
        snprintf(ret_text, size, "; %" PRId64 " further heads would decide it if none of them %s", clean_heads, does);
    else
        snprintf(ret_text, size, "; more than 10^9 heads would be needed to decide it");
}

enum at_status at_sentence_beyond(const struct at_exceedance *e, const struct at_beyond *beyond, struct at_subject s,
                                  char ret_text[AT_SENTENCE_SIZE])
{
    char confidence[AT_ROUNDED_SIZE], allowed[AT_ROUNDED_SIZE], further[96], edges[EDGES_SIZE];
    at_percent_print(e->confidence, confidence);
    at_percent_print(e->allowed, allowed);
    print_edges(beyond, edges);
    if (e->decision != AT_DECISION_OPEN)
        return say(ret_text, "with %s confidence %s %s of heads from %s have %s %s (%" PRId64 " of %" PRId64 ")", confidence,
                   e->decision == AT_DECISION_MET ? "at most" : "more than", allowed, s.source, s.what, edges, e->exceeding, e->heads);
    print_further(e->clean_heads, beyond, further, sizeof further);
    return say(ret_text, "cannot say with %s confidence whether at most %s of heads from %s have %s %s (%" PRId64 " of %" PRId64 ")%s",
               confidence, allowed, s.source, s.what, edges, e->exceeding, e->heads, further);
}

enum at_status at_sentence_exceedance(const struct at_exceedance *e, double threshold, struct at_subject s, char ret_text[AT_SENTENCE_SIZE])
{
    const struct at_beyond beyond = above(threshold);
    return at_sentence_beyond(e, &beyond, s, ret_text);
}

enum at_status at_sentence_interval(struct at_interval interval, double level, size_t heads, struct at_subject s,
                                    char ret_text[AT_SENTENCE_SIZE])
{
    char percent[AT_ROUNDED_SIZE], low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE];
    if (!isfinite(interval.low) || !isfinite(interval.high))
        return say(ret_text, "cannot say: the interval of %s over heads from %s is not finite", s.what, s.source);
    return say(ret_text, "the mean over heads from %s of %s is %s to %s (approximate %s interval, studentised bootstrap of %zu heads)",
               s.source, s.what, at_rounded_print(interval.low, AT_ROUND_DOWN, low), at_rounded_print(interval.high, AT_ROUND_UP, high),
               at_percent_print(level, percent), heads);
}

enum at_status at_sentence_quantile(struct at_interval interval, double p, double level, int64_t heads, struct at_subject s,
                                    char ret_text[AT_SENTENCE_SIZE])
{
    char percent[AT_ROUNDED_SIZE], share[AT_ROUNDED_SIZE], low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE], name[64] = "median";
    if (p < 0.5 || p > 0.5)
        snprintf(name, sizeof name, "%s quantile", at_percent_print(p, share));
    if (!isfinite(interval.low) || !isfinite(interval.high))
        return say(ret_text, "cannot say: too many heads from %s have no finite %s to bound the %s (n = %" PRId64 ")", s.source, s.what,
                   name, heads);
    return say(ret_text, "with %s confidence the %s over heads from %s of %s is between %s and %s (n = %" PRId64 ")",
               at_percent_print(level, percent), name, s.source, s.what, at_rounded_print(interval.low, AT_ROUND_DOWN, low),
               at_rounded_print(interval.high, AT_ROUND_UP, high), heads);
}

enum at_status at_sentence_fact(struct at_interval range, int64_t heads, int64_t unbounded, struct at_subject s,
                                char ret_text[AT_SENTENCE_SIZE])
{
    static const char limit[] = "they are no sample, and this says nothing of other heads";
    char low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE];
    if (unbounded > 0)
        return say(ret_text, "of the %" PRId64 " heads of %s looked at %" PRId64 " have no finite %s; %s", heads, s.source, unbounded,
                   s.what, limit);
    return say(ret_text, "the %" PRId64 " heads of %s looked at have %s between %s and %s; %s", heads, s.source, s.what,
               at_rounded_print(range.low, AT_ROUND_DOWN, low), at_rounded_print(range.high, AT_ROUND_UP, high), limit);
}

enum at_status at_sentence_refused(const char *why, char ret_text[AT_SENTENCE_SIZE])
{
    return say(ret_text, "cannot say: %s", why);
}

enum at_status at_sentence_samples(struct at_interval interval, double level, bool by_order, size_t units, const char *unit,
                                   struct at_subject s, char ret_text[AT_SENTENCE_SIZE])
{
    char percent[AT_ROUNDED_SIZE], low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE];
    if (!isfinite(interval.low) || !isfinite(interval.high))
        return say(ret_text, "cannot say: the interval of the %s over samples from %s is not finite", s.what, s.source);
    return say(ret_text, "the %s over samples from %s is %s to %s (%s%s interval, %s of %zu %s)", s.what, s.source,
               at_rounded_print(interval.low, AT_ROUND_DOWN, low), at_rounded_print(interval.high, AT_ROUND_UP, high),
               by_order ? "" : "approximate ", at_percent_print(level, percent), by_order ? "order statistics" : "bootstrap", units, unit);
}

enum at_status at_sentence_anytime_beyond(struct at_interval interval, double level, int64_t exceeding, int64_t heads, int64_t clean_heads,
                                          const struct at_beyond *beyond, struct at_subject s, char ret_text[AT_SENTENCE_SIZE])
{
    char percent[AT_ROUNDED_SIZE], low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE], further[96] = "", edges[EDGES_SIZE];
    if (clean_heads)
        print_further(clean_heads, beyond, further, sizeof further);
    return say(ret_text,
               "with %s confidence, at this and every other look, %s %% to %s %% of heads from %s have %s %s (%" PRId64 " of %" PRId64
               ")%s",
               at_percent_print(level, percent), at_rounded_print(100 * interval.low, AT_ROUND_DOWN, low),
               at_rounded_print(fmin(100 * interval.high, 100), AT_ROUND_UP, high), s.source, s.what, print_edges(beyond, edges), exceeding,
               heads, further);
}

enum at_status at_sentence_anytime(struct at_interval interval, double level, int64_t exceeding, int64_t heads, double threshold,
                                   struct at_subject s, char ret_text[AT_SENTENCE_SIZE])
{
    const struct at_beyond beyond = above(threshold);
    return at_sentence_anytime_beyond(interval, level, exceeding, heads, 0, &beyond, s, ret_text);
}

enum at_status at_sentence_sprt(const struct at_sprt *t, double threshold, struct at_subject s, char ret_text[AT_SENTENCE_SIZE])
{
    char good[AT_ROUNDED_SIZE], bad[AT_ROUNDED_SIZE], wrong[AT_ROUNDED_SIZE], further[96];
    bool met = t->decision == AT_DECISION_MET;
    const struct at_beyond beyond = above(threshold);
    at_percent_print(t->good, good);
    at_percent_print(t->bad, bad);
    if (t->decision == AT_DECISION_OPEN) {
        print_further(at_sprt_clean_heads(t), &beyond, further, sizeof further);
        return say(ret_text,
                   "cannot say yet whether at most %s or at least %s of heads from %s have %s above %.10g (%" PRId64 " of %" PRId64 ")%s",
                   good, bad, s.source, s.what, threshold, t->exceeding, t->heads, further);
    }
    at_rounded_print(100 * (met ? t->beta / (1 - t->alpha) : t->alpha / (1 - t->beta)), AT_ROUND_UP, wrong);
    return say(ret_text,
               "%s %s of heads from %s have %s above %.10g (sequential test, %" PRId64 " of %" PRId64
               "): if %s %s had, it would say this with a chance of at most %s %%",
               met ? "less than" : "more than", met ? bad : good, s.source, s.what, threshold, t->exceeding, t->heads,
               met ? "at least" : "at most", met ? bad : good, wrong);
}

enum at_status at_sentence_ratio(const struct at_ratio *ratio, bool geometric, double level, size_t heads, struct at_versus versus,
                                 struct at_subject s, char ret_text[AT_SENTENCE_SIZE])
{
    char percent[AT_ROUNDED_SIZE], low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE];
    if (!isfinite(ratio->interval.low) || !isfinite(ratio->interval.high))
        return say(ret_text, "cannot say: the ratio of %s of %s to that of %s has no finite interval on heads from %s", s.what, versus.a,
                   versus.b, s.source);
    return say(ret_text,
               "over heads from %s the %s of %s is %s to %s times that of %s (%s, approximate %s interval, studentised bootstrap of "
               "%zu heads)",
               s.source, s.what, versus.a, at_rounded_print(ratio->interval.low, AT_ROUND_DOWN, low),
               at_rounded_print(ratio->interval.high, AT_ROUND_UP, high), versus.b,
               geometric ? "geometric mean of the ratios" : "ratio of the means", at_percent_print(level, percent), heads);
}

/* What each test shows of the variant with the smaller error when it rejects. */
static const struct {
    const char *name, *claim;
} tests[] = {
    [AT_TEST_SIGN] = {"sign test", "on more than half of the heads where they differ"},
    [AT_TEST_SIGNED_RANK] = {"signed rank test", "by the signed ranks of the log ratios"},
    [AT_TEST_PERMUTATION] = {"permutation test", "in the geometric mean"},
};

enum at_status at_sentence_test(const struct at_paired_test *test, enum at_test kind, double adjusted, size_t family, double alpha,
                                struct at_versus versus, struct at_subject s, char ret_text[AT_SENTENCE_SIZE])
{
    char p[AT_ROUNDED_SIZE], level[AT_ROUNDED_SIZE], holm[64] = "";
    bool a = test->a_smaller < test->b_smaller;
    at_rounded_print(adjusted, AT_ROUND_UP, p);
    at_percent_print(alpha, level);
    if (family > 1)
        snprintf(holm, sizeof holm, " after Holm over %zu comparisons", family);
    if (!(adjusted <= alpha))
        return say(ret_text, "cannot say whether %s or %s has the smaller %s on heads from %s (%s, n = %" PRId64 ", p = %s%s)", versus.a,
                   versus.b, s.what, s.source, tests[kind].name, test->heads, p, holm);
    return say(ret_text, "%s has a smaller %s than %s on heads from %s, %s (%s at level %s, n = %" PRId64 ", p = %s%s)",
               a ? versus.a : versus.b, s.what, a ? versus.b : versus.a, s.source, tests[kind].claim, tests[kind].name, level, test->heads,
               p, holm);
}

enum at_status at_sentence_tail(const struct at_return_level *l, double p_value, double alpha, struct at_subject s,
                                char ret_text[AT_SENTENCE_SIZE])
{
    char percent[AT_ROUNDED_SIZE], low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE], p[AT_ROUNDED_SIZE];
    at_rounded_print(p_value, AT_ROUND_NEAREST, p);
    if (!(p_value > alpha))
        return say(ret_text, "cannot say: that %s of heads from %s follows an extreme value distribution is %s (p = %s, n = %" PRId64 ")",
                   s.what, s.source, isnan(p_value) ? "not tested" : "rejected", p, l->heads);
    if (!isfinite(l->interval.low) || !isfinite(l->interval.high))
        return say(ret_text, "cannot say: %" PRId64 " heads from %s do not bound the %s of one head in %.10g", l->heads, s.source, s.what,
                   l->period);
    return say(ret_text,
               "if %s of heads from %s follows an extreme value distribution (not rejected, p = %s), one head in %.10g is above a "
               "value between %s and %s (approximate %s interval, n = %" PRId64 ")",
               s.what, s.source, p, l->period, at_rounded_print(l->interval.low, AT_ROUND_DOWN, low),
               at_rounded_print(l->interval.high, AT_ROUND_UP, high), at_percent_print(l->level, percent), l->heads);
}

enum at_status at_sentence_power_law(const struct at_power_law *law, double level, const char *variable, double from, double to,
                                     struct at_subject s, char ret_text[AT_SENTENCE_SIZE])
{
    char percent[AT_ROUNDED_SIZE], low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE];
    if (!isfinite(law->interval.low) || !isfinite(law->interval.high))
        return say(ret_text, "cannot say: the exponent of %s of heads from %s has no finite interval", s.what, s.source);
    return say(ret_text, "from %s = %.10g to %.10g the %s of heads from %s goes as %s to the power of %s to %s (approximate %s interval)",
               variable, from, to, s.what, s.source, variable, at_rounded_print(law->interval.low, AT_ROUND_DOWN, low),
               at_rounded_print(law->interval.high, AT_ROUND_UP, high), at_percent_print(level, percent));
}

enum at_status at_sentence_reach(const struct at_reach *reach, double level, const char *variable, double at, double from, double to,
                                 struct at_subject s, char ret_text[AT_SENTENCE_SIZE])
{
    char percent[AT_ROUNDED_SIZE], low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE], bent_low[AT_ROUNDED_SIZE], bent_high[AT_ROUNDED_SIZE];
    if (!isfinite(reach->bent.low) || !isfinite(reach->bent.high))
        return say(ret_text, "cannot say: the %s of heads from %s has no finite interval at %s = %.10g", s.what, s.source, variable, at);
    return say(
        ret_text,
        "at %s = %.10g the geometric mean of %s over heads from %s is %s to %s if the line fitted from %.10g to %.10g goes on, %s to %s "
        "if it bends as the heads allow (approximate %s intervals)%s",
        variable, at, s.what, s.source, at_rounded_print(reach->line.low, AT_ROUND_DOWN, low),
        at_rounded_print(reach->line.high, AT_ROUND_UP, high), from, to, at_rounded_print(reach->bent.low, AT_ROUND_DOWN, bent_low),
        at_rounded_print(reach->bent.high, AT_ROUND_UP, bent_high), at_percent_print(level, percent),
        at >= from && at <= to ? "" : "; nothing measured shows that it goes on");
}
