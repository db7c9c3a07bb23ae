/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct at_fp64_plan plan_of(int64_t heads, int64_t rows, int64_t keys, int64_t dim, int64_t score_dim, bool sums)
{
    static int64_t positions[1];
    struct at_problem problem = {1, 1, 1, rows, keys, dim, false, 0};
    const struct at_oracle_head head = {&problem, positions, rows, NULL, NULL, NULL, score_dim};
    struct at_fp64_plan plan;
    struct at_error error;
    if (at_fp64_plan_init(&plan, &head, heads, sums, &error))
        fail_msg("%s", error.message);
    return plan;
}

/* Every shape has kernels, whose blocks cover all rows, keys and columns. */
static void test_covers(void **state)
{
    (void)state;
    static const int64_t dims[] = {32, 64, 128, 256}, lengths[] = {1, 63, 128, 129, 5000, 131072};
    for (int d = 0; d < 4; d++)
        for (int wide = 1; wide <= 2; wide++)
            for (int sums = 0; sums < 2; sums++)
                for (int n = 0; n < 36; n++) {
                    int64_t rows = lengths[n / 6], keys = lengths[n % 6];
                    if (dims[d] * wide > AT_FP64_MOST_DEPTH)
                        continue;
                    struct at_fp64_plan p = plan_of(3, rows, keys, dims[d], wide == 2 ? 2 * dims[d] : 0, sums);
                    assert_true(p.depth >= dims[d] * wide && p.depth <= 256 && p.slices * p.columns >= dims[d]);
                    assert_true(p.rows >= rows && p.rows % AT_FP64_ROWS == 0 && p.keys >= keys && p.keys % AT_FP64_KEYS == 0);
                    assert_true(p.split_keys % AT_FP64_KEYS == 0 && (int64_t)p.splits * p.split_keys >= p.keys);
                    assert_true((int64_t)(p.splits - 1) * p.split_keys < p.keys); /* none is empty */
                    assert_true(p.attend.threads <= 256 && p.attend.shared_bytes <= 227 << 10);
                    assert_true(p.attend.blocks % (3 * (unsigned)p.splits) == 0 && p.reference.blocks == p.weights.blocks);
                    assert_true(p.attend.blocks * (p.attend.threads / 32) * 16 >= 3 * rows);
                    assert_true(!sums || strncmp(p.attend.name, "fp64_sums_", 10) == 0);
                }
}

/* Keys are shared out where there are too few rows for all multiprocessors, and not else. */
static void test_splits(void **state)
{
    (void)state;
    assert_int_equal(plan_of(16, 8192, 8192, 128, 0, false).splits, 1);
    assert_true(plan_of(1, 16, 131072, 128, 0, false).splits > 100);
    assert_int_equal(plan_of(1, 16, 300, 128, 0, false).splits, 1);
}

/* The places of an array's elements are all different and inside it. */
static void test_places(void **state)
{
    (void)state;
    static const int64_t dims[] = {32, 64, 128, 256};
    for (int d = 0; d < 4; d++) {
        struct at_fp64_plan p = plan_of(1, 130, 70, dims[d], 0, true);
        int64_t counts[] = {p.rows * p.depth, p.keys * p.depth, p.keys * p.slices * p.columns},
                widths[] = {p.depth, p.depth, p.slices * p.columns};
        int64_t (*const place[])(const struct at_fp64_plan *, int64_t, int64_t) = {at_fp64_q_place, at_fp64_k_place, at_fp64_v_place};
        for (int x = 0; x < 3; x++) {
            char *seen = calloc((size_t)counts[x], 1);
            for (int64_t i = 0; i < counts[x]; i++) {
                int64_t at = place[x](&p, i / widths[x], i % widths[x]);
                assert_true(at >= 0 && at < counts[x] && !seen[at]);
                seen[at] = 1;
            }
            free(seen);
        }
    }
}

/* Eight lanes 4 g + t that load 16 bytes together find them in different banks; lines are multiples of 128 bytes. */
static void test_banks(void **state)
{
    (void)state;
    for (int phase = 0; phase < 4; phase++)
        for (int step = 0; step < 4; step++) {
            unsigned q = 0, odd = 0, k = 0, v = 0;
            for (int lane = 8 * phase; lane < 8 * phase + 8; lane++) {
                int g = lane / 4, t = lane % 4;
                q |= 1u << (AT_FP64_Q_CHUNK(g, 8 * step + 2 * t) % 8);
                odd |= 1u << (AT_FP64_Q_CHUNK(g, 8 * step + 2 * t + 1) % 8);
                k |= 1u << (AT_FP64_K_CHUNK(g, 4 * step + t) % 8);
                v |= 1u << (AT_FP64_V_CHUNK(4 * step + t, g) % 8);
            }
            assert_true(q == 0xff && odd == 0xff && k == 0xff && v == 0xff);
        }
}

static void test_refuses(void **state)
{
    (void)state;
    struct at_problem problem = {1, 1, 1, 4, 4, 256, false, 0};
    struct at_oracle_head head = {&problem, NULL, 4, NULL, NULL, NULL, 512};
    struct at_fp64_plan plan;
    struct at_error error;
    assert_int_equal(at_fp64_plan_init(&plan, &head, 1, true, &error), AT_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "512 columns"));
    head.score_dim = 0;
    problem.seq_k = (int64_t)1 << 31;
    assert_int_equal(at_fp64_plan_init(&plan, &head, 1, true, &error), AT_ERR_UNSUPPORTED);
    problem.seq_k = 4;
    head.row_count = (int64_t)1 << 30;
    assert_int_equal(at_fp64_plan_init(&plan, &head, 4096, true, &error), AT_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "one launch"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_covers), cmocka_unit_test(test_splits), cmocka_unit_test(test_places),
                                       cmocka_unit_test(test_banks), cmocka_unit_test(test_refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
