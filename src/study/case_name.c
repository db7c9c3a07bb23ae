/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/case_name.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What differs among the cases of one label. */
struct apart {
    bool dim, heads, keys, causal, format, spelling, seed, rows, input;
};

static int64_t looked_at(const struct at_case_facts *c)
{
    return c->rows >= 1 && c->rows <= c->problem.seq_q ? c->rows : c->problem.seq_q;
}

static bool same_heads(const struct at_problem *p, const struct at_problem *q)
{
    return p->heads_q == q->heads_q && p->heads_kv == q->heads_kv && p->batch == q->batch;
}

static int order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* By label, then by all that a name can say but for rows and input, then by input: inputs that nothing else tells apart stand together. */
static int compare(const struct at_case_facts *x, const struct at_case_facts *y)
{
    const struct at_problem *p = &x->problem, *q = &y->problem;
    const int64_t sizes[][2] = {{p->dim, q->dim},     {p->heads_q, q->heads_q}, {p->heads_kv, q->heads_kv}, {p->batch, q->batch},
                                {p->seq_k, q->seq_k}, {p->causal, q->causal}};
    int found = strcmp(x->label, y->label);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] && !found; i++)
        found = order(sizes[i][0], sizes[i][1]);
    found = found ? found : strcmp(x->format, y->format);
    found = found ? found : strcmp(x->spelling, y->spelling);
    return found ? found : (x->seed > y->seed) - (x->seed < y->seed);
}

static int by_description(const void *a, const void *b)
{
    const struct at_case_facts *x = *(const struct at_case_facts *const *)a, *y = *(const struct at_case_facts *const *)b;
    int found = compare(x, y);
    found = found ? found : order(x->input, y->input);
    return found ? found : (x > y) - (x < y);
}

/* Among the cases [from, to) of one label, in their order. */
static struct apart tell_apart(const struct at_case_facts *const *cases, size_t from, size_t to)
{
    struct apart apart = {false};
    const struct at_case_facts *first = cases[from];
    for (size_t i = from + 1; i < to; i++) {
        const struct at_case_facts *c = cases[i], *before = cases[i - 1];
        apart.dim |= c->problem.dim != first->problem.dim;
        apart.heads |= !same_heads(&c->problem, &first->problem);
        apart.keys |= c->problem.seq_k != first->problem.seq_k;
        apart.causal |= c->problem.causal != first->problem.causal;
        apart.format |= strcmp(c->format, first->format) != 0;
        apart.spelling |= strcmp(c->spelling, first->spelling) != 0;
        apart.seed |= c->seed != first->seed;
        apart.rows |= looked_at(c) != looked_at(first) || c->rows_seed != first->rows_seed;
        apart.input |= before->input && c->input != before->input && compare(before, c) == 0;
    }
    return apart;
}

static void __attribute__((format(printf, 4, 5))) add(char *text, size_t size, bool wanted, const char *format, ...)
{
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    if (wanted)
        vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

static char *name_of(const struct at_case_facts *c, const struct apart *apart, bool pooled)
{
    enum { NUMBERS = 256 };
    size_t size = strlen(c->label) + strlen(c->spelling) + strlen(c->format) + NUMBERS;
    char *text = calloc(size, 1);
    if (!text)
        return NULL;
    strcpy(text, c->label);
    add(text, size, apart->dim, ", d %" PRId64, c->problem.dim);
    add(text, size, apart->heads, ", %" PRId64 " heads", c->problem.heads_q);
    add(text, size, apart->keys, ", %" PRId64 " keys", c->problem.seq_k);
    add(text, size, apart->causal, c->problem.causal ? ", causal" : ", not causal");
    add(text, size, apart->format, ", %s", c->format);
    add(text, size, apart->spelling, ", %s", c->spelling);
    add(text, size, apart->seed && !pooled, ", seed %" PRIu64, c->seed);
    add(text, size, apart->input && c->input, ", input %" PRId64, c->input);
    add(text, size, apart->rows, ", %" PRId64 " rows of seed %" PRIu64, looked_at(c), c->rows_seed);
    return text;
}

enum at_status at_case_names(const struct at_case_facts *cases, size_t count, bool pooled, char ***ret_names, struct at_error *error)
{
    char **names = calloc(count + 1, sizeof *names);
    const struct at_case_facts **sorted = calloc(count + 1, sizeof *sorted);
    bool made = names && sorted;
    for (size_t i = 0; i < count && made; i++)
        sorted[i] = &cases[i];
    if (made)
        qsort(sorted, count, sizeof *sorted, by_description);
    for (size_t from = 0, to; from < count && made; from = to) {
        for (to = from + 1; to < count && strcmp(sorted[to]->label, sorted[from]->label) == 0;)
            to++;
        const struct apart apart = tell_apart(sorted, from, to);
        for (size_t i = from; i < to && made; i++)
            made = (names[sorted[i] - cases] = name_of(sorted[i], &apart, pooled)) != NULL;
    }
    free(sorted);
    if (!made) {
        at_case_names_done(names, count);
        return at_fail(error, AT_ERR_MEMORY, "out of memory for the names of %zu cases", count);
    }
    *ret_names = names;
    return AT_OK;
}

void at_case_names_done(char **names, size_t count)
{
    for (size_t i = 0; i < count && names; i++)
        free(names[i]);
    free(names);
}
