/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* What every oracle in the registry promises (oracles/oracle.h), each by itself and all against each other. */
#include "draw.h"
#include "overlap.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 8 };

/* Whether it computes here; one that needs a GPU is refused, in one line, where there is none. */
static bool computes(const struct at_oracle *oracle)
{
    struct draw draw;
    struct at_oracle_truth truth;
    struct at_error error = {""};
    draw_shape(&draw, DRAW_FP16, 1, 32, 1, 1, false, 1);
    assert_int_equal(at_oracle_truth_init(&truth, &draw.problem, 1, 0, &error), AT_OK);
    enum at_status status = oracle->solve(&draw.head, &truth, &error);
    at_oracle_truth_done(&truth);
    draw_done(&draw);
    if (status == AT_OK)
        return true;
    if ((status != AT_ERR_NOT_FOUND && status != AT_ERR_UNSUPPORTED) || strncmp(oracle->name, "fp64_", 5) != 0)
        fail_msg("%s: %s", oracle->name, error.message);
    assert_non_null(strstr(error.message, oracle->name));
    assert_null(strchr(error.message, '\n'));
    return false;
}

/* Those of the registry that do. */
static const struct at_oracle *here[16];
static size_t here_count;

static int look(void **state)
{
    (void)state;
    assert_true(at_oracle_count <= sizeof here / sizeof here[0]);
    for (size_t i = 0; i < at_oracle_count; i++)
        if (computes(at_oracles[i]))
            here[here_count++] = at_oracles[i];
    return 0;
}

static void solve(const struct at_oracle *oracle, const struct draw *draw, struct at_oracle_truth *ret_truth)
{
    struct at_error error;
    assert_int_equal(at_oracle_truth_init(ret_truth, &draw->problem, draw->head.row_count, 1, &error), AT_OK);
    if (oracle->solve(&draw->head, ret_truth, &error) != AT_OK)
        fail_msg("%s: %s", oracle->name, error.message);
}

static void test_descriptors(void **state)
{
    (void)state;
    assert_true(at_oracle_count > 0);
    for (size_t i = 0; i < at_oracle_count; i++) {
        assert_true(strlen(at_oracles[i]->name) > 0 && strlen(at_oracles[i]->summary) > 0 && strlen(at_oracles[i]->bound) > 0);
        assert_null(strpbrk(at_oracles[i]->summary, "\n\t"));
        assert_null(strpbrk(at_oracles[i]->bound, "\n\t"));
        assert_non_null(at_oracles[i]->solve);
        assert_non_null(at_oracles[i]->estimate);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(at_oracles[i]->name, at_oracles[j]->name);
    }
}

/* Outputs lie in the hull of V, probabilities sum to 1, sum_abs bounds the value, and the summary fields agree with the arrays. */
static void check_row(const struct draw *draw, const struct at_oracle_truth *truth, int64_t i)
{
    int64_t dim = draw->problem.dim, seq_k = draw->problem.seq_k, keys = at_problem_keys(&draw->problem, draw->rows[i]);
    double sum = 0;
    for (int64_t j = 0; j < seq_k; j++) {
        double p = truth->p[i * seq_k + j];
        assert_true(j < keys ? p >= 0 && p <= 1 + 1e-15 : p == 0);
        sum += p;
    }
    assert_true(fabs(sum - (keys > 0)) <= 1e-15 + (double)keys * 0x1p-52);
    for (int64_t c = 0; c < dim; c++) {
        int64_t at = i * dim + c;
        double low = INFINITY, high = -INFINITY;
        for (int64_t j = 0; j < keys; j++) {
            low = fmin(low, draw->v[j * dim + c]);
            high = fmax(high, draw->v[j * dim + c]);
        }
        assert_true(truth->radius[at] >= 0 && truth->sum_abs[at] >= 0);
        assert_true(fabs(truth->o_low[at]) <= fabs(truth->o[at]) * 0x1p-53 + 0x1p-1074);
        assert_true(fabs(truth->o[at]) <= truth->sum_abs[at] * (1 + 2e-15) + truth->radius[at]);
        if (keys > 0)
            assert_true(truth->o[at] >= low - truth->radius[at] && truth->o[at] <= high + truth->radius[at]);
        else
            assert_true(truth->o[at] == 0 && truth->radius[at] == 0 && truth->lse[i] == -INFINITY);
    }
}

