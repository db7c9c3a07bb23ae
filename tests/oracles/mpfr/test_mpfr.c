/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "draw.h"
#include "overlap.h"

#include "core/random.h"
#include "oracles/mpfr/mpfr.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct at_oracle_truth solved(const struct draw *draw, enum at_mpfr_path path)
{
    struct at_oracle_truth truth;
    struct at_error error;
    assert_int_equal(at_oracle_truth_init(&truth, &draw->problem, draw->head.row_count, 1, &error), AT_OK);
    if (at_mpfr_solve(&draw->head, path, &truth, &error) != AT_OK)
        fail_msg("%s", error.message);
    return truth;
}

/* The fast path and the plain one enclose the same numbers, on every kind of head. */
static void test_paths_agree(void **state)
{
    (void)state;
    for (int kind = 0; kind < DRAW_KIND_COUNT; kind++)
        for (uint64_t seed = 0; seed < 4; seed++) {
            struct draw draw;
            draw_init(&draw, (enum draw_kind)kind, seed);
            struct at_oracle_truth fast = solved(&draw, AT_MPFR_AUTO), plain = solved(&draw, AT_MPFR_PLAIN);
            assert_true(truths_overlap(&fast, &plain, draw.head.row_count, draw.problem.dim, draw_names[kind]));
            assert_true(radii_meet_target(&fast, draw.head.row_count, draw.problem.dim, draw_names[kind]));
            assert_true(radii_meet_target(&plain, draw.head.row_count, draw.problem.dim, draw_names[kind]));
            assert_true(fast.precision_bits == 0 || fast.precision_bits >= 128);
            at_oracle_truth_done(&fast);
            at_oracle_truth_done(&plain);
            draw_done(&draw);
        }
}

static bool same(const double *a, const double *b, int64_t count)
{
    return memcmp(a, b, (size_t)count * sizeof(double)) == 0;
}

static void test_threads_change_no_bit(void **state)
{
    (void)state;
    int threads = omp_get_max_threads();
    for (int kind = 0; kind < DRAW_KIND_COUNT; kind += 2) {
        struct draw draw;
        draw_shape(&draw, (enum draw_kind)kind, 5, 64, 30, 30, true, 8);
        omp_set_num_threads(1);
        struct at_oracle_truth one = solved(&draw, AT_MPFR_AUTO);
        omp_set_num_threads(5);
        struct at_oracle_truth five = solved(&draw, AT_MPFR_AUTO);
        int64_t outputs = draw.head.row_count * draw.problem.dim;
        assert_true(same(one.o, five.o, outputs) && same(one.o_low, five.o_low, outputs) && same(one.radius, five.radius, outputs));
        assert_true(same(one.sum_abs, five.sum_abs, outputs) && same(one.lse, five.lse, 8) && same(one.lse_radius, five.lse_radius, 8));
        assert_true(same(one.p, five.p, draw.head.row_count * draw.problem.seq_k));
        assert_true(one.precision_bits == five.precision_bits && one.radius_log2 == five.radius_log2);
        at_oracle_truth_done(&one);
        at_oracle_truth_done(&five);
        draw_done(&draw);
    }
    omp_set_num_threads(threads);
}

/* Equal keys: the mean of V, whose exact value is known for small integers; lse = score + log(keys). */
static void test_equal_keys_give_the_mean(void **state)
{
    (void)state;
    for (int path = 0; path < 2; path++) {
        struct draw draw;
        draw_shape(&draw, DRAW_FP16, 1, 32, 1, 7, false, 1);
        for (int64_t j = 0; j < 7; j++)
            for (int64_t c = 0; c < 32; c++) {
                draw.k[j * 32 + c] = draw.k[c];
                draw.v[j * 32 + c] = (double)((c + 1) * (j % 2 ? -j : j));
            }
        struct at_oracle_truth truth = solved(&draw, path ? AT_MPFR_PLAIN : AT_MPFR_AUTO);
        for (int64_t c = 0; c < 32; c++) {
            long double mean = (long double)(3 * (c + 1)) / 7; /* 0 - 1 + 2 - 3 + 4 - 5 + 6 = 3 */
            long double off = fabsl((long double)truth.o[c] + truth.o_low[c] - mean);
            assert_true(off <= mean * 0x1p-62L + truth.radius[c]); /* the long double's own roundings */
            assert_true(truth.o[c] == (double)mean);
            assert_true(fabs(truth.sum_abs[c] - 3.0 * (double)(c + 1)) <= 1e-15 * truth.sum_abs[c]); /* 21 / 7 */
        }
        for (int j = 0; j < 7; j++)
            assert_true(fabs(truth.p[j] - 1.0 / 7) <= 1e-15 / 7);
        at_oracle_truth_done(&truth);
        draw_done(&draw);
    }
}

