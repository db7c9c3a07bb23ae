/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/certified.h"

#include "oracles/certified/block.h"
#include "oracles/certified/path.h"
#include "oracles/mpfr/mpfr.h"
#include "oracles/rows.h"

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
        status = at_oracle_solve_rest(in, done, declined, "certified", &at_oracle_mpfr, truth, &bits, error);
    free(done);
    if (status)
        return status;
    truth->precision_bits = declined < in->row_count && bits < BITS ? BITS : bits;
    truth->radius_log2 = at_oracle_largest_ratio(truth, in->row_count * in->problem->dim);
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
