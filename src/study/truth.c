/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/truth.h"

#include "kernels/prepare/prepare.h"
#include "study/elements.h"
#include "study/machine.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

/*
 * Rows handed to the oracle at once: about two seconds, so that a stop is heard, and at least one for each thread. It looks at
 * all of K and V once for each such call.
 */
static int64_t rows_at_once(const struct at_case *c, const struct at_oracle *oracle, int64_t score_dim)
{
    int threads = omp_get_max_threads();
    struct at_oracle_estimate one, two;
    struct at_oracle_shape shape = {&c->problem, 1, (double)c->problem.seq_k, score_dim, threads};
    oracle->estimate(&shape, &one);
    shape.row_count = 2;
    shape.pairs *= 2;
    oracle->estimate(&shape, &two);
    double rows = 2 / (two.seconds - one.seconds);
    return rows < threads ? threads : rows < (double)c->rows.count ? (int64_t)rows : c->rows.count;
}

static double work_of(const struct at_case *c, int64_t first, int64_t count)
{
    double work = 0;
    for (int64_t i = first; i < first + count; i++)
        work += (double)at_problem_keys(&c->problem, c->rows.index[i]);
    return work;
}

static enum at_status solve_head(const struct at_case *c, const struct at_oracle *oracle, const struct at_elements *e,
                                 struct at_work *progress, struct at_oracle_truth *truth, struct at_error *error)
{
    int64_t dim = c->problem.dim, step = rows_at_once(c, oracle, e->score_dim);
    enum at_status status = AT_OK;
    truth->precision_bits = 0;
    truth->radius_log2 = -INFINITY;
    for (int64_t i = 0; i < c->rows.count && !status; i += step) {
        int64_t count = c->rows.count - i < step ? c->rows.count - i : step;
        struct at_oracle_head head = {
            .problem = &c->problem,
            .rows = c->rows.index + i,
            .row_count = count,
            .q = e->q + i * e->score_dim,
            .k = e->k,
            .v = e->v,
            .score_dim = e->score_dim,
        };
        struct at_oracle_truth part = {.o = truth->o + i * dim,
                                       .o_low = truth->o_low + i * dim,
                                       .radius = truth->radius + i * dim,
                                       .sum_abs = truth->sum_abs + i * dim,
                                       .lse = truth->lse + i,
                                       .lse_radius = truth->lse_radius + i,
                                       .p = truth->p + i * c->problem.seq_k};
        status = at_work_check(progress, error);
        if (!status)
            status = oracle->solve(&head, &part, error);
        if (status)
            break;
        truth->precision_bits = part.precision_bits > truth->precision_bits ? part.precision_bits : truth->precision_bits;
        truth->radius_log2 = part.radius_log2 > truth->radius_log2 ? part.radius_log2 : truth->radius_log2;
        at_work_step(progress, work_of(c, i, count));
    }
    return status;
}

static void summarise(const struct at_case *c, struct at_truths *truths)
{
    size_t rows = (size_t)c->rows.count, outputs = rows * (size_t)c->problem.dim;
    struct at_hasher hasher;
    at_hasher_start(&hasher);
    truths->radius_log2 = -INFINITY;
    for (int64_t i = 0; i < truths->heads; i++) {
        const struct at_oracle_truth *t = &truths->head[i];
        at_hasher_add(&hasher, t->o, outputs * sizeof(double));
        at_hasher_add(&hasher, t->o_low, outputs * sizeof(double));
        at_hasher_add(&hasher, t->radius, outputs * sizeof(double));
        at_hasher_add(&hasher, t->lse, rows * sizeof(double));
        at_hasher_add(&hasher, t->lse_radius, rows * sizeof(double));
        truths->precision_bits = t->precision_bits > truths->precision_bits ? t->precision_bits : truths->precision_bits;
        truths->radius_log2 = t->radius_log2 > truths->radius_log2 ? t->radius_log2 : truths->radius_log2;
        for (size_t r = 0; r < rows; r++)
            truths->undefined_rows += !at_truth_defined(t, (int64_t)r, c->problem.dim);
        truths->time_ns += truths->head_time_ns[i];
    }
    truths->sha256 = at_hasher_end(&hasher);
}

