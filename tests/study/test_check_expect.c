/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_expect.h"

#include "attempted.h"
#include "scratch.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void squares_and_rounding_by_hand(void **state)
{
    (void)state;
    const float got[2] = {1, 2};
    const double truth[2] = {1.5, 4}, small[1] = {0x1p-130}, zero[1] = {0};
    assert_true(at_check_square(got, truth, 2) == (0.25 + 4) / 2);
    /* bf16: ulp 2^-7 at 1.5, 2^-5 at 4; fp32 below its smallest normal number has that one's ulp */
    assert_true(fabs(at_check_rounding(truth, 2, AT_BF16) - (0x1p-14 + 0x1p-10) / 24) <= 0x1p-60);
    assert_true(at_check_rounding(small, 1, AT_FP32) == 0x1p-298 / 12 && at_check_rounding(zero, 1, AT_FP32) == 0x1p-298 / 12);
    assert_true(isnan(at_check_square((const float[]){NAN}, zero, 1)));
}

/* Rounding to the nearest leaves this on the average: 4096 numbers of one binade, evenly spread, within 1 %. */
static void rounding_is_what_rounding_leaves(void **state)
{
    (void)state;
    double sum = 0, expected = 0;
    for (int i = 0; i < 4096; i++) {
        double x = 1 + (i + 0.5) / 4096;
        float rounded = at_decode(AT_BF16, at_encode(AT_BF16, (float)x, AT_OVERFLOW_IEEE));
        sum += at_check_square(&rounded, &x, 1);
        expected += at_check_rounding(&x, 1, AT_BF16);
    }
    assert_true(fabs(sum / expected - 1) <= 0.01);
}

/* A row's expected error is the mean square over all schedules, at least that of rounding; a head's that of its rows. */
static void expected_errors_are_means_over_schedules(void **state)
{
    (void)state;
    struct attempted a;
    struct at_check_case c;
    struct at_check_expectation e;
    attempted_open(&a, "twin", "normal", &attempted_problem, "fa3-fp8");
    attempted_expect(&a, &c, &e);
    int64_t rows = c.c.rows.count, lines = rows * at_check_heads(&c), dim = c.c.problem.dim;
    assert_int_equal(e.controls, AT_CHECK_CONTROLS);
    for (int64_t line = 0; line < lines; line++) {
        const double *truth = c.truths[AT_AGAINST_DEQUANTISED].head[line / rows].o + line % rows * dim;
        double mean = 0;
        for (int m = 0; m <= e.controls; m++)
            mean += e.schedule[m * lines + line] / (e.controls + 1);
        mean = fmax(mean, at_check_rounding(truth, dim, AT_BF16));
        assert_true(fabs(e.row[line] * e.row[line] / mean - 1) <= 0x1p-40);
        assert_true(e.schedule[line] == at_check_square(e.o + line * dim, truth, dim)); /* the declared one is first */
        assert_memory_equal(e.o + line * dim, c.o + line * dim, (size_t)dim * sizeof *c.o);
    }
    assert_true(e.bounds.row > 1 && e.bounds.lse > 0);
    at_check_expectation_done(&e);
    at_check_case_done(&c);
    attempted_done(&a);
}

struct largest {
    const struct at_check_case *c;
    const struct at_check_expectation *e;
    double row;
};

static void take_largest(void *context, const struct at_attended *part)
{
    struct largest *l = context;
    int64_t head = part->b * l->c->c.problem.heads_q + part->h, dim = l->c->c.problem.dim;
    for (int64_t j = 0; j < part->count; j++) {
        int64_t i = part->first + j;
        double square = at_check_square(part->out->o + j * dim, l->c->truths[AT_AGAINST_DEQUANTISED].head[head].o + i * dim, dim);
        l->row = fmax(l->row, sqrt(square) / l->e->row[head * l->c->c.rows.count + i]);
    }
}

/* Schedules that the bound does not come from stay below it, and come near: it is not idle. */
static void other_schedules_stay_below_the_bound(void **state)
{
    (void)state;
    static const char *const variants[] = {"fa3-fp8", "fa3-bf16", "fp8-two-level"};
    for (size_t v = 0; v < sizeof variants / sizeof variants[0]; v++) {
        struct attempted a;
        struct at_check_case c;
        struct at_check_expectation e;
        struct at_numerics others[AT_CHECK_CONTROLS];
        attempted_open(&a, "twin", "normal", &attempted_problem, variants[v]);
        attempted_expect(&a, &c, &e);
        int count = at_check_schedules(&c.numerics, &c.c.problem, true, others);
        struct largest largest = {&c, &e, 0};
        for (int i = 0; i < count; i++) {
            struct at_attend attend = {.rows = &c.c.rows, .operands = c.operands};
            struct at_sha256 digest;
            attend.operands.numerics = others[i];
            assert_int_equal(at_attend_heads(&attend, false, take_largest, &largest, &c.work, &digest, NULL), AT_OK);
        }
        assert_true(largest.row > 1 && largest.row <= e.bounds.row);
        at_check_expectation_done(&e);
        at_check_case_done(&c);
        attempted_done(&a);
    }
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squares_and_rounding_by_hand),
        cmocka_unit_test(rounding_is_what_rounding_leaves),
        cmocka_unit_test(expected_errors_are_means_over_schedules),
        cmocka_unit_test(other_schedules_stay_below_the_bound),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
