/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench.h"

#include "study/bench_measure.h"
#include "study/score.h"
#include "study/truth.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One problem's heads as a case of attest run, with the truth of its inputs. */
struct scored {
    struct at_benchmark *b;
    struct at_case c;
    struct at_truths truths;
    double *radius; /* [dim] */
};

/* Rows times keys of all problems: units of struct at_work. */
static double work_of(const struct at_benchmark *b, size_t problem)
{
    const struct at_problem made = at_bench_made(&b->request->problems[problem]);
    double keys = 0;
    for (int64_t i = 0; i < b->rows[problem].count; i++)
        keys += (double)at_problem_keys(&made, b->rows[problem].index[i]);
    return keys * (double)made.heads_q;
}

static void score_row(struct scored *s, struct at_scores *scores, const float *outputs, int64_t head, int64_t i)
{
    const struct at_problem *p = &s->c.problem;
    const struct at_oracle_truth *truth = &s->truths.head[head];
    int64_t rows = s->c.rows.count, at = head * rows + i, row = s->c.rows.index[i];
    at_truth_radius(truth, i, p->dim, s->radius);
    const struct at_row_sample sample = {.dim = p->dim,
                                         .got = outputs + at * p->dim,
                                         .truth = truth->o + i * p->dim,
                                         .radius = s->radius,
                                         .sum_abs = truth->sum_abs + i * p->dim,
                                         .got_lse = outputs[p->heads_q * rows * p->dim + at],
                                         .truth_lse = truth->lse[i],
                                         .lse_radius = truth->lse_radius[i],
                                         .keys = at_problem_keys(p, row)};
    at_scores_row(scores, 0, head, row, &sample);
}

static enum at_status score_point(struct scored *s, size_t index, struct at_error *error)
{
    struct at_bench_point *point = &s->b->points[index];
    const float *outputs = s->b->outputs + at_bench_outputs(s->b, index);
    const struct at_counts none = {.elements = 0};
    struct at_scores scores;
    enum at_status status = at_scores_init(&scores, 0, s->c.problem.heads_q, s->c.rows.count, error);
    if (status)
        return status;
    for (int64_t head = 0; head < s->c.problem.heads_q; head++) {
        for (int64_t i = 0; i < s->c.rows.count; i++)
            score_row(s, &scores, outputs, head, i);
        at_scores_head(&scores, 0, head, &none);
    }
    at_scores_case(&scores, &none);
    for (size_t i = 0; i < scores.count; i++)
        if (scores.facts[i].scope == AT_SCOPE_CASE && strcmp(scores.facts[i].metric, "rel_rmse") == 0) {
            point->rel_rmse = scores.facts[i].value;
            point->rel_rmse_radius = scores.facts[i].radius;
        }
    at_scores_done(&scores);
    return AT_OK;
}

/* Points [from, to) of one problem. */
static enum at_status score_problem(struct at_benchmark *b, size_t from, size_t to, struct at_work *work, struct at_error *error)
{
    const struct at_bench_request *r = b->request;
    size_t problem = b->points[from].problem;
    struct scored s = {.b = b,
                       .c = {.problem = at_bench_made(&r->problems[problem]),
                             .format = r->format,
                             .rows = b->rows[problem],
                             .rows_seed = r->rows_seed,
                             .seed = r->seed}};
    struct at_qkv inputs = {.q = {.codes = NULL}};
    s.radius = calloc((size_t)s.c.problem.dim, sizeof *s.radius);
    enum at_status status = s.radius ? AT_OK : at_fail(error, AT_ERR_MEMORY, "bench: no memory for a row");
    char what[96];
    snprintf(what, sizeof what, "truth, d %" PRId64 ", %" PRId64 " keys%s", s.c.problem.dim, s.c.problem.seq_k,
             s.c.problem.causal ? ", causal" : "");
    at_work_phase(work, "%s", what);
    if (!status)
        status = at_distribution_generate(&r->distribution, &s.c.problem, r->format, r->seed, &inputs, error);
    if (!status)
        status = at_truths_solve(&s.c, b->oracle.oracle, &inputs, NULL, NULL, work, &s.truths, error);
    if (status && status != AT_ERR_INTERRUPTED)
        at_fail_in(error, status, what);
    for (size_t i = from; i < to && !status; i++)
        if (b->points[i].kernel)
            status = score_point(&s, i, error);
    at_qkv_done(&inputs);
    at_truths_done(&s.truths);
    free(s.radius);
    return status;
}

enum at_status at_bench_settle(struct at_benchmark *b, struct at_error *error)
{
    const struct at_bench_request *r = b->request;
    struct at_problem *made = calloc(r->problem_count + 1, sizeof *made);
    struct at_oracle_shape *shapes = calloc(r->problem_count + 1, sizeof *shapes);
    enum at_status status = made && shapes ? AT_OK : at_fail(error, AT_ERR_MEMORY, "bench: no memory for %zu shapes", r->problem_count);
    size_t count = 0;
    for (size_t i = 0; i < r->problem_count && !status; i++) {
        made[i] = at_bench_made(&r->problems[i]);
        if (b->rows[i].count)
            shapes[count++] = (struct at_oracle_shape){&made[i], b->rows[i].count, work_of(b, i) / (double)made[i].heads_q, made[i].dim,
                                                       omp_get_num_procs()};
    }
    if (!status && count)
        status = at_oracle_settle(r->oracle, shapes, count, &b->oracle, error);
    at_oracles_rest(NULL); /* kernels are timed before it is asked again */
    free(made);
    free(shapes);
    return status;
}

enum at_status at_benchmark_score(struct at_benchmark *b, struct at_error *error)
{
    struct at_work work = {.events = b->request->events};
    enum at_status status = AT_OK;
    if (!b->request->rows)
        return AT_OK;
    for (size_t i = 0; i < b->request->problem_count; i++)
        work.total += work_of(b, i);
    for (size_t from = 0, to; from < b->count && !status; from = to) {
        for (to = from; to < b->count && b->points[to].problem == b->points[from].problem; to++)
            ;
        if (b->rows[b->points[from].problem].count)
            status = score_problem(b, from, to, &work, error);
    }
    at_oracles_rest(NULL);
    return status;
}
