/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * A program for figures, not a test: how far right kernels come from the a-priori model. It prints the table of src/study/check_spread.c.
 * Usage: measure_spread SEEDS FILE [FIRST [STEP [check]]]: inputs of seeds 1 to SEEDS, settings FIRST, FIRST + STEP, ...; FILE is a scratch
 * file. With `check` it fails where the table has another line.
 */
#include "trial.h"

#include "study/check_spread.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each input under each variant; the shape goes on with every setting. */
static const char *const inputs[] = {"normal",         "iid-outlier", "v-mean",  "sink",      "k-channel",
                                     "normal:sigma=3", "needle",      "diffuse", "cancelling"};
static const char *const variants[] = {"fa3-fp8",  "fa3-fp16",     "fp8-two-level", "fp8-block128",
                                       "fa3-bf16", "fp8-hadamard", "fp8-smooth-kv", "standard-fp16"};
static const struct at_problem shapes[] = {
    {1, 4, 4, 64, 512, 64, true, 0}, {1, 4, 4, 64, 384, 128, false, 0}, {1, 4, 4, 64, 2048, 64, false, 0}, {1, 4, 2, 64, 192, 256, true, 0},
    {1, 4, 4, 64, 64, 64, true, 0},  {1, 4, 4, 64, 192, 32, false, 0},  {1, 4, 4, 64, 768, 128, true, 0}};
/* Where the mean of many rounding errors does not average out (docs/budget.md). */
static const struct trial_setting long_ones[] = {{"v-mean", "fp8-two-level", {1, 2, 2, 64, 16384, 32, false, 0}},
                                                 {"v-mean", "fa3-fp16", {1, 2, 2, 64, 16384, 32, false, 0}}};
enum {
    INPUTS = sizeof inputs / sizeof inputs[0],
    VARIANTS = sizeof variants / sizeof variants[0],
    SHAPES = sizeof shapes / sizeof shapes[0],
    LONG = sizeof long_ones / sizeof long_ones[0]
};

/* Ratios of all seeds. */
struct ratios {
    double *row, *head;
    size_t rows, heads;
};

/* Largest of schedules in each row and head: they share its roundings. */
static enum at_status try_seed(const struct trial_setting *s, uint64_t seed, const char *path, struct ratios *r, struct at_error *error)
{
    struct trial t;
    struct at_numerics numerics[2 * AT_CHECK_CONTROLS + 1];
    double row[4 * 64], head[4];
    enum at_status status = trial_open(&t, s, seed, path, 0, AT_CHECK_BY_MODEL, error);
    if (status)
        return status;
    int64_t heads = at_check_heads(&t.c), lines = heads * t.c.c.rows.count;
    numerics[0] = t.c.numerics;
    int count = 1 + at_check_schedules(&t.c.numerics, &t.c.c.problem, false, numerics + 1);
    count += at_check_schedules(&t.c.numerics, &t.c.c.problem, true, numerics + count);
    for (int i = 0; i < count && !status; i++) {
        status = trial_attend(&t, &numerics[i], error);
        trial_measure(&t, t.o, row, head);
        for (int64_t n = 0; n < lines; n++)
            r->row[r->rows + (size_t)n] = fmax(r->row[r->rows + (size_t)n], row[n]);
        for (int64_t h = 0; h < heads; h++)
            r->head[r->heads + (size_t)h] = fmax(r->head[r->heads + (size_t)h], head[h]);
    }
    r->rows += (size_t)lines;
    r->heads += (size_t)heads;
    trial_done(&t);
    return status;
}

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Of the k = floor(sqrt(count)) largest, as at_stats_tail_bound takes them. */
static struct at_check_tail tail_of(double *x, size_t count)
{
    size_t k = (size_t)sqrt((double)count);
    struct at_check_tail tail = {(double)count, 0, 0};
    qsort(x, count, sizeof *x, descending);
    tail.threshold = x[k];
    for (size_t i = 0; i < k; i++)
        tail.sum += log(x[i] / x[k]);
    return tail;
}

