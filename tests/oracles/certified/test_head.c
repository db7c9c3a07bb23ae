/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "draw.h"

#include "core/format.h"
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
    if (at_certified_head_init(&head, &draw->head, &error))
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
        case 5: draw.q[5 * 32] = 0x1p310; break;
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
            assert_int_equal(head.query[i].fits, wanted);
            fitting += wanted;
        }
        assert_int_equal(head.fitting, fitting);
        for (int64_t n = 1; n < fitting; n++)
            assert_true(head.query[head.order[n]].slices >= head.query[head.order[n - 1]].slices);
        assert_int_equal(head.finite_keys, what == 2 ? 6 : 8);
        if (fitting > 0) {
            assert_int_equal(head.k.count, AT_CERTIFIED_CHUNK);
            for (int64_t at = 0; at < 32 * AT_CERTIFIED_CHUNK; at++) {
                int64_t c = at / AT_CERTIFIED_CHUNK / 8 * 8 + at % 8, j = at / 8 % AT_CERTIFIED_CHUNK;
                assert_true(head.v[at] == (j < head.finite_keys ? draw.v[j * 32 + c] : 0));
            }
        }
        at_certified_head_done(&head);
        assert_null(head.query);
        draw_done(&draw);
    }
}

/* Scales that leave the numbers: one a row of Q, one for each block of keys; scores of two slices at most, exact. */
static void test_scales_are_factored_out(void **state)
{
    (void)state;
    struct draw draw;
    draw_shape(&draw, DRAW_FP16, 3, 128, 8, 300, false, 8);
    for (int64_t i = 0; i < 8 * 128; i++)
        draw.q[i] = at_decode(AT_E4M3, at_encode(AT_E4M3, (float)draw.q[i], AT_OVERFLOW_SATURATE)) * (double)(0.1f + (float)(i / 128));
    for (int64_t i = 0; i < 300 * 128; i++)
        draw.k[i] = at_decode(AT_E4M3, at_encode(AT_E4M3, (float)draw.k[i], AT_OVERFLOW_SATURATE)) * (double)(0.3f + (float)(i / 12800));
    struct at_certified_head head = looked_at(&draw);
    assert_true(head.fitting == 8 && head.q_slices == 1 && head.k.slices == 1);
    for (int64_t i = 0; i < 8; i++) {
        double scale = head.query[i].scale[0] / (double)head.query[i].form.factor;
        assert_true(head.query[i].form.factor > 1 && fabs(scale * sqrt(128) - 1) < 1e-15);
        assert_true(at_certified_head_score_error(&head, i) == 0);
    }
    at_certified_head_done(&head);
    draw_done(&draw);
}

/* All 53 bits: three slices, and a bound on what they miss. */
static void test_doubles(void **state)
{
    (void)state;
    struct draw draw;
    draw_shape(&draw, DRAW_DOUBLE, 3, 128, 8, 300, false, 8);
    struct at_certified_head head = looked_at(&draw);
    assert_true(head.fitting == 8 && head.q_slices == 3 && head.k.slices == 3);
    for (int64_t i = 0; i < 8; i++) {
        double error = at_certified_head_score_error(&head, i);
        assert_true(error > 0 && ldexp(error, at_certified_head_unit(&head, i)) < 0x1p-80);
    }
    at_certified_head_done(&head);
    draw_done(&draw);
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
    assert_int_equal(head.k.count, AT_CERTIFIED_CHUNK);
    assert_false(head.v_short); /* 2^100 beside fp16 */
    at_certified_head_done(&head);
    draw_done(&draw);
}

/* What short_values has to know of V: codes times a scale, without the scale. */
static void test_short_values(void **state)
{
    (void)state;
    struct draw draw;
    const double scale = (double)0.3f;
    draw_shape(&draw, DRAW_FP16, 3, 32, 4, 140, false, 2);
    for (int64_t j = 0; j < 140; j++)
        for (int64_t c = 0; c < 32; c++)
            draw.v[j * 32 + c] = (double)(c % 8 == 3 ? -7 : 1 + j % 3) * 0.25 * scale;
    struct at_certified_head head = looked_at(&draw);
    assert_true(head.v_short && head.v_bits == 3 && head.v_factor * ldexp(1, ilogb(scale)) <= scale * 0x1p53);
    double unit = scale / head.v_factor; /* a power of two */
    assert_true(head.v[3] == -7 * 0.25 * unit && head.v_sizes[3] == 128 * 7 * 0.25 * unit && head.v_sizes[35] == 12 * 7 * 0.25 * unit);
    assert_int_equal(head.v_reach, 10); /* 896 < 2^10 */
    at_certified_head_done(&head);
    draw_done(&draw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fits), cmocka_unit_test(test_scales_are_factored_out),
                                       cmocka_unit_test(test_doubles), cmocka_unit_test(test_columns),
                                       cmocka_unit_test(test_short_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
