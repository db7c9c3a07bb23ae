/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/bound.h"

#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const double u = 0x1p-53;

static void test_scale(void **state)
{
    (void)state;
    static const int64_t dims[] = {32, 64, 128, 256};
    mpfr_t x, two;
    mpfr_inits2(300, x, two, (mpfr_ptr)NULL);
    for (int n = 0; n < 8; n++) {
        double scale = n < 4 ? 0 : ldexp(0.3 + n, 25 * n - 160), found = at_fp64_scale(scale, dims[n % 4]);
        mpfr_set_d(x, found, MPFR_RNDN); /* 2^x = e^(scale) */
        mpfr_exp2(x, x, MPFR_RNDN);
        mpfr_log(x, x, MPFR_RNDN);
        mpfr_set_d(two, scale, MPFR_RNDN);
        if (scale == 0) {
            mpfr_set_si(two, (long)dims[n % 4], MPFR_RNDN);
            mpfr_rec_sqrt(two, two, MPFR_RNDN);
        }
        mpfr_div(x, x, two, MPFR_RNDN);
        mpfr_sub_si(x, x, 1, MPFR_RNDN);
        assert_true(fabs(mpfr_get_d(x, MPFR_RNDN)) <= u);
    }
    mpfr_clears(x, two, (mpfr_ptr)NULL);
}

static struct at_fp64_row_facts row_of(double spread, int64_t keys, int splits)
{
    return (struct at_fp64_row_facts){.keys = keys,
                                      .score_dim = 128,
                                      .splits = splits,
                                      .split_keys = (int)(keys / splits) + 1,
                                      .scale = 0.125,
                                      .length = 8,
                                      .longest = spread,
                                      .value = 3};
}

/* The formulas of eq. 43 to 47 by hand: no less, and not a tenth more. */
static void test_formulas(void **state)
{
    (void)state;
    const double spreads[] = {0.01, 1, 17, 390, 1000, 1e5, 1e8};
    for (int n = 0; n < 7; n++)
        for (int64_t keys = 1; keys <= 1 << 20; keys *= 32)
            for (int splits = 1; splits <= 4; splits += 3) {
                const struct at_fp64_row_facts row = row_of(spreads[n], keys, splits);
                const struct at_fp64_bound bound = at_fp64_bound_of(&row);
                bool far = spreads[n] > 400;
                double share = fmin((double)keys, row.split_keys), argument = spreads[n] * (129 * u + u) + (far ? 1000 : spreads[n]) * u;
                double weight = log(2) * argument + 2 * u;
                double total = weight + (share / 4 + 2 + splits) * u, output = weight + (share + splits) * u + total + u;
                assert_true(bound.stands && bound.wants_reference == far);
                assert_true(bound.total_rel >= total && bound.total_rel <= 1.1 * total + 8 * u);
                assert_true(bound.output_rel >= output && bound.output_rel <= 1.1 * output + 12 * u);
                assert_true((bound.dropped > 0) == far && (bound.dropped_log > 0) == far);
                assert_true(bound.underflow >= (double)keys * 0x1p-1074 && bound.underflow <= 4 * (double)(keys + splits) * 0x1p-1074);
            }
}

static void test_declines(void **state)
{
    (void)state;
    struct at_fp64_row_facts row = row_of(1e8, 100, 1);
    assert_true(at_fp64_bound_of(&row).stands);
    row.longest = 1e15; /* scores off by more than 2^-9 */
    assert_false(at_fp64_bound_of(&row).stands);
    row.longest = INFINITY;
    assert_false(at_fp64_bound_of(&row).stands);
    row.longest = NAN;
    assert_false(at_fp64_bound_of(&row).stands);
    row = row_of(1, 100, 1);
    row.value = 0x1p401;
    assert_false(at_fp64_bound_of(&row).stands);
    row.value = NAN;
    assert_false(at_fp64_bound_of(&row).stands);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scale), cmocka_unit_test(test_formulas), cmocka_unit_test(test_declines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
