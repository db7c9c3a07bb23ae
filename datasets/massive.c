/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/columns.h"
#include "datasets/dataset.h"
#include "datasets/fill.h"

enum { TOKENS, CHANNELS, MAGNITUDE };

/* Median of |z| of a standard normal z: its quantile of 3/4. */
static const double median = 0x1.5956b87528a49p-1; /* 0.6744897501960817 */

/* The channels are those of the key/value head in Q, K and V alike; each tensor, and each query head, has its own signs. */
static void begin_head(struct at_fill_head *head)
{
    const double *values = head->context;
    struct at_random choice = at_fill_group_key(head, AT_FILL_EVENT), sign = at_fill_group_key(head, AT_FILL_SIGN);
    int64_t signs = head->tensor == AT_FILL_K ? 0 : head->tensor == AT_FILL_V ? 1 : 2 + head->h;
    bool massive[AT_FILL_DIM_MAX];
    at_columns_choose(choice, head->problem->dim, values[CHANNELS], massive);
    for (int64_t c = 0; c < head->problem->dim; c++)
        if (massive[c])
            head->pattern[c] = (at_random_uniform(sign, at_fill_counter(signs, c)) < 0.5 ? -median : median) * values[MAGNITUDE];
}

/* The second massive token: the same in all heads of a batch, for a token is the input's. */
static int64_t second_token(const struct at_fill_head *head)
{
    const struct at_fill_head batch = {.seed = head->seed, .tensor = AT_FILL_K, .b = head->b};
    return 1 + (int64_t)(at_random_uniform(at_fill_key(&batch, AT_FILL_SIZE), 0) * (double)(head->problem->seq_k - 1));
}

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    int64_t token = at_fill_token(head, s);
    at_fill_normal(head, s, 1, ret_row);
    if (token != 0 && (values[TOKENS] < 2 || token != second_token(head)))
        return;
    for (int64_t c = 0; c < head->problem->dim; c++)
        if (head->pattern[c] != 0)
            ret_row[c] = head->pattern[c];
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){begin_head, row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_massive = {
    .name = "massive",
    .summary = "N(0, 1), but a few channels of the first and one more token are +-magnitude * 0.674 (the median) in q, k and v",
    .source = "massive activations: arXiv 2402.17762",
    .parameters = {[TOKENS] = {"tokens", 2, 1, 2, "massive tokens: the first, and one drawn for each batch (a count)", true},
                   [CHANNELS] = {"channels", 2, 1, 16, "massive channels of each key/value head (a count)", true},
                   [MAGNITUDE] = {"magnitude", 1000, 1, 1e6, "|value| there over the median |value| elsewhere (a ratio)", false}},
    .generate = generate,
};
