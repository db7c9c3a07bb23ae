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

/* `count` rows of the draw from `from` on, in one block of their own. */
static struct at_oracle_truth block_of(const struct draw *draw, int64_t from, int64_t count)
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
    assert_int_equal(at_certified_desk_init(&desk, &head, NULL), AT_OK);
    memset(desk.high, 0xff, AT_CERTIFIED_ROWS * (size_t)desk.stride * sizeof(double)); /* NaN: nothing is taken from before */
    memset(desk.low, 0xff, AT_CERTIFIED_ROWS * (size_t)desk.stride * sizeof(double));
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
            struct at_oracle_truth all = block_of(&draw, 0, draw.head.row_count);
            for (int64_t i = 0; i < draw.head.row_count; i++) {
                if (at_problem_keys(&draw.problem, draw.rows[i]) == 0)
                    continue;
                struct at_oracle_truth one = block_of(&draw, i, 1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows_are_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
