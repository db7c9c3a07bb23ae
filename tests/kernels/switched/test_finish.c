/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/state.h"

#include "../support/switched.h"

#include "core/bits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_problem problem = {1, 2, 1, 150, 300, 64, true, 0};
enum { ROWS = 4, DIM = 64 };

static const struct at_switches none = {0};

/* The output's cast alone: the exact output, rounded once. */
static void the_output_alone_is_a_cast(void **state)
{
    (void)state;
    static const char *const variants[] = {"fa3-fp8", "fa3-fp16", "fp8-smooth-kv"};
    for (size_t v = 0; v < 3; v++) {
        struct switched_case c;
        switched_case_open(&c, variants[v], &problem, 1, ROWS, 11);
        const enum at_format format = c.operands.numerics.output;
        double *o = switched_outputs(&c, AT_SIMD_AUTO, at_switches_only(AT_ROUNDING_OUTPUT), NULL);
        double *exact = switched_outputs(&c, AT_SIMD_AUTO, none, NULL);
        for (int64_t i = 0; i < ROWS * DIM; i++)
            assert_true(o[i] == (double)at_decode(format, at_encode(format, (float)exact[i], AT_OVERFLOW_IEEE)));
        assert_true(largest_difference(o, exact, ROWS * DIM) > 0);
        free(o);
        free(exact);
        switched_case_close(&c);
    }
}

/* Every group of the end alone moves an output by no more than its fp32 operations can, and by something where it happens. */
static void groups_of_the_end_have_their_size(void **state)
{
    (void)state;
    static const struct {
        enum at_rounding rounding;
        const char *variant;
        double operations; /* of 2^-24 of the largest output, rcp.approx as two; 0: nothing happens */
    } cases[] = {
        {AT_ROUNDING_DIVISION, "fa3-fp8", 5},
        {AT_ROUNDING_DIVISION, "fp8:v.scale=channel", 6},
        {AT_ROUNDING_DIVISION, "fp8:p.offset=normalised", 6},
        {AT_ROUNDING_RESTORE, "fp8:v.smooth=mean", 2},
        {AT_ROUNDING_RESTORE, "fp8:v.rotate=hadamard,v.smooth=mean", 8 * 8},
        {AT_ROUNDING_RESTORE, "fa3-fp8", 0},
        {AT_ROUNDING_LSE, "fa3-fp8", 0},
        {AT_ROUNDING_ROW_SUM, "fa3-fp8", 300},
        {AT_ROUNDING_EXP2, "fa3-fp8", 8},
        {AT_ROUNDING_EXPONENT, "fa3-fp8", 64},
        {AT_ROUNDING_RESCALE, "fa3-fp8", 64},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct switched_case c;
        switched_case_open(&c, cases[i].variant, &problem, 1, ROWS, 12);
        double *o = switched_outputs(&c, AT_SIMD_AUTO, at_switches_only(cases[i].rounding), NULL), most = 0;
        double *exact = switched_outputs(&c, AT_SIMD_AUTO, none, NULL), moved = largest_difference(o, exact, ROWS * DIM);
        for (int64_t j = 0; j < ROWS * DIM; j++)
            most = fmax(most, fabs(exact[j]));
        if (!(moved <= cases[i].operations * 0x1p-24 * most) || (moved > 0) != (cases[i].operations > 0))
            fail_msg("case %zu: outputs move by %g of %g", i, moved, most);
        free(o);
        free(exact);
        switched_case_close(&c);
    }
}

/* The log-sum-exp alone: fp32 operations on the exact sum; K's mean comes back. */
static void the_log_sum_exp_alone_rounds_to_fp32(void **state)
{
    (void)state;
    static const char *const variants[] = {"fa3-fp8", "fp8:k.smooth=mean", "fp8:p.offset=448", "fp8-block128"};
    for (size_t v = 0; v < 4; v++) {
        struct switched_case c;
        double lse[ROWS], exact[ROWS];
        switched_case_open(&c, variants[v], &problem, 1, ROWS, 13);
        free(switched_outputs(&c, AT_SIMD_AUTO, at_switches_only(AT_ROUNDING_LSE), lse));
        free(switched_outputs(&c, AT_SIMD_AUTO, none, exact));
        for (int i = 0; i < ROWS; i++) {
            assert_true(lse[i] == (double)(float)lse[i] && exact[i] != (double)(float)exact[i]);
            assert_true(fabs(lse[i] - exact[i]) <= 64 * 0x1p-24 * 64); /* scores and the mean's part below 64 */
        }
        switched_case_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_output_alone_is_a_cast),
        cmocka_unit_test(groups_of_the_end_have_their_size),
        cmocka_unit_test(the_log_sum_exp_alone_rounds_to_fp32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