/* A setting's line of the table. */
static enum at_status measure(const struct trial_setting *s, uint64_t seeds, const char *path, struct at_check_spread *ret,
                              struct at_error *error)
{
    const struct at_problem *p = &s->problem;
    struct ratios r = {calloc(seeds * 4 * 64, sizeof(double)), calloc(seeds * 4, sizeof(double)), 0, 0};
    struct at_variant_choice choice;
    enum at_status status = at_variant_choose(s->variant, &choice, error);
    for (uint64_t seed = 1; seed <= seeds && !status; seed++)
        status = try_seed(s, seed, path, &r, error);
    if (!status)
        *ret = (struct at_check_spread){s->distribution,
                                        s->variant,
                                        (int)p->seq_q,
                                        (int)p->seq_k,
                                        (int)p->dim,
                                        p->causal,
                                        at_formats[choice.numerics.p_format].bits == 8,
                                        choice.numerics.score_format != AT_FP32,
                                        {tail_of(r.row, r.rows), tail_of(r.head, r.heads)},
                                        {r.row[0], r.head[0]}};
    free(r.row);
    free(r.head);
    return status;
}

static void print(const struct at_check_spread *s)
{
    const struct at_check_tail *row = &s->tail[AT_CHECK_SPREAD_ROWS], *head = &s->tail[AT_CHECK_SPREAD_HEADS];
    printf("    {\"%s\", \"%s\", %d, %d, %d, %s, %s, %s, {{%.0f, %.4f, %.4f}, {%.0f, %.4f, %.4f}}, {%.2f, %.3f}},\n", s->input, s->variant,
           s->queries, s->keys, s->dim, s->causal ? "true" : "false", s->eight ? "true" : "false", s->rounded ? "true" : "false",
           row->count, row->threshold, row->sum, head->count, head->threshold, head->sum, s->largest[0], s->largest[1]);
    fflush(stdout);
}

/* Whether a line is that of the table, to the decimals that are kept. */
static bool is_kept(const struct at_check_spread *a, const struct at_check_spread *b)
{
    bool same = strcmp(a->input, b->input) == 0 && strcmp(a->variant, b->variant) == 0 && a->queries == b->queries && a->keys == b->keys &&
                a->dim == b->dim && a->causal == b->causal && a->eight == b->eight && a->rounded == b->rounded;
    for (int of = 0; of < AT_CHECK_SPREADS; of++)
        same = same && !(a->tail[of].count != b->tail[of].count) && fabs(a->tail[of].threshold - b->tail[of].threshold) <= 1e-4 &&
               fabs(a->tail[of].sum - b->tail[of].sum) <= 1e-4;
    return same;
}

int main(int argc, char **argv)
{
    struct at_error error;
    if (argc < 3)
        return fprintf(stderr, "usage: measure_spread SEEDS FILE [FIRST [STEP [check]]]\n"), 1;
    int first = argc > 3 ? atoi(argv[3]) : 0, step = argc > 4 ? atoi(argv[4]) : 1;
    for (int i = first; i < INPUTS * VARIANTS + LONG; i += step) {
        struct trial_setting s;
        struct at_check_spread found;
        if (i < INPUTS * VARIANTS)
            s = (struct trial_setting){inputs[i % INPUTS], variants[i / INPUTS], shapes[i % SHAPES]};
        else
            s = long_ones[i - INPUTS * VARIANTS];
        if (measure(&s, strtoull(argv[1], NULL, 10), argv[2], &found, &error))
            return fprintf(stderr, "measure_spread: %s, %s: %s\n", s.distribution, s.variant, error.message), 1;
        print(&found);
        if (argc > 5 && !((size_t)i < at_check_spread_count && is_kept(&found, &at_check_spreads[i])))
            return fprintf(stderr, "measure_spread: this is not line %d of src/study/check_spread.c\n", i + 1), 1;
    }
    return 0;
}
