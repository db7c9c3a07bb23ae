/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/statement.h"

#include "stats/heads.h"

#include <math.h>
#include <string.h>

const double at_statement_shares[] = {0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999};
const size_t at_statement_share_count = sizeof at_statement_shares / sizeof at_statement_shares[0];
const double at_statement_rejection = 0.05;

/* p is known to 1/(draws + 1). */
enum { DRAWS = 199, SEED = 1 };

struct making {
    const struct at_units *units;
    enum at_better better;
    struct at_statement_question question;
    struct at_subject subject;
    struct at_statement *made;
    struct at_error *error;
};

static double largest_share(size_t heads, double confidence)
{
    int64_t rank;
    for (size_t i = at_statement_share_count; i-- > 1;)
        if (!at_order_largest_rank(AT_SIDE_UPPER, (int64_t)heads, confidence, at_statement_shares[i], &rank) && rank > 0)
            return at_statement_shares[i];
    return at_statement_shares[0];
}

/* "cannot say: " with a message: of a status that is a finding, not a failure. */
static enum at_status refuse(enum at_status status, const struct at_error *why, char said[AT_SENTENCE_SIZE], struct at_error *error)
{
    if (status == AT_ERR_UNDEFINED)
        return at_sentence_refused(why->message, said);
    return at_fail(error, status, "statements: %s", *why->message ? why->message : "no memory");
}

static enum at_status say_bound(struct making *m)
{
    struct at_statement *s = m->made;
    struct at_error why = {""};
    enum at_side side = m->better == AT_LARGER_IS_BETTER ? AT_SIDE_LOWER : AT_SIDE_UPPER;
    char *said = s->said[AT_SAID_BOUND];
    s->share = m->question.share > 0 ? m->question.share : largest_share(s->heads, m->question.confidence);
    if (at_order_fewest(side, m->question.confidence, s->share, 1, &s->needed))
        s->needed = 0;
    enum at_status status = at_order_bound(side == AT_SIDE_LOWER ? m->units->low : m->units->high, s->heads, side, m->question.confidence,
                                           s->share, 0, &s->bound, &why);
    s->has_bound = !status;
    if (!status)
        return at_sentence_order(&s->bound, m->subject, said);
    if (status == AT_ERR_UNDEFINED && s->needed)
        return at_sentence_too_few((int64_t)s->heads, s->needed, said);
    return refuse(status, &why, said, m->error);
}

static enum at_status say_median(struct making *m)
{
    struct at_statement *s = m->made;
    struct at_error why = {""};
    struct at_interval from_low, from_high;
    double level = m->question.confidence;
    enum at_status status = at_order_quantile(m->units->low, s->heads, 0.5, level, &from_low, &s->median_attained, &why);
    if (!status)
        status = at_order_quantile(m->units->high, s->heads, 0.5, level, &from_high, &s->median_attained, &why);
    if (status)
        return refuse(status, &why, s->said[AT_SAID_MEDIAN], m->error);
    s->median = (struct at_interval){from_low.low, from_high.high};
    return at_sentence_quantile(s->median, 0.5, level, (int64_t)s->heads, m->subject, s->said[AT_SAID_MEDIAN]);
}

static enum at_status say_mean(struct making *m)
{
    struct at_statement *s = m->made;
    struct at_error why = {""};
    struct at_interval from_low, from_high;
    double level = m->question.confidence;
    size_t resamples = (size_t)fmax(2000, ceil(20 / (1 - level)));
    enum at_status status = at_heads_interval(m->units->low, NULL, s->heads, level, resamples, SEED, &from_low, &why);
    if (!status)
        status = at_heads_interval(m->units->high, NULL, s->heads, level, resamples, SEED, &from_high, &why);
    if (status)
        return refuse(status, &why, s->said[AT_SAID_MEAN], m->error);
    s->mean = (struct at_interval){from_low.low, from_high.high};
    return at_sentence_interval(s->mean, level, s->heads, m->subject, s->said[AT_SAID_MEAN]);
}

