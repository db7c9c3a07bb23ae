/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "draw.h"

#include "oracles/certified/head.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct at_certified_head looked_at(const struct draw *draw)
{
    struct at_certified_head head;
    struct at_error error;
    if (at_certified_head_init(&head, &draw->head, false, &error))
        fail_msg("%s", error.message);
    return head;
}

/* Which rows fit: those that see a key and nothing that is not finite, in the ranges that the proof needs. */
static void test_fits(void **state)
{
    (void)state;
    for (int what = 0; what < 7; what++) {
        struct draw draw;
        draw_shape(&draw, DRAW_FP16, 3, 32, 10, 8, true, 8); /* rows 0 and 1 see nothing; row 9 sees all */
        switch (what) {
        case 1: draw.q[5 * 32] = NAN; break;
        case 2: draw.k[6 * 32] = INFINITY; break;
        case 3: draw.v[0] = 0x1p201; break;
        case 4: draw.v[0] = 0x1p-201; break;
        case 5: draw.q[5 * 32] = 0x1p90; break; /* more than 62 bits with its neighbours */
        case 6:
            for (int64_t d = 0; d < 32; d++)
                draw.q[5 * 32 + d] = ldexp(draw.q[5 * 32 + d], -400);
            break;
        default: break;
        }
        struct at_certified_head head = looked_at(&draw);
        int64_t fitting = 0;
        for (int64_t i = 0; i < 8; i++) {
            int64_t keys = at_problem_keys(&draw.problem, draw.rows[i]);
            bool wanted = keys > 0;
            wanted &= what == 0 || (what == 2 ? keys <= 6 : what == 3 || what == 4 ? false : i != 5);
            assert_int_equal(head.fits[i], wanted);
            fitting += wanted;
        }
        assert_int_equal(head.q_bits >= 0, fitting > 0);
        assert_int_equal(head.finite_keys, what == 2 ? 6 : 8);
        if (fitting > 0) {
            assert_int_equal(head.k.count, AT_CERTIFIED_CHUNK);
            assert_memory_equal(head.v_tail, draw.v, (size_t)head.finite_keys * 32 * sizeof(double));
            assert_true(head.v_tail[8 * 32] == 0);
        }
        at_certified_head_done(&head);
        assert_null(head.fits);
        draw_done(&draw);
    }
}

static void test_columns(void **state)
{
    (void)state;
    struct draw draw;
    draw_shape(&draw, DRAW_ZERO, 3, 64, 4, 70, false, 2); /* even columns are zero */
    draw.v[69 * 64 + 4] = -0x1p100;
    struct at_certified_head head = looked_at(&draw);
    assert_true(head.first_nonzero[0] == 70 && head.first_nonzero[4] == 69 && head.first_nonzero[1] == 0);
    assert_true(head.largest_value == 0x1p100);
    assert_int_equal(head.k.count, 2 * AT_CERTIFIED_CHUNK);
    assert_memory_equal(head.v_tail, draw.v + 64 * 64, 6 * 64 * sizeof(double));
    at_certified_head_done(&head);
    draw_done(&draw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fits), cmocka_unit_test(test_columns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
