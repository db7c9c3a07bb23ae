/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/arrange.h"

#include "draw.h"
#include "oracles/fp64_sm90/batch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void check(const double *array, int64_t at, const double *from, int64_t i, int64_t count)
{
    double wanted = i < count && isfinite(from[i]) ? from[i] : 0;
    assert_true(array[at] == wanted);
}

/* Each element stands where the plan says, the padding is 0, and so is what is not finite. */
static void test_places(void **state)
{
    (void)state;
    static const int64_t dims[] = {32, 64, 128, 256};
    for (int d = 0; d < 4; d++) {
        int64_t dim = dims[d];
        struct draw draw;
        struct at_fp64_batch batch;
        draw_shape(&draw, DRAW_DOUBLE, 8, dim, 40, 150, true, 8);
        draw.k[77 * dim + 5] = NAN;
        draw.v[149 * dim + dim - 1] = INFINITY;
        draw.q[3 * dim] = -INFINITY;
        assert_int_equal(at_fp64_batch_init(&batch, &draw.head, 1, true, false, NULL), AT_OK);
        const struct at_fp64_plan *p = &batch.task.plan;
        const struct at_fp64_arrays *a = &batch.arrays;
        for (int64_t i = 0; i < p->rows * dim; i++)
            check(a->q, at_fp64_q_place(p, i / dim, i % dim), draw.q, i, 8 * dim);
        for (int64_t i = 0; i < p->keys * dim; i++) {
            check(a->k, at_fp64_k_place(p, i / dim, i % dim), draw.k, i, 150 * dim);
            check(a->v, at_fp64_v_place(p, i / dim, i % dim), draw.v, i, 150 * dim);
        }
        for (int64_t j = 0; j < p->keys && dim < p->depth; j++) /* columns that a head does not have */
            assert_true(a->k[at_fp64_k_place(p, j, p->depth - 1)] == 0);
        for (int64_t i = 0; i < p->rows; i++)
            assert_int_equal(a->visible[i], i < 8 ? at_problem_keys(&draw.problem, draw.rows[i]) : 0);
        assert_int_equal(a->kv_head[0], 0);
        at_fp64_batch_done(&batch);
        draw_done(&draw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
