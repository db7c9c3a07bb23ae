/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/score.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum at_status at_scores_init(struct at_scores *ret_scores, int reference, int64_t heads, int64_t rows, struct at_error *error)
{
    struct at_scores s = {.reference = reference};
    size_t room;
    if (__builtin_mul_overflow((size_t)heads, (size_t)rows + 1, &room) || __builtin_mul_overflow(room + 1, at_metric_count, &room))
        return at_fail(error, AT_ERR_MEMORY, "measures: too many rows");
    s.room = room;
    s.facts = calloc(room, sizeof *s.facts);
    s.row = calloc(at_metric_count, sizeof *s.row);
    s.head = calloc(at_metric_count, sizeof *s.head);
    s.whole = calloc(at_metric_count, sizeof *s.whole);
    if (!s.facts || !s.row || !s.head || !s.whole) {
        at_scores_done(&s);
        return at_fail(error, AT_ERR_MEMORY, "measures: out of memory for %zu of them; look at fewer rows", room);
    }
    *ret_scores = s;
    return AT_OK;
}

void at_scores_done(struct at_scores *scores)
{
    free(scores->facts);
    free(scores->row);
    free(scores->head);
    free(scores->whole);
    *scores = (struct at_scores){0};
}

/* A radius that cannot be had leaves the value unknown, so it is infinite, never none. */
static double radius_of(const struct at_metric *metric, const struct at_metric_state *state)
{
    if (!metric->radius)
        return NAN;
    double radius = metric->radius(state);
    return isnan(radius) ? INFINITY : radius;
}

static void emit(struct at_scores *scores, const struct at_metric_state *states, enum at_scope scope, int64_t b, int64_t h, int64_t s)
{
    for (size_t m = 0; m < at_metric_count; m++) {
        const struct at_metric *metric = at_metrics[m];
        double value = NAN;
        if (!metric->add && scope == AT_SCOPE_ROW) /* prepare counts by head */
            continue;
        if (metric->value(&states[m], &value) != AT_OK)
            value = NAN;
        assert(scores->count < scores->room);
        scores->facts[scores->count++] = (struct at_measure_fact){.reference = scores->reference,
                                                                  .scope = scope,
                                                                  .batch = b,
                                                                  .head = h,
                                                                  .row = s,
                                                                  .metric = metric->name,
                                                                  .value = value,
                                                                  .radius = radius_of(metric, &states[m])};
    }
}

static void merge(struct at_metric_state *into, struct at_metric_state *from)
{
    for (size_t m = 0; m < at_metric_count; m++) {
        if (at_metrics[m]->add)
            at_metrics[m]->merge(&into[m], &from[m]);
        from[m] = (struct at_metric_state){0};
    }
}

static void count_error(struct at_scores *scores, double got, double truth, double sum_abs)
{
    if (!isfinite(truth))
        return;
    double error = fabs(got - truth);
    if (!isfinite(got)) {
        scores->nonfinite++;
    } else if (error == 0) {
        scores->zeros++;
    } else {
        int exponent = 0;
        frexp(error / sum_abs, &exponent); /* in [2^(exponent - 1), 2^exponent) */
        int bin = exponent - 1 - AT_HISTOGRAM_FIRST;
        if (!isfinite(error / sum_abs) || bin >= AT_HISTOGRAM_BINS)
            scores->above++;
        else if (bin < 0 || error / sum_abs == 0)
            scores->below++;
        else
            scores->bins[bin]++;
    }
}

/* What the metrics make of one row alone: no other row is looked at, so that rows may be measured side by side. */
static void measure_row(const struct at_row_sample *sample, struct at_metric_state *ret_states)
{
    for (size_t m = 0; m < at_metric_count; m++)
        if (at_metrics[m]->add)
            at_metrics[m]->add(&ret_states[m], sample);
}

/* In the order of the rows: sums depend on it. */
static void add_row(struct at_scores *scores, int64_t b, int64_t h, int64_t s, const struct at_row_sample *sample,
                    struct at_metric_state *states)
{
    emit(scores, states, AT_SCOPE_ROW, b, h, s);
    merge(scores->head, states);
    for (int64_t i = 0; i < sample->dim; i++)
        count_error(scores, (double)sample->got[i], sample->truth[i], sample->sum_abs[i]);
}

void at_scores_row(struct at_scores *scores, int64_t b, int64_t h, int64_t s, const struct at_row_sample *sample)
{
    measure_row(sample, scores->row);
    add_row(scores, b, h, s, sample, scores->row);
}

enum at_status at_scores_rows(struct at_scores *scores, int64_t b, int64_t h, const int64_t *s, const struct at_row_sample *samples,
                              int64_t count, struct at_error *error)
{
    struct at_metric_state *states = calloc((size_t)count * at_metric_count + 1, sizeof *states);
    if (!states)
        return at_fail(error, AT_ERR_MEMORY, "measures: out of memory for %lld rows; look at fewer", (long long)count);
#pragma omp parallel for schedule(dynamic)
    for (int64_t i = 0; i < count; i++)
        measure_row(&samples[i], states + (size_t)i * at_metric_count);
    for (int64_t i = 0; i < count; i++)
        add_row(scores, b, h, s[i], &samples[i], states + (size_t)i * at_metric_count);
    free(states);
    return AT_OK;
}

static void add_counts(struct at_metric_state *states, const struct at_counts *counts)
{
    for (size_t m = 0; m < at_metric_count; m++)
        if (at_metrics[m]->add_counts)
            at_metrics[m]->add_counts(&states[m], counts);
}

void at_scores_head(struct at_scores *scores, int64_t b, int64_t h, const struct at_counts *counts)
{
    add_counts(scores->head, counts);
    emit(scores, scores->head, AT_SCOPE_HEAD, b, h, -1);
    merge(scores->whole, scores->head);
}

void at_scores_case(struct at_scores *scores, const struct at_counts *counts)
{
    add_counts(scores->whole, counts);
    emit(scores, scores->whole, AT_SCOPE_CASE, -1, -1, -1);
}

struct at_histogram_fact at_scores_histogram(const struct at_scores *scores)
{
    return (struct at_histogram_fact){.reference = scores->reference,
                                      .first = AT_HISTOGRAM_FIRST,
                                      .bins = AT_HISTOGRAM_BINS,
                                      .counts = scores->bins,
                                      .zeros = scores->zeros,
                                      .nonfinite = scores->nonfinite,
                                      .below = scores->below,
                                      .above = scores->above};
}
