/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/arrange.h"

#include <math.h>

typedef int64_t place_of(const struct at_fp64_plan *plan, int64_t vector, int64_t column);

/* `count` vectors of `width` elements. */
static void arrange(const struct at_fp64_plan *plan, const double *from, int64_t count, int64_t width, place_of *place, double *ret)
{
#pragma omp parallel for schedule(static)
    for (int64_t j = 0; j < count; j++)
        for (int64_t c = 0; c < width; c++) {
            double value = from[j * width + c];
            if (isfinite(value))
                ret[place(plan, j, c)] = value;
        }
}

void at_fp64_arrange_queries(const struct at_fp64_plan *plan, const struct at_oracle_head *head, double *ret_q)
{
    arrange(plan, head->q, plan->row_count, plan->score_dim, at_fp64_q_place, ret_q);
}

void at_fp64_arrange_keys(const struct at_fp64_plan *plan, const struct at_oracle_head *head, double *ret_k, double *ret_v)
{
    arrange(plan, head->k, plan->seq_k, plan->score_dim, at_fp64_k_place, ret_k);
    arrange(plan, head->v, plan->seq_k, plan->dim, at_fp64_v_place, ret_v);
}
