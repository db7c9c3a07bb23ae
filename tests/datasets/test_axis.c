/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "datasets/axis.h"

enum { DIM = 64 };

static const struct at_problem problem = {.batch = 2, .heads_q = 4, .heads_kv = 2, .seq_q = 3, .seq_k = 5, .dim = DIM};

static double dot(const double *x, const double *y)
{
    double sum = 0;
    for (int c = 0; c < DIM; c++)
        sum += x[c] * y[c];
    return sum;
}

static struct at_fill_head begin(enum at_fill_tensor tensor, int64_t b, int64_t h)
{
    struct at_fill_head head = {.problem = &problem, .seed = 4, .tensor = tensor, .b = b, .h = h};
    at_axis_begin_head(&head);
    return head;
}

static void a_group_shares_one_unit_vector(void **state)
{
    (void)state;
    struct at_fill_head k = begin(AT_FILL_K, 0, 1), q = begin(AT_FILL_Q, 1, 2), other = begin(AT_FILL_K, 0, 0);
    assert_true(fabs(dot(k.pattern, k.pattern) - 1) <= DIM * 0x1p-52);
    assert_memory_equal(k.pattern, q.pattern, DIM * sizeof(double));
    assert_true(fabs(dot(k.pattern, other.pattern)) <= SIGMAS / sqrt(DIM));
}

/* The part along w is what was asked for; the noise across it has none, to the rounding of about DIM operations. */
static void rows_have_their_part_along(void **state)
{
    (void)state;
    struct at_fill_head head = begin(AT_FILL_K, 0, 0);
    double row[DIM], noise[DIM];
    at_axis_row(&head, 3, 7.5, 2, row);
    at_fill_normal(&head, 3, 1, noise);
    double along = dot(noise, head.pattern), length = sqrt(dot(noise, noise));
    assert_true(fabs(dot(row, head.pattern) - 7.5) <= DIM * 0x1p-52 * (7.5 + 2 * length));
    for (int c = 0; c < DIM; c++)
        assert_true(fabs(row[c] - (7.5 * head.pattern[c] + 2 * (noise[c] - along * head.pattern[c]))) <=
                    DIM * 0x1p-52 * (7.5 + 2 * length));
    at_axis_row(&head, 3, 7.5, 0, row);
    for (int c = 0; c < DIM; c++)
        assert_true(row[c] == 7.5 * head.pattern[c]);
}

/* |n'|^2 has dim - 1 degrees of freedom: scores of `deviation` on average. */
static void across_gives_the_deviation(void **state)
{
    (void)state;
    struct at_problem scaled = problem;
    assert_true(at_axis_across(&scaled, 3) == 3 / (1 / sqrt((double)DIM) * sqrt(DIM - 1.0)));
    scaled.scale = 0.5;
    assert_true(at_axis_across(&scaled, 3) == 3 / (0.5 * sqrt(DIM - 1.0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_shares_one_unit_vector),
        cmocka_unit_test(rows_have_their_part_along),
        cmocka_unit_test(across_gives_the_deviation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