/* One key: V itself; the enclosure holds it and is narrower than V's own last bit by far. */
static void test_one_key_gives_its_value(void **state)
{
    (void)state;
    for (int kind = 0; kind < DRAW_KIND_COUNT; kind++) {
        struct draw draw;
        draw_shape(&draw, (enum draw_kind)kind, 3, 64, 1, 1, false, 1);
        struct at_oracle_truth truth = solved(&draw, AT_MPFR_AUTO);
        for (int64_t c = 0; c < 64; c++) {
            assert_true(truth.o[c] == draw.v[c] && truth.o_low[c] == 0);
            assert_true(truth.sum_abs[c] == fabs(draw.v[c]));
            assert_true(truth.radius[c] <= ldexp(fabs(draw.v[c]), -105) + (draw.v[c] != 0 ? 0x1p-1074 : 0));
        }
        assert_true(truth.p[0] == 1);
        at_oracle_truth_done(&truth);
        draw_done(&draw);
    }
}

/* Two keys whose scores differ by exactly t: p = 1 / (1 + e^-t). */
static void test_two_keys(void **state)
{
    (void)state;
    const double differences[] = {0, 1, -3, 20, 700, -2000, 60000};
    for (size_t n = 0; n < sizeof differences / sizeof *differences; n++) {
        struct draw draw;
        draw_shape(&draw, DRAW_ZERO, 1, 32, 1, 2, false, 1);
        memset(draw.q, 0, 32 * sizeof(double));
        memset(draw.k, 0, 64 * sizeof(double));
        draw.q[3] = 2;
        draw.k[3] = differences[n];
        draw.k[32 + 4] = 5; /* meets q = 0 */
        draw.problem.scale = 0.5;
        draw.v[0] = 1; /* o[0] = p of key 0 */
        draw.v[32] = 0;
        struct at_oracle_truth truth = solved(&draw, AT_MPFR_AUTO);
        assert_true(truth.o[2] == 0 && truth.radius[2] == 0 && truth.sum_abs[2] == 0); /* V is 0 there, left out or not */
        long double p = 1 / (1 + expl(-(long double)differences[n]));
        assert_true(fabsl(truth.o[0] - p) <= p * 0x1p-52L + 0x1p-1074L);
        assert_true(fabsl(truth.p[0] - p) <= p * 1e-15L + 0x1p-1074L);
        long double lse = differences[n] > 0 ? differences[n] + log1pl(expl(-differences[n])) : log1pl(expl(differences[n]));
        assert_true(fabsl(truth.lse[0] - lse) <= truth.lse_radius[0] + lse * 0x1p-62L);
        assert_true(truth.lse_radius[0] <= lse * 0x1p-52L + 0x1p-105L);
        at_oracle_truth_done(&truth);
        draw_done(&draw);
    }
}

/* Only what the row sees counts. */
static void test_nan_and_empty_rows(void **state)
{
    (void)state;
    struct draw draw;
    draw_shape(&draw, DRAW_FP16, 2, 32, 8, 6, true, 8); /* rows 0 and 1 see no key, row i sees keys 0 to i - 2 */
    draw.q[7 * 32 + 1] = INFINITY;
    draw.k[4 * 32] = NAN; /* seen by rows 6 and 7 */
    draw.v[5 * 32] = -INFINITY;
    struct at_oracle_truth truth = solved(&draw, AT_MPFR_AUTO);
    for (int64_t i = 0; i < 8; i++)
        for (int64_t c = 0; c < 32; c++) {
            int64_t at = i * 32 + c;
            if (i < 2)
                assert_true(truth.o[at] == 0 && truth.radius[at] == 0 && truth.lse[i] == -INFINITY && truth.lse_radius[i] == 0);
            else if (i < 6)
                assert_true(isfinite(truth.o[at]) && isfinite(truth.radius[at]) && isfinite(truth.lse[i]));
            else
                assert_true(isnan(truth.o[at]) && isinf(truth.radius[at]) && isnan(truth.lse[i]) && isnan(truth.p[i * 6]));
        }
    for (int64_t i = 2; i < 6; i++) {
        double sum = 0;
        for (int64_t j = 0; j < 6; j++) {
            assert_true(j <= i - 2 ? truth.p[i * 6 + j] > 0 : truth.p[i * 6 + j] == 0);
            sum += truth.p[i * 6 + j];
        }
        assert_true(fabs(sum - 1) <= 6 * 1e-15);
    }
    assert_true(isfinite(truth.radius_log2) && truth.radius_log2 < -100);
    at_oracle_truth_done(&truth);
    draw_done(&draw);
}