static enum at_status solve_heads(const struct at_case *c, const struct at_oracle *oracle, const struct at_qkv *inputs,
                                  const struct at_operands *operands, const struct at_truths *original, const struct at_elements *e,
                                  struct at_work *progress, struct at_truths *truths, struct at_error *error)
{
    enum at_status status = AT_OK;
    int64_t borrowed = 0;
    for (int64_t i = 0; i < truths->heads && !status; i++) {
        int64_t b = i / c->problem.heads_q, h = i % c->problem.heads_q;
        at_elements_fill(e, c, inputs, operands, b, h);
        if (operands && at_elements_are_inputs(e, c, inputs, b, h)) {
            truths->head[i] = original->head[i];
            truths->borrowed[i] = true;
            borrowed++;
            truths->head_time_ns[i] = original->head_time_ns[i];
            at_work_drop(progress, work_of(c, 0, c->rows.count));
            continue;
        }
        status = at_oracle_truth_init(&truths->head[i], &c->problem, c->rows.count, 1, error);
        int64_t start = at_machine_time_ns();
        if (!status)
            status = solve_head(c, oracle, e, progress, &truths->head[i], error);
        truths->head_time_ns[i] = at_machine_time_ns() - start;
        if (!status)
            status = at_spot_head(&truths->spot, c, e, oracle, &truths->head[i], i, error);
    }
    if (borrowed == truths->heads)
        truths->spot = original->spot;
    return status;
}

enum at_status at_truths_solve(const struct at_case *c, const struct at_oracle *oracle, const struct at_qkv *inputs,
                               const struct at_operands *operands, const struct at_truths *original, struct at_work *progress,
                               struct at_truths *ret_truths, struct at_error *error)
{
    struct at_elements e;
    struct at_truths truths = {.heads = c->problem.batch * c->problem.heads_q};
    enum at_status status = at_elements_init(&e, c, operands, error);
    if (status)
        return status;
    truths.head = calloc((size_t)truths.heads, sizeof *truths.head);
    truths.borrowed = calloc((size_t)truths.heads, sizeof *truths.borrowed);
    truths.head_time_ns = calloc((size_t)truths.heads, sizeof *truths.head_time_ns);
    if (!truths.head || !truths.borrowed || !truths.head_time_ns)
        status = at_fail(error, AT_ERR_MEMORY, "reference: out of memory");
    if (operands)
        truths.operands = at_operands_sha256(operands);
    if (!status)
        status = solve_heads(c, oracle, inputs, operands, original, &e, progress, &truths, error);
    at_elements_done(&e);
    if (status) {
        at_truths_done(&truths);
        return status;
    }
    summarise(c, &truths);
    *ret_truths = truths;
    return AT_OK;
}

void at_truths_done(struct at_truths *truths)
{
    for (int64_t i = 0; truths->head && truths->borrowed && i < truths->heads; i++)
        if (!truths->borrowed[i])
            at_oracle_truth_done(&truths->head[i]);
    free(truths->head);
    free(truths->borrowed);
    free(truths->head_time_ns);
    *truths = (struct at_truths){0};
}

bool at_truth_defined(const struct at_oracle_truth *truth, int64_t row, int64_t dim)
{
    for (int64_t d = 0; d < dim; d++)
        if (!isfinite(truth->o[row * dim + d]))
            return false;
    return !isnan(truth->lse[row]);
}

void at_truth_radius(const struct at_oracle_truth *truth, int64_t row, int64_t dim, double *ret_radius)
{
    for (int64_t d = 0; d < dim; d++) {
        double low = fabs(truth->o_low[row * dim + d]), radius = truth->radius[row * dim + d];
        ret_radius[d] = low > 0 ? nextafter(radius + low, INFINITY) : radius;
    }
}