static enum at_status say_tail(struct making *m)
{
    struct at_statement *s = m->made;
    struct at_error why = {""};
    struct at_return_level from_low;
    char *said = s->said[AT_SAID_TAIL];
    double level = m->question.confidence, period = m->question.period > 0 ? m->question.period : (double)AT_TAIL_REACH * (double)s->heads;
    if (m->better == AT_LARGER_IS_BETTER)
        return at_sentence_refused("a tail is fitted to what is larger when it is worse", said);
    enum at_status status = at_tail_level(m->units->high, s->heads, period, level, &s->level, &why);
    if (!status)
        status = at_tail_level(m->units->low, s->heads, period, level, &from_low, &why);
    if (!status)
        status = at_tail_fit(m->units->high, s->heads, level, DRAWS, SEED, &s->tail, &why);
    if (status)
        return refuse(status, &why, said, m->error);
    s->has_tail = true;
    s->level.interval.low = from_low.interval.low;
    status = at_sentence_tail(&s->level, s->tail.p_value, at_statement_rejection, m->subject, said);
    if (!(s->tail.p_value > at_statement_rejection))
        s->level.interval = (struct at_interval){NAN, NAN};
    return status;
}

static void look_at(const struct at_units *units, enum at_better better, struct at_statement *s)
{
    s->heads = units->count;
    s->unknown = units->unknown;
    s->range = (struct at_interval){INFINITY, -INFINITY};
    for (size_t i = 0; i < units->count; i++) {
        s->unbounded += !isfinite(better == AT_LARGER_IS_BETTER ? units->low[i] : units->high[i]);
        s->range.low = fmin(s->range.low, units->low[i]);
        s->range.high = fmax(s->range.high, units->high[i]);
    }
    if (units->unknown || !units->count)
        s->range = (struct at_interval){NAN, NAN};
}

static enum at_status say_all(struct making *m)
{
    struct at_statement *s = m->made;
    if (s->heads == 0 || !s->sample) {
        const char *why = s->heads ? "heads of a capture are no sample of others" : "no head was measured";
        for (int i = 0; i < AT_SAIDS; i++)
            at_sentence_refused(why, s->said[i]);
        return s->heads ? at_sentence_fact(s->range, (int64_t)s->heads, (int64_t)s->unbounded, m->subject, s->fact) : AT_OK;
    }
    enum at_status status = say_bound(m);
    if (!status)
        status = say_median(m);
    if (!status)
        status = say_mean(m);
    return status ? status : say_tail(m);
}

enum at_status at_statement_of(const struct at_units *units, enum at_better better, bool sample,
                               const struct at_statement_question *question, struct at_subject subject, struct at_statement *ret_statement,
                               struct at_error *error)
{
    static const struct at_interval none = {NAN, NAN};
    if (!(question->confidence >= 0.5 && question->confidence <= AT_STATEMENT_SUREST) || !(question->share >= 0 && question->share < 1) ||
        !(question->period >= 0 && (question->period <= 0 || question->period > 1)))
        return at_fail(error, AT_ERR_ARGUMENT, "statements: confidence %g, share %g, one head in %g: give 0.5 to %g, below 1, above 1",
                       question->confidence, question->share, question->period, AT_STATEMENT_SUREST);
    if (strlen(subject.what) + strlen(subject.source) > AT_STATEMENT_NAMES)
        return at_fail(error, AT_ERR_ARGUMENT, "statements: the names of '%.100s' are too long for a sentence", subject.source);
    struct at_statement made = {.sample = sample, .median = none, .mean = none, .median_attained = NAN};
    struct making making = {units, better, *question, subject, &made, error};
    look_at(units, better, &made);
    enum at_status status = say_all(&making);
    if (!status)
        *ret_statement = made;
    return status;
}
