/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/spot.h"

#include "core/random.h"
#include "oracles/ladder.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>

/* What one oracle says of one number. */
struct said {
    double high, low, radius;
};

/* The share of both radii that the difference takes; NAN for none: both say that there is no number. */
static double share_of(const struct said *a, const struct said *b, double *ret_difference)
{
    *ret_difference = 0;
    if (isnan(a->high) && isnan(b->high))
        return NAN;
    if (!(a->radius >= 0) || !(b->radius >= 0))
        return INFINITY;
    if (!isfinite(a->high) || !isfinite(b->high))
        return a->high == b->high ? 0 : INFINITY;
    *ret_difference = fabs((a->high - b->high) + (a->low - b->low));
    /* of this line the three subtractions round, by 2^-53 of themselves; the difference of the low parts may cancel against that of the
     * high ones, so its rounding is counted by itself */
    double allowed = (a->radius + b->radius + 0x1p-52 * (fabs(a->low) + fabs(b->low))) * (1 + 0x1p-50);
    if (*ret_difference == 0 || isinf(allowed))
        return 0;
    return allowed > 0 ? *ret_difference / allowed : INFINITY;
}

/* `column` < 0: the log-sum-exp. */
static enum at_status compare(struct at_spot *spot, const struct at_oracle *oracle, const struct said *a, const struct at_oracle *by,
                              const struct said *b, double sum_abs, int64_t column, const int64_t place[3], struct at_error *error)
{
    double difference, share = share_of(a, b, &difference);
    char where[32] = "log-sum-exp";
    if (isnan(share))
        return AT_OK;
    if (column >= 0)
        snprintf(where, sizeof where, "column %" PRId64, column);
    if (!(share <= 1))
        return at_fail(
            error, AT_ERR_UNDEFINED,
            "head %" PRId64 " of batch %" PRId64 ", query row %" PRId64 ", %s: oracle %s gives %.17g within %.3g, oracle %s %.17g "
            "within %.3g, and they are %.3g apart: one of them is wrong, so nothing is measured; report it, and take --oracle mpfr",
            place[1], place[0], place[2], where, oracle->name, a->high, a->radius, by->name, b->high, b->radius,
            isfinite(share) || difference > 0 ? difference : NAN);
    spot->share = share > spot->share ? share : spot->share;
    if (column >= 0 && sum_abs > 0 && difference / sum_abs > spot->difference)
        spot->difference = difference / sum_abs;
    return AT_OK;
}

enum at_status at_spot_row(struct at_spot *spot, const struct at_oracle *oracle, const struct at_oracle_truth *truth, int64_t i,
                           const struct at_oracle *by, const struct at_oracle_truth *sharper, int64_t n, int64_t dim,
                           const int64_t place[3], struct at_error *error)
{
    enum at_status status = AT_OK;
    spot->by = by;
    for (int64_t d = 0; d < dim && !status; d++) {
        int64_t at = i * dim + d, other = n * dim + d;
        const struct said a = {truth->o[at], truth->o_low[at], truth->radius[at]};
        const struct said b = {sharper->o[other], sharper->o_low[other], sharper->radius[other]};
        status = compare(spot, oracle, &a, by, &b, sharper->sum_abs[other], d, place, error);
    }
    const struct said a = {truth->lse[i], 0, truth->lse_radius[i]}, b = {sharper->lse[n], 0, sharper->lse_radius[n]};
    if (!status)
        status = compare(spot, oracle, &a, by, &b, 0, -1, place, error);
    spot->rows += !status;
    return status;
}

/* The rows of `head` that are drawn: one from each of AT_SPOT_ROWS equal parts of all rows of all heads. */
static int64_t draw(const struct at_case *c, int64_t head, int64_t ret_which[AT_SPOT_ROWS])
{
    int64_t rows = c->rows.count, all = rows * c->problem.batch * c->problem.heads_q, count = 0;
    for (int64_t n = 0; n < AT_SPOT_ROWS; n++) {
        int64_t from = n * all / AT_SPOT_ROWS, size = (n + 1) * all / AT_SPOT_ROWS - from;
        if (size == 0)
            continue;
        uint64_t drawn = at_random_bits((struct at_random){c->rows_seed, c->seed}, (uint64_t)n) % (uint64_t)size;
        int64_t at = from + (int64_t)drawn;
        if (at / rows == head)
            ret_which[count++] = at % rows;
    }
    return count;
}

enum at_status at_spot_head(struct at_spot *spot, const struct at_case *c, const struct at_elements *elements,
                            const struct at_oracle *oracle, const struct at_oracle_truth *truth, int64_t head, struct at_error *error)
{
    int64_t which[AT_SPOT_ROWS], count = draw(c, head, which), dim = c->problem.dim;
    const struct at_oracle_shape shape = {&c->problem, count, (double)count * (double)c->problem.seq_k, elements->score_dim,
                                          omp_get_max_threads()};
    const struct at_oracle *by = count ? at_oracle_sharper(oracle, &shape) : NULL;
    struct at_oracle_truth sharper;
    if (!by)
        return AT_OK;
    enum at_status status = at_elements_solve(elements, c, by, which, count, false, &sharper, error);
    if (status)
        return status;
    for (int64_t n = 0; n < count && !status; n++) {
        const int64_t place[3] = {head / c->problem.heads_q, head % c->problem.heads_q, c->rows.index[which[n]]};
        status = at_spot_row(spot, oracle, truth, which[n], by, &sharper, n, dim, place, error);
    }
    at_oracle_truth_done(&sharper);
    return status;
}
