/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/fp64_sm90.h"

#include "draw.h"
#include "overlap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* On an emulated GPU. */
static struct at_gpu *gpu;

extern const struct at_oracle at_oracle_fp64_sm90;

static void init(const struct draw *draw, struct at_oracle_truth *ret_truth)
{
    assert_int_equal(at_oracle_truth_init(ret_truth, &draw->problem, draw->head.row_count, 1, NULL), AT_OK);
}

/* Several heads in one launch have the bits that each has alone, in a child of its own. */
static void test_heads_together(void **state)
{
    (void)state;
    struct draw draws[3];
    struct at_oracle_head heads[3];
    struct at_oracle_truth together[3], alone;
    for (int h = 0; h < 3; h++) {
        draw_shape(&draws[h], h == 1 ? DRAW_LARGE : DRAW_FP16, 30 + (uint64_t)h, 64, 50, 600, true, 8);
        heads[h] = draws[h].head;
        init(&draws[h], &together[h]);
    }
    heads[2].k = heads[1].k;
    heads[2].v = heads[1].v;
    int64_t declined = -1;
    assert_int_equal(at_fp64_solve(gpu, heads, 3, AT_FP64_SUMS, together, &declined, NULL), AT_OK);
    for (int h = 0; h < 3; h++) {
        init(&draws[h], &alone);
        assert_int_equal(at_oracle_fp64_sm90.solve(&heads[h], &alone, NULL), AT_OK);
        assert_true(truths_overlap(&alone, &together[h], 8, 64, "together"));
        assert_true(alone.precision_bits >= 53);
        at_oracle_truth_done(&alone);
    }
    for (int h = 0; h < 3; h++) {
        at_oracle_truth_done(&together[h]);
        draw_done(&draws[h]);
    }
}

/* Scores beyond what doubles can bound go to the certified oracle, and are counted. */
static void test_declined(void **state)
{
    (void)state;
    struct draw draw;
    struct at_oracle_truth truth, certain;
    const struct at_oracle *certified;
    int64_t declined = 0;
    draw_shape(&draw, DRAW_LARGE, 4, 128, 8, 20, false, 8);
    for (int64_t c = 0; c < 128; c++)
        draw.q[2 * 128 + c] *= 0x1p40;
    init(&draw, &truth);
    init(&draw, &certain);
    assert_int_equal(at_oracle_find("certified", &certified, NULL), AT_OK);
    assert_int_equal(at_fp64_solve(gpu, &draw.head, 1, AT_FP64_SUMS, &truth, &declined, NULL), AT_OK);
    assert_int_equal(certified->solve(&draw.head, &certain, NULL), AT_OK);
    assert_int_equal(declined, 1);
    assert_true(truths_overlap(&certain, &truth, 8, 128, "declined"));
    for (int64_t c = 0; c < 128; c++)
        assert_true(truth.o[2 * 128 + c] == certain.o[2 * 128 + c] && truth.radius[2 * 128 + c] == certain.radius[2 * 128 + c]);
    at_oracle_truth_done(&truth);
    at_oracle_truth_done(&certain);
    draw_done(&draw);
}

/* Head dimensions between those that the kernels are made for: the rest of a row is zeros. */
static void test_other_dimensions(void **state)
{
    (void)state;
    const int64_t dims[] = {8, 48, 96, 192};
    for (int i = 0; i < 4; i++) {
        struct draw draw;
        struct at_oracle_truth truth, certain;
        const struct at_oracle *certified;
        int64_t declined = 0;
        draw_shape(&draw, DRAW_FP16, 50 + (uint64_t)i, dims[i], 8, 20, true, 8);
        init(&draw, &truth);
        init(&draw, &certain);
        assert_int_equal(at_oracle_find("certified", &certified, NULL), AT_OK);
        assert_int_equal(at_fp64_solve(gpu, &draw.head, 1, AT_FP64_SUMS, &truth, &declined, NULL), AT_OK);
        assert_int_equal(certified->solve(&draw.head, &certain, NULL), AT_OK);
        assert_int_equal(declined, 0);
        assert_true(truths_overlap(&certain, &truth, 8, dims[i], "other dimensions"));
        at_oracle_truth_done(&truth);
        at_oracle_truth_done(&certain);
        draw_done(&draw);
    }
}

static void test_refuses(void **state)
{
    (void)state;
    struct draw draw, other;
    struct at_oracle_truth truths[2];
    struct at_error error;
    draw_shape(&draw, DRAW_FP16, 4, 64, 8, 20, false, 8);
    draw_shape(&other, DRAW_FP16, 4, 64, 8, 21, false, 8);
    init(&draw, &truths[0]);
    init(&other, &truths[1]);
    const struct at_oracle_head heads[] = {draw.head, other.head};
    assert_int_equal(at_fp64_solve(gpu, heads, 2, AT_FP64_SUMS, truths, NULL, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "different shapes"));
    draw.rows[1] = 8;
    assert_int_equal(at_oracle_fp64_sm90.solve(&draw.head, truths, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "query row 8"));
    draw.rows[1] = 1;
    draw.problem.dim = 52;
    assert_int_equal(at_oracle_fp64_sm90.solve(&draw.head, truths, &error), AT_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "fp64_sm90"));
    for (int i = 0; i < 2; i++)
        at_oracle_truth_done(&truths[i]);
    draw_done(&draw);
    draw_done(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_heads_together), cmocka_unit_test(test_declined),
                                       cmocka_unit_test(test_other_dimensions), cmocka_unit_test(test_refuses)};
    if (at_gpu_open(0, &at_fp64_image, &gpu, NULL))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    at_gpu_close(gpu);
    return failed;
}
