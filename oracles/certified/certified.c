/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/certified.h"

#include "oracles/certified/block.h"
#include "oracles/certified/path.h"
#include "oracles/mpfr/mpfr.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 106 };

/* done[i] <- whether row i stands in `truth` */
static enum at_status solve_blocks(const struct at_certified_head *head, const struct at_certified_lanes *lanes,
                                   struct at_oracle_truth *truth, bool *done, struct at_error *error)
{
    enum at_status outcome = AT_OK;
    int groups = at_certified_groups_of(head->fitting, head->finite_keys, omp_get_max_threads());
    #pragma omp parallel
    {
        struct at_certified_desk desk;
        struct at_error mine;
        enum at_status status = at_certified_desk_init(&desk, head, groups, &mine);
        #pragma omp critical(at_certified_outcome)
        if (status)
            outcome = at_fail(error, status, "%s", mine.message);
        #pragma omp barrier
        /* nobody starts before all have their memory */
        #pragma omp for schedule(dynamic, 1)
        for (int64_t first = 0; first < head->fitting; first += groups * AT_CERTIFIED_ROWS)
            if (!outcome)
                at_certified_block(head, lanes, first, &desk, truth, done);
        at_certified_desk_done(&desk);
    }
    return outcome;
}

static void copy_row(const struct at_oracle_truth *from, int64_t n, const struct at_problem *problem, struct at_oracle_truth *to, int64_t i)
{
    int64_t dim = problem->dim, keys = problem->seq_k;
    size_t outputs = (size_t)dim * sizeof(double);
    memcpy(to->o + i * dim, from->o + n * dim, outputs);
    memcpy(to->o_low + i * dim, from->o_low + n * dim, outputs);
    memcpy(to->radius + i * dim, from->radius + n * dim, outputs);
    memcpy(to->sum_abs + i * dim, from->sum_abs + n * dim, outputs);
    to->lse[i] = from->lse[n];
    to->lse_radius[i] = from->lse_radius[n];
    if (to->p)
        memcpy(to->p + i * keys, from->p + n * keys, (size_t)keys * sizeof(double));
}

/* The rows that are not done, by oracles/mpfr; *ret_bits: its precision. */
static enum at_status solve_rest(const struct at_oracle_head *in, const bool *done, int64_t count, struct at_oracle_truth *truth,
                                 int *ret_bits, struct at_error *error)
{
    int64_t width = in->score_dim ? in->score_dim : in->problem->dim, *rows = malloc((size_t)count * sizeof *rows);
    double *q = malloc((size_t)(count * width) * sizeof *q);
    struct at_oracle_truth rest = {0};
    enum at_status status = rows && q ? AT_OK : at_fail(error, AT_ERR_MEMORY, "oracle certified: no memory for the rows left to mpfr");
    if (!status)
        status = at_oracle_truth_init(&rest, in->problem, count, truth->p != NULL, error);
    if (!status) {
        int64_t n = 0;
        for (int64_t i = 0; i < in->row_count; i++)
            if (!done[i]) {
                memcpy(q + n * width, in->q + i * width, (size_t)width * sizeof *q);
                rows[n++] = in->rows[i];
            }
        struct at_oracle_head head = {in->problem, rows, count, q, in->k, in->v, in->score_dim};
        status = at_mpfr_solve(&head, AT_MPFR_AUTO, &rest, error);
    }
    for (int64_t i = 0, n = 0; i < in->row_count && !status; i++)
        if (!done[i])
            copy_row(&rest, n++, in->problem, truth, i);
    *ret_bits = rest.precision_bits;
    at_oracle_truth_done(&rest);
    free(rows);
    free(q);
    return status;
}

/* The largest log2(radius / sum_abs) where both are finite and sum_abs > 0. */
static double largest_ratio(const struct at_oracle_truth *truth, int64_t count)
{
    double largest = -INFINITY;
    #pragma omp parallel for schedule(static) reduction(max : largest)
    for (int64_t at = 0; at < count; at++)
        if (truth->sum_abs[at] > 0 && isfinite(truth->radius[at]))
            largest = fmax(largest, log2(truth->radius[at]) - log2(truth->sum_abs[at]));
    return largest;
}

enum at_status at_certified_solve(const struct at_oracle_head *in, enum at_simd simd, struct at_oracle_truth *truth,
                                  int64_t *ret_declined, struct at_error *error)
{
    struct at_certified_head head;
    int64_t declined = 0;
    int bits = 0;
    const struct at_certified_lanes *lanes = at_certified_lanes_of(simd);
    enum at_status status = at_oracle_head_check(in, "certified", error);
    if (!status)
        status = at_certified_head_init(&head, in, error);
    if (status)
        return status;
    bool *done = calloc((size_t)in->row_count + 1, sizeof *done);
    if (!done)
        status = at_fail(error, AT_ERR_MEMORY, "oracle certified: no memory for a head");
    if (!status && head.fitting > 0)
        status = solve_blocks(&head, lanes, truth, done, error);
    at_certified_head_done(&head);
    for (int64_t i = 0; i < in->row_count && !status; i++)
        declined += !done[i];
    if (!status && declined > 0)
        status = solve_rest(in, done, declined, truth, &bits, error);
    free(done);
    if (status)
        return status;
    truth->precision_bits = declined < in->row_count && bits < BITS ? BITS : bits;
    truth->radius_log2 = largest_ratio(truth, in->row_count * in->problem->dim);
    if (ret_declined)
        *ret_declined = declined;
    return AT_OK;
}

static enum at_status solve(const struct at_oracle_head *head, struct at_oracle_truth *truth, struct at_error *error)
{
    return at_certified_solve(head, AT_SIMD_AUTO, truth, NULL, error);
}

/*
 * Seconds: docs/oracles.md, "What an oracle takes". Bytes: K in another form and two doubles a weight for the 8 rows of each thread; or,
 * after they are freed, what oracles/mpfr takes for rows that do not fit, all of them at worst, and their truth.
 */
static void estimate(const struct at_oracle_shape *shape, struct at_oracle_estimate *ret_estimate)
{
    static const double ns[AT_SIMD_COUNT] = {[AT_SIMD_SCALAR] = 3.8, [AT_SIMD_AVX2] = 0.36, [AT_SIMD_AVX512] = 0.23};
    double keys = (double)shape->problem->seq_k, padded = keys + AT_CERTIFIED_CHUNK, dim = (double)shape->problem->dim;
    double wide = shape->score_dim ? (double)shape->score_dim : dim, rows = (double)shape->row_count;
    double own = padded * 8 * (2 * wide + 1) + (double)shape->threads * AT_CERTIFIED_ROWS * 8 * (2 * padded + 2 * wide + 4 * dim);
    struct at_oracle_estimate rest;
    at_oracle_mpfr.estimate(shape, &rest);
    rest.bytes += rows * 8 * (4 * dim + 3 + keys + wide);
    *ret_estimate =
        (struct at_oracle_estimate){.seconds = (ns[at_simd_best()] / 2 * shape->pairs + 7 * keys) * (wide + dim) * 1e-9 / shape->threads,
                                    .bytes = own > rest.bytes ? own : rest.bytes,
                                    .radius_log2 = -90};
}

const struct at_oracle at_oracle_certified = {
    .name = "certified",
    .summary = "exact scores and double-double sums; fast enough for every row",
    .bound = "radius proved a priori (docs/oracles.md) and at most 2^-80 of sum p|v|; rows that do not allow that go to mpfr",
    .estimate = estimate,
    .solve = solve,
};