static void test_every_kind(void **state)
{
    (void)state;
    for (size_t n = 0; n < here_count; n++)
        for (int kind = 0; kind < DRAW_KIND_COUNT; kind++) {
            struct draw draw;
            struct at_oracle_truth truth;
            draw_shape(&draw, (enum draw_kind)kind, 17, 64, 30, 24, true, ROWS); /* the first rows see no key */
            solve(here[n], &draw, &truth);
            double largest = -INFINITY;
            for (int64_t i = 0; i < ROWS; i++)
                check_row(&draw, &truth, i);
            for (int64_t at = 0; at < ROWS * 64; at++)
                if (truth.sum_abs[at] > 0)
                    largest = fmax(largest, log2(truth.radius[at]) - log2(truth.sum_abs[at]));
            assert_true(truth.radius_log2 == largest);
            at_oracle_truth_done(&truth);
            draw_done(&draw);
        }
}

static void test_undefined_rows(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t n = 0; n < here_count; n++)
        for (int where = 0; where < 9; where++) {
            struct draw draw;
            struct at_oracle_truth truth;
            draw_shape(&draw, DRAW_E4M3, 4, 32, 8, 8, true, ROWS);
            double *array[] = {draw.q, draw.k, draw.v};
            array[where / 3][5 * 32 + 7] = bad[where % 3]; /* query row 5, or key 5: seen from row 5 on */
            solve(here[n], &draw, &truth);
            for (int64_t i = 0; i < ROWS; i++) {
                bool undefined = where < 3 ? i == 5 : i >= 5;
                for (int64_t c = 0; c < 32; c++) {
                    assert_true(isnan(truth.o[i * 32 + c]) == undefined);
                    assert_true(isinf(truth.radius[i * 32 + c]) == undefined);
                }
                assert_true(isnan(truth.lse[i]) == undefined && isnan(truth.p[i * 8]) == undefined);
            }
            assert_true(isfinite(truth.radius_log2));
            at_oracle_truth_done(&truth);
            draw_done(&draw);
        }
}

/* More takes more, of a problem of any size; and the radius that is expected is met by inputs as they usually are, give or take 2^10. */
static void test_estimates(void **state)
{
    (void)state;
    for (size_t n = 0; n < here_count; n++) {
        struct draw draw;
        struct at_oracle_truth truth;
        struct at_oracle_estimate small, large, threads, wide;
        draw_shape(&draw, DRAW_FP16, 29, 64, 64, 64, false, ROWS);
        solve(here[n], &draw, &truth);
        struct at_oracle_shape shape = {&draw.problem, ROWS, ROWS * 64.0, 64, 1};
        here[n]->estimate(&shape, &small);
        assert_true(small.seconds > 0 && small.bytes > 0 && small.radius_log2 < 0);
        assert_true(truth.radius_log2 <= small.radius_log2 + 10 && truth.radius_log2 >= small.radius_log2 - 10);
        shape.threads = 64;
        here[n]->estimate(&shape, &threads);
        assert_true(threads.bytes >= small.bytes);
        shape.score_dim = 128;
        here[n]->estimate(&shape, &wide);
        assert_true(wide.bytes > threads.bytes && wide.seconds > threads.seconds);
        struct at_problem many = draw.problem;
        many.seq_k <<= 30; /* beyond what any oracle takes to begin with */
        shape = (struct at_oracle_shape){&many, ROWS, ROWS * 64.0 * 0x1p30, 0, 1};
        here[n]->estimate(&shape, &large);
        assert_true(large.seconds > 100 * small.seconds && large.bytes > 100 * small.bytes);
        at_oracle_truth_done(&truth);
        draw_done(&draw);
    }
}

