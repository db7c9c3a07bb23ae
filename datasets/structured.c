/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/elementary.h"
#include "datasets/dataset.h"
#include "datasets/fill.h"

#include <math.h>

enum { PROBABILITY, SIGMA, LOGITS, GAP, DEPTH, K_MEAN, V_MEAN, CANCELLATION };

/* K: +-1 in each column, the mean's sign, and the direction w of the key ahead; Q: w alone. Both are of the key/value head. */
static void begin_head(struct at_fill_head *head)
{
    struct at_random key = at_fill_group_key(head, AT_FILL_NOISE);
    int64_t dim = head->problem->dim;
    double square = 0;
    if (head->tensor == AT_FILL_V)
        return;
    for (int64_t c = 0; c < dim; c++) {
        head->pattern[c] = at_random_normal(key, (uint64_t)c);
        square += head->pattern[c] * head->pattern[c];
    }
    for (int64_t c = 0; c < dim; c++)
        head->pattern[c] /= sqrt(square);
}

/* Row s as it is before pairs and the key ahead: noise and outliers, factor and means. */
static void plain_row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    struct at_random event = at_fill_key(head, AT_FILL_EVENT), size = at_fill_key(head, AT_FILL_SIZE);
    struct at_random sign = at_fill_group_key(head, AT_FILL_SIGN);
    at_fill_normal(head, s, 1, ret_row);
    for (int64_t c = 0; c < head->problem->dim; c++) {
        uint64_t counter = at_fill_counter(s, c);
        if (values[PROBABILITY] > 0 && at_random_uniform(event, counter) < values[PROBABILITY])
            ret_row[c] += values[SIGMA] * at_random_normal(size, counter);
        if (head->tensor == AT_FILL_Q)
            ret_row[c] *= values[LOGITS];
        else if (head->tensor == AT_FILL_V)
            ret_row[c] += values[V_MEAN];
        else if (values[K_MEAN] > 0)
            ret_row[c] += at_random_uniform(sign, (uint64_t)c) < 0.5 ? -values[K_MEAN] : values[K_MEAN];
    }
}

/* row <- (1 - 2^-b) twin + what keeps the variance of row: twin is the row before it, negated in V. */
static void pair_rows(const struct at_fill_head *head, int64_t s, double *row)
{
    const double *values = head->context;
    double twin[AT_FILL_DIM_MAX], likeness = 1 - at_exp2(-values[CANCELLATION]), rest = sqrt(1 - likeness * likeness);
    plain_row(head, s - 1, twin);
    for (int64_t c = 0; c < head->problem->dim; c++)
        row[c] = rest * row[c] + likeness * (head->tensor == AT_FILL_V ? -twin[c] : twin[c]);
}

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    const struct at_problem *p = head->problem;
    double scale = p->scale > 0 ? p->scale : 1 / sqrt((double)p->dim), ahead = sqrt(values[GAP] / scale);
    plain_row(head, s, ret_row);
    if (head->tensor != AT_FILL_Q && s % 2 == 1 && values[CANCELLATION] > 0)
        pair_rows(head, s, ret_row);
    if (head->tensor == AT_FILL_V || (head->tensor == AT_FILL_K && s != (int64_t)round(values[DEPTH] * (double)(p->seq_k - 1))))
        return;
    for (int64_t c = 0; c < p->dim; c++)
        ret_row[c] += ahead * head->pattern[c];
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){begin_head, row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_structured = {
    .name = "structured",
    .summary = "N(0, 1) with outliers, a factor on q, one key ahead, means of k and v, and pairs of keys whose v cancel; all off at first",
    .source =
        "the structures of iid-outlier, sink, needle, k-channel and v-mean in one; cancelling values: Higham, Accuracy and Stability, 1.7",
    .parameters = {[PROBABILITY] = {"probability", 0, 0, 1, "share of elements that are outliers (1 = all)", false},
                   [SIGMA] = {"sigma", 0, 0, 1000, "standard deviation that outliers have beyond the rest's (1)", false},
                   [LOGITS] = {"logits", 1, 0, 100, "factor of q: standard deviation of the scaled scores (nats)", false},
                   [GAP] = {"gap", 0, 0, 1000, "scaled score of one key over the centre of the others', on average (nats)", false},
                   [DEPTH] = {"depth", 0, 0, 1, "where that key is: 0 first, 1 last (a share of the sequence)", false},
                   [K_MEAN] = {"k-mean", 0, 0, 1000, "|mean| of each column of k (the standard deviation is 1)", false},
                   [V_MEAN] = {"v-mean", 0, -1000, 1000, "mean of v (the standard deviation is 1)", false},
                   [CANCELLATION] = {"cancellation", 0, 0, 30, "how alike the keys of a pair are and how opposite their values (bits)",
                                     false}},
    .generate = generate,
};
