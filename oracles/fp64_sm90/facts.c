/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * The sum of n < 2^12 squares errs by n + 1 roundings and by n 2^-1075 where squares underflow, whose root is below 2^-530: 2^-40 and
 * 2^-500 are more.
 */
double at_fp64_length(const double *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sqrt(sum) * (1 + 0x1p-40) + 0x1p-500;
}

/* The largest |x|; NaN where an element is NaN. */
static double largest(const double *x, int64_t n)
{
    double most = 0;
    bool number = true;
    for (int64_t i = 0; i < n; i++) {
        double size = fabs(x[i]);
        most = size > most ? size : most;
        number = number && size == size;
    }
    return number ? most : NAN;
}

static void fill_columns(struct at_fp64_key_facts *facts, const struct at_oracle_head *head)
{
    int64_t dim = head->problem->dim;
#pragma omp parallel
    {
        double own[256] = {0};
#pragma omp for schedule(static)
        for (int64_t j = 0; j < facts->finite; j++)
            for (int64_t c = 0; c < dim; c++)
                own[c] = fmax(own[c], fabs(head->v[j * dim + c]));
#pragma omp critical(at_fp64_facts)
        for (int64_t c = 0; c < dim; c++)
            facts->column[c] = fmax(facts->column[c], own[c]);
    }
}

enum at_status at_fp64_key_facts_init(struct at_fp64_key_facts *ret_facts, const struct at_oracle_head *head, struct at_error *error)
{
    int64_t keys = head->problem->seq_k, dim = head->problem->dim, width = head->score_dim ? head->score_dim : dim;
    struct at_fp64_key_facts facts = {.longest = malloc((size_t)keys * sizeof(double)),
                                      .value = malloc((size_t)keys * sizeof(double)),
                                      .column = calloc((size_t)dim, sizeof(double))};
    *ret_facts = facts;
    if (!facts.longest || !facts.value || !facts.column)
        return at_fail(error, AT_ERR_MEMORY, "oracle fp64_sm90: no memory for what is to be known of %lld keys", (long long)keys);
#pragma omp parallel for schedule(static)
    for (int64_t j = 0; j < keys; j++) {
        bool finite = isfinite(largest(head->k + j * width, width)) && isfinite(largest(head->v + j * dim, dim));
        facts.longest[j] = at_fp64_length(head->k + j * width, width);
        facts.value[j] = finite ? largest(head->v + j * dim, dim) : NAN;
    }
    while (facts.finite < keys && facts.value[facts.finite] == facts.value[facts.finite])
        facts.finite++;
    for (int64_t j = 1; j < facts.finite; j++) {
        facts.longest[j] = fmax(facts.longest[j], facts.longest[j - 1]);
        facts.value[j] = fmax(facts.value[j], facts.value[j - 1]);
    }
    fill_columns(&facts, head);
    *ret_facts = facts;
    return AT_OK;
}

void at_fp64_key_facts_done(struct at_fp64_key_facts *facts)
{
    free(facts->longest);
    free(facts->value);
    free(facts->column);
    *facts = (struct at_fp64_key_facts){0};
}