/* What does not exist is refused before anything is computed, with a line that says what. */
static void test_refusals(void **state)
{
    (void)state;
    for (size_t n = 0; n < here_count; n++)
        for (int what = 0; what < 6; what++) {
            struct draw draw;
            struct at_oracle_truth truth;
            struct at_error error = {""};
            draw_shape(&draw, DRAW_FP16, 4, 32, 8, 8, true, ROWS);
            assert_int_equal(at_oracle_truth_init(&truth, &draw.problem, ROWS, 1, &error), AT_OK);
            truth.o[0] = 77;
            switch (what) {
            case 0: draw.rows[3] = -1; break;
            case 1: draw.rows[3] = 8; break;
            case 2: draw.problem.seq_k = 0; break;
            case 3: draw.problem.scale = NAN; break;
            case 4: draw.head.row_count = -1; break;
            default: draw.head.score_dim = -32; break;
            }
            assert_int_equal(here[n]->solve(&draw.head, &truth, &error), AT_ERR_ARGUMENT);
            assert_non_null(strstr(error.message, here[n]->name));
            assert_true(truth.o[0] == 77);
            at_oracle_truth_done(&truth);
            draw_done(&draw);
        }
}

/* A row without a key is 0 whatever its query holds; keys beyond a row's mask do not matter, whatever they hold; no rows are no work. */
static void test_what_nobody_sees(void **state)
{
    (void)state;
    for (size_t n = 0; n < here_count; n++) {
        struct draw draw;
        struct at_oracle_truth before, after;
        draw_shape(&draw, DRAW_FP16, 4, 32, 10, 8, true, ROWS); /* rows 0 and 1 see nothing, row 9 sees all */
        solve(here[n], &draw, &before);
        for (int64_t i = 0; i < ROWS && draw.rows[i] < 2; i++)
            draw.q[i * 32 + 5] = i % 2 ? NAN : -INFINITY;
        draw.k[7 * 32] = NAN;
        draw.v[7 * 32] = INFINITY;
        solve(here[n], &draw, &after);
        assert_true(draw.rows[0] == 0 && after.o[5] == 0 && after.radius[5] == 0 && after.lse[0] == -INFINITY);
        assert_true(isnan(after.o[(ROWS - 1) * 32]) && isfinite(after.o[(ROWS - 2) * 32]));
        assert_true(truths_overlap(&before, &after, ROWS - 1, 32, here[n]->name));
        draw.head.row_count = 0;
        assert_int_equal(here[n]->solve(&draw.head, &after, NULL), AT_OK);
        assert_true(isinf(after.radius_log2));
        at_oracle_truth_done(&before);
        at_oracle_truth_done(&after);
        draw_done(&draw);
    }
}

static void test_threads_and_peers(void **state)
{
    (void)state;
    int threads = omp_get_max_threads();
    for (int kind = 0; kind < DRAW_KIND_COUNT; kind += 3) {
        struct draw draw;
        struct at_oracle_truth first, again;
        draw_shape(&draw, (enum draw_kind)kind, 23, 128, 40, 40, true, ROWS);
        solve(here[0], &draw, &first);
        for (size_t n = 0; n < here_count; n++)
            for (int count = 1; count <= 3; count += 2) {
                omp_set_num_threads(count);
                solve(here[n], &draw, &again);
                assert_true(truths_overlap(&first, &again, ROWS, 128, here[n]->name));
                if (n == 0)
                    assert_memory_equal(first.radius, again.radius, ROWS * 128 * sizeof(double));
                at_oracle_truth_done(&again);
            }
        at_oracle_truth_done(&first);
        draw_done(&draw);
    }
    omp_set_num_threads(threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_descriptors),      cmocka_unit_test(test_every_kind),
                                       cmocka_unit_test(test_undefined_rows),   cmocka_unit_test(test_estimates),
                                       cmocka_unit_test(test_refusals),         cmocka_unit_test(test_what_nobody_sees),
                                       cmocka_unit_test(test_threads_and_peers)};
    return cmocka_run_group_tests(tests, look, NULL);
}
