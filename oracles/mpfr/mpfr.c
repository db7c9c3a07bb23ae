/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/mpfr.h"

#include "oracles/mpfr/fast.h"
#include "oracles/rows.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

/* What the rows of a head share. */
struct head {
    int64_t score_dim;                /* columns of q and k */
    const struct at_oracle_head *in;
    enum at_mpfr_path path;
    int64_t finite_keys;               /* keys before the first one with a NaN or an infinity in K or V */
    int64_t most_keys;                 /* that a row sees */
    int64_t *first_nonzero;            /* [dim] the first finite key whose value is not 0 in that column; finite_keys if none */
    struct at_mpfr_integers integers;  /* with AT_MPFR_AUTO */
};

/* What one thread holds. */
struct desk {
    struct at_mpfr_sums sums;
    struct at_mpfr_fast fast;
    bool *zero_column; /* [dim] */
};

static bool all_finite(const double *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static void head_done(struct head *head)
{
    at_mpfr_integers_done(&head->integers);
    free(head->first_nonzero);
}

static enum at_status head_init(struct head *ret_head, const struct at_oracle_head *in, enum at_mpfr_path path, struct at_error *error)
{
    int64_t dim = in->problem->dim;
    struct head head = {.in = in, .path = path, .score_dim = in->score_dim ? in->score_dim : dim};
    for (int64_t i = 0; i < in->row_count; i++) {
        int64_t keys = at_problem_keys(in->problem, in->rows[i]);
        head.most_keys = keys > head.most_keys ? keys : head.most_keys;
    }
    while (head.finite_keys < head.most_keys && all_finite(in->k + head.finite_keys * head.score_dim, head.score_dim) &&
           all_finite(in->v + head.finite_keys * dim, dim))
        head.finite_keys++;
    head.first_nonzero = malloc((size_t)dim * sizeof *head.first_nonzero);
    if (!head.first_nonzero)
        return at_fail(error, AT_ERR_MEMORY, "oracle mpfr: no memory");
    for (int64_t c = 0; c < dim; c++) {
        int64_t j = 0;
        while (j < head.finite_keys && in->v[j * dim + c] == 0)
            j++;
        head.first_nonzero[c] = j;
    }
    if (path == AT_MPFR_AUTO) {
        enum at_status status = at_mpfr_integers_init(&head.integers, in->k, in->v, head.finite_keys, dim, head.score_dim, error);
        if (status) {
            head_done(&head);
            return status;
        }
    }
    *ret_head = head;
    return AT_OK;
}

static void desk_done(struct desk *desk)
{
    at_mpfr_sums_done(&desk->sums);
    at_mpfr_fast_done(&desk->fast);
    free(desk->zero_column);
}

static enum at_status desk_init(struct desk *ret_desk, const struct head *head, struct at_error *error)
{
    int64_t dim = head->in->problem->dim;
    struct desk desk = {.zero_column = malloc((size_t)dim * sizeof(bool))};
    enum at_status status = desk.zero_column ? AT_OK : at_fail(error, AT_ERR_MEMORY, "oracle mpfr: no memory");
    if (!status)
        status = at_mpfr_sums_init(&desk.sums, dim, error);
    if (!status && head->path == AT_MPFR_AUTO)
        status = at_mpfr_fast_init(&desk.fast, head->finite_keys, dim, head->score_dim, error);
    if (status)
        desk_done(&desk);
    else
        *ret_desk = desk;
    return status;
}

/* A row without a key: o = 0, exactly. */
static void set_empty(struct at_oracle_truth *truth, int64_t i, int64_t dim, int64_t seq_k)
{
    for (int64_t at = i * dim; at < (i + 1) * dim; at++)
        truth->o[at] = truth->o_low[at] = truth->radius[at] = truth->sum_abs[at] = 0;
    truth->lse[i] = -INFINITY;
    truth->lse_radius[i] = 0;
    for (int64_t j = 0; truth->p && j < seq_k; j++)
        truth->p[i * seq_k + j] = 0;
}

/* A row that sees a NaN or an infinity. */
static void set_undefined(struct at_oracle_truth *truth, int64_t i, int64_t dim, int64_t keys, int64_t seq_k)
{
    for (int64_t at = i * dim; at < (i + 1) * dim; at++) {
        truth->o[at] = truth->o_low[at] = truth->sum_abs[at] = NAN;
        truth->radius[at] = INFINITY;
    }
    truth->lse[i] = NAN;
    truth->lse_radius[i] = INFINITY;
    for (int64_t j = 0; truth->p && j < seq_k; j++)
        truth->p[i * seq_k + j] = j < keys ? NAN : 0;
}

/* Row i; *ret_bits: the precision used, 0 if none was. */
static enum at_status solve_row(const struct head *head, int64_t i, struct desk *desk, struct at_oracle_truth *truth, int *ret_bits,
                                struct at_error *error)
{
    const struct at_problem *problem = head->in->problem;
    int64_t dim = problem->dim, seq_k = problem->seq_k, keys = at_problem_keys(problem, head->in->rows[i]);
    struct at_mpfr_view view = {head->in->q + i * head->score_dim,
                                head->in->k,
                                head->in->v,
                                keys,
                                dim,
                                head->score_dim,
                                problem->scale};
    *ret_bits = 0;
    if (keys == 0) {
        set_empty(truth, i, dim, seq_k);
        return AT_OK;
    }
    if (keys > head->finite_keys || !all_finite(view.q, head->score_dim)) {
        set_undefined(truth, i, dim, keys, seq_k);
        return AT_OK;
    }
    double *p = truth->p ? truth->p + i * seq_k : NULL;
    if (head->path == AT_MPFR_AUTO && at_mpfr_fast_fits(&head->integers, &view)) {
        at_mpfr_fast_row(&desk->fast, &head->integers, &view, &desk->sums, p);
    } else {
        enum at_status status = at_mpfr_plain(&view, 0, &desk->sums, p, error);
        if (status)
            return status;
    }
    for (int64_t c = 0; c < dim; c++)
        desk->zero_column[c] = head->first_nonzero[c] >= keys;
    at_mpfr_finish(&desk->sums, &view, desk->zero_column, i, seq_k, truth);
    *ret_bits = (int)desk->sums.precision;
    return AT_OK;
}

enum at_status at_mpfr_solve(const struct at_oracle_head *in, enum at_mpfr_path path, struct at_oracle_truth *truth,
                             struct at_error *error)
{
    struct head head;
    enum at_status outcome = at_oracle_head_check(in, "mpfr", error);
    if (!outcome)
        outcome = head_init(&head, in, path, error);
    if (outcome)
        return outcome;
    int threads = mpfr_buildopt_tls_p() ? omp_get_max_threads() : 1; /* without thread-local storage MPFR's caches would be shared */
    int precision = 0;
    #pragma omp parallel num_threads(threads) reduction(max : precision)
    {
        struct desk desk = {0};
        struct at_error mine;
        enum at_status status = desk_init(&desk, &head, &mine);
        #pragma omp for schedule(dynamic, 1)
        for (int64_t i = 0; i < in->row_count; i++) {
            int bits = 0;
            if (!status)
                status = solve_row(&head, i, &desk, truth, &bits, &mine);
            precision = bits > precision ? bits : precision;
        }
        #pragma omp critical(at_mpfr_outcome)
        if (status)
            outcome = at_fail(error, status, "%s", mine.message);
        if (desk.zero_column)
            desk_done(&desk);
        mpfr_free_cache();
    }
    head_done(&head);
    truth->precision_bits = precision;
    truth->radius_log2 = at_oracle_largest_ratio(truth, in->row_count * in->problem->dim);
    return outcome;
}

static enum at_status solve(const struct at_oracle_head *head, struct at_oracle_truth *truth, struct at_error *error)
{
    return at_mpfr_solve(head, AT_MPFR_AUTO, truth, error);
}

/*
 * Seconds: docs/oracles.md, "What an oracle takes". Bytes: K and V as integers, and for each thread the scores and weights of a row in 128
 * bits and more.
 */
static void estimate(const struct at_oracle_shape *shape, struct at_oracle_estimate *ret_estimate)
{
    double keys = (double)shape->problem->seq_k, dim = (double)shape->problem->dim;
    double wide = shape->score_dim ? (double)shape->score_dim : dim;
    *ret_estimate = (struct at_oracle_estimate){.seconds = (7.5 * shape->pairs + 20 * keys) * (wide + dim) * 1e-9 / shape->threads,
                                                .bytes = keys * (8 * wide + 24 * dim + 16 + 128 * (double)shape->threads),
                                                .radius_log2 = -102};
}

const struct at_oracle at_oracle_mpfr = {
    .name = "mpfr",
    .summary = "MPFR at 128 bits or more; the last word, for chosen rows",
    .bound = "radius proved a priori (docs/oracles.md) and below 2^-100 of sum p|v|, unless that is below the range of a double",
    .estimate = estimate,
    .solve = solve,
};
