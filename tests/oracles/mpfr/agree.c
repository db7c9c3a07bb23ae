/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "agree.h"

struct at_mpfr_view view_of(const struct draw *draw, int64_t i)
{
    int64_t dim = draw->problem.dim, keys = at_problem_keys(&draw->problem, draw->rows[i]);
    return (struct at_mpfr_view){draw->q + i * dim, draw->k, draw->v, keys, dim, dim, draw->problem.scale};
}

bool within(const mpfr_t rough, const mpfr_t fine, double error)
{
    mpfr_t distance, reach;
    mpfr_init2(distance, 8192);
    mpfr_init2(reach, 64);
    mpfr_sub(distance, rough, fine, MPFR_RNDN);
    mpfr_mul_d(reach, fine, error, MPFR_RNDU);
    bool held = mpfr_cmpabs(distance, reach) <= 0;
    mpfr_clears(distance, reach, (mpfr_ptr)NULL);
    return held;
}

bool sums_agree(const struct at_mpfr_sums *rough, const struct at_mpfr_sums *fine)
{
    double error = rough->error + fine->error;
    bool held = within(rough->weight, fine->weight, error);
    for (int64_t c = 0; c < rough->dim; c++)
        held = held && within(rough->positive[c], fine->positive[c], error) && within(rough->negative[c], fine->negative[c], error);
    mpfr_t distance;
    mpfr_init2(distance, 8192);
    mpfr_sub(distance, rough->score, fine->score, MPFR_RNDN);
    mpfr_mul(distance, distance, fine->scale, MPFR_RNDN);
    mpfr_abs(distance, distance, MPFR_RNDN);
    held = held && mpfr_cmp_d(distance, 1.000001 * (rough->score_error + fine->score_error)) <= 0;
    mpfr_clear(distance);
    return held;
}