/* Scores beyond the range of a double: the output is still exact, lse says that it cannot be shown. */
static void test_lse_out_of_range(void **state)
{
    (void)state;
    struct draw draw;
    draw_shape(&draw, DRAW_FP16, 2, 32, 1, 3, false, 1);
    for (int64_t d = 0; d < 32; d++)
        draw.q[d] = draw.k[d] = DBL_MAX;
    struct at_oracle_truth truth = solved(&draw, AT_MPFR_AUTO);
    assert_true(truth.lse[0] == DBL_MAX && isinf(truth.lse_radius[0]));
    for (int64_t c = 0; c < 32; c++)
        assert_true(truth.o[c] == draw.v[c] && truth.radius[c] <= ldexp(fabs(draw.v[c]), -100));
    at_oracle_truth_done(&truth);
    draw_done(&draw);
}

static void test_refuses_rows_outside(void **state)
{
    (void)state;
    struct draw draw;
    draw_shape(&draw, DRAW_FP16, 2, 32, 4, 4, false, 2);
    struct at_oracle_truth truth = solved(&draw, AT_MPFR_AUTO);
    struct at_error error;
    draw.rows[1] = 4;
    assert_int_equal(at_oracle_mpfr.solve(&draw.head, &truth, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "query row 4"));
    draw.rows[1] = 3;
    draw.problem.dim = 44;
    assert_int_equal(at_oracle_mpfr.solve(&draw.head, &truth, &error), AT_ERR_UNSUPPORTED);
    at_oracle_truth_done(&truth);
    draw_done(&draw);
}

/*
 * Scores over more columns than an output has: q . k over 64 columns of which the second half repeats the first is twice the score over 32,
 * so that half the scale gives the same truth, by both paths.
 */
static void test_scores_over_more_columns(void **state)
{
    (void)state;
    enum { DIM = 32, KEYS = 40, ROWS = 3 };
    static double q[ROWS][2 * DIM], k[KEYS][2 * DIM], v[KEYS][DIM], narrow_q[ROWS][DIM], narrow_k[KEYS][DIM];
    struct at_random key = {11, 5};
    for (int j = 0; j < KEYS; j++)
        for (int c = 0; c < DIM; c++) {
            v[j][c] = (double)(float)at_random_normal(key, (uint64_t)(j * DIM + c));
            narrow_k[j][c] = k[j][c] = k[j][DIM + c] = (double)(float)at_random_normal(key, (uint64_t)(10000 + j * DIM + c));
            if (j < ROWS)
                narrow_q[j][c] = q[j][c] = q[j][DIM + c] = (double)(float)at_random_normal(key, (uint64_t)(20000 + j * DIM + c));
        }
    const int64_t rows[ROWS] = {0, 1, 2};
    struct at_problem narrow = {1, 1, 1, ROWS, KEYS, DIM, false, 0.25}, wide = narrow;
    wide.scale = 0.125;
    struct at_oracle_head narrow_head = {&narrow, rows, ROWS, narrow_q[0], narrow_k[0], v[0], 0};
    struct at_oracle_head wide_head = {&wide, rows, ROWS, q[0], k[0], v[0], 2 * DIM};
    const enum at_mpfr_path paths[] = {AT_MPFR_AUTO, AT_MPFR_PLAIN};
    for (int path = 0; path < 2; path++) {
        struct at_oracle_truth a, b;
        struct at_error error;
        assert_int_equal(at_oracle_truth_init(&a, &narrow, ROWS, 1, &error), AT_OK);
        assert_int_equal(at_oracle_truth_init(&b, &wide, ROWS, 1, &error), AT_OK);
        assert_int_equal(at_mpfr_solve(&narrow_head, paths[path], &a, &error), AT_OK);
        assert_int_equal(at_mpfr_solve(&wide_head, paths[path], &b, &error), AT_OK);
        assert_true(truths_overlap(&a, &b, ROWS, DIM, "more columns"));
        assert_true(radii_meet_target(&b, ROWS, DIM, "more columns"));
        at_oracle_truth_done(&a);
        at_oracle_truth_done(&b);
    }
    k[1][DIM] = NAN; /* a column that only a wide score sees */
    struct at_oracle_truth c;
    assert_int_equal(at_oracle_truth_init(&c, &wide, ROWS, 1, NULL), AT_OK);
    assert_int_equal(at_mpfr_solve(&wide_head, AT_MPFR_AUTO, &c, NULL), AT_OK);
    assert_true(isnan(c.o[0]) && isinf(c.radius[0]));
    at_oracle_truth_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_agree),
        cmocka_unit_test(test_threads_change_no_bit),
        cmocka_unit_test(test_equal_keys_give_the_mean),
        cmocka_unit_test(test_one_key_gives_its_value),
        cmocka_unit_test(test_two_keys),
        cmocka_unit_test(test_nan_and_empty_rows),
        cmocka_unit_test(test_lse_out_of_range),
        cmocka_unit_test(test_refuses_rows_outside),
        cmocka_unit_test(test_scores_over_more_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
