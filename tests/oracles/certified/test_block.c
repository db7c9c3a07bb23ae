/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "draw.h"

#include "oracles/certified/block.h"
#include "oracles/certified/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* `count` rows of the draw from `from` on, in one block of their own of `groups` groups. */
static struct at_oracle_truth block_of(const struct draw *draw, int64_t from, int64_t count, int groups)
{
    struct at_oracle_head part = draw->head;
    struct at_certified_head head;
    struct at_certified_desk desk;
    struct at_oracle_truth truth;
    bool done[AT_CERTIFIED_ROWS] = {false};
    const struct at_certified_lanes *lanes = at_certified_lanes_of(AT_SIMD_AUTO);
    part.rows += from;
    part.q += from * draw->problem.dim;
    part.row_count = count;
    assert_int_equal(at_oracle_truth_init(&truth, &draw->problem, count, 1, NULL), AT_OK);
    assert_int_equal(at_certified_head_init(&head, &part, NULL), AT_OK);
    assert_int_equal(at_certified_desk_init(&desk, &head, groups, NULL), AT_OK);
    size_t weights = AT_CERTIFIED_ROWS * (size_t)groups * (size_t)desk.stride * sizeof(double);
    memset(desk.high, 0xff, weights); /* NaN: nothing is taken from before */
    memset(desk.low, 0xff, weights);
    at_certified_block(&head, lanes, 0, &desk, &truth, done);
    for (int64_t i = 0; i < AT_CERTIFIED_ROWS; i++)
        assert_int_equal(done[i], i < count && at_problem_keys(&draw->problem, draw->rows[from + (i < count ? i : 0)]) > 0);
    at_certified_desk_done(&desk);
    at_certified_head_done(&head);
    return truth;
}

/* The bits of a row do not depend on the rows beside it, nor on how many keys they see. */
static void test_rows_are_alone(void **state)
{
    (void)state;
    static const int64_t lengths[] = {1, 9, 128, 129, 200};
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
        for (int kind = DRAW_FP16; kind <= DRAW_LARGE; kind++) {
            struct draw draw;
            draw_shape(&draw, (enum draw_kind)kind, 8, 64, lengths[n] + 3, lengths[n], true, lengths[n] < 5 ? 4 : 8);
            struct at_oracle_truth all = block_of(&draw, 0, draw.head.row_count, 3);
            for (int64_t i = 0; i < draw.head.row_count; i++) {
                if (at_problem_keys(&draw.problem, draw.rows[i]) == 0)
                    continue;
                struct at_oracle_truth one = block_of(&draw, i, 1, 1);
                assert_memory_equal(one.o, all.o + i * 64, 64 * sizeof(double));
                assert_memory_equal(one.o_low, all.o_low + i * 64, 64 * sizeof(double));
                assert_memory_equal(one.radius, all.radius + i * 64, 64 * sizeof(double));
                assert_memory_equal(one.sum_abs, all.sum_abs + i * 64, 64 * sizeof(double));
                assert_memory_equal(one.p, all.p + i * lengths[n], (size_t)lengths[n] * sizeof(double));
                assert_true(one.lse[0] == all.lse[i] && one.lse_radius[0] == all.lse_radius[i]);
                at_oracle_truth_done(&one);
            }
            at_oracle_truth_done(&all);
            draw_done(&draw);
        }
}

static void test_groups(void **state)
{
    (void)state;
    assert_int_equal(at_certified_groups_of(4096, 4096, 1), AT_CERTIFIED_GROUPS - 1);
    assert_int_equal(at_certified_groups_of(4096, 1000, 1), AT_CERTIFIED_GROUPS);
    assert_int_equal(at_certified_groups_of(4096, 1 << 20, 1), 1);
    assert_int_equal(at_certified_groups_of(128, 1000, 2), 2); /* 4 blocks a thread */
    assert_int_equal(at_certified_groups_of(1, 0, 64), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows_are_alone), cmocka_unit_test(test_groups)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
