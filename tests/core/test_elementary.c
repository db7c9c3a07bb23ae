/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/elementary.h"

#include "core/random.h"

#include <float.h>
#include <gmp.h>
#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { POINTS = 150000 };

static mpfr_t truth, error;

static int make_numbers(void **state)
{
    (void)state;
    mpfr_inits2(128, truth, error, (mpfr_ptr)0);
    return 0;
}

static int drop_numbers(void **state)
{
    (void)state;
    mpfr_clears(truth, error, (mpfr_ptr)0);
    mpfr_free_cache();
    return 0;
}

/* |got - f(x)| / |f(x)|, or |got - f(x)| / 2^-1074 when `subnormal`. */
static double error_of(int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t), double x, double got, int subnormal)
{
    mpfr_set_d(truth, x, MPFR_RNDN);
    f(truth, truth, MPFR_RNDN);
    mpfr_d_sub(error, got, truth, MPFR_RNDN);
    if (subnormal)
        mpfr_mul_2si(error, error, 1074, MPFR_RNDN);
    else
        mpfr_div(error, error, truth, MPFR_RNDN);
    return fabs(mpfr_get_d(error, MPFR_RNDA));
}

static double expect_exp2(double x)
{
    double off = error_of(mpfr_exp2, x, at_exp2(x), 0);
    if (!(off < 0x1p-50))
        fail_msg("at_exp2(%a) = %a: relative error %g, not below 2^-50", x, at_exp2(x), off);
    return off;
}

static double expect_log(double x)
{
    double off = x == 1 ? fabs(at_log(x)) : error_of(mpfr_log, x, at_log(x), 0);
    if (!(off < 0x1p-48))
        fail_msg("at_log(%a) = %a: relative error %g, not below 2^-48", x, at_log(x), off);
    return off;
}

static double double_of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void exp2_keeps_its_bound(void **state)
{
    (void)state;
    struct at_random key = {11, 0};
    double worst = 0;
    for (uint64_t i = 0; i < POINTS; i++) {
        double u = at_random_uniform(key, i) - 0.5;
        double x = i % 3 == 0 ? u * 2044 : i % 3 == 1 ? u * 4 : ldexp(u, -(int)(i % 64));
        worst = fmax(worst, expect_exp2(x));
    }
    for (int n = -1021; n <= 1021; n++)
        for (int half = 0; half < 2; half++) {
            double x = n + 0.5 * half;
            worst = fmax(worst, fmax(expect_exp2(x), fmax(expect_exp2(nextafter(x, 2000)), expect_exp2(nextafter(x, -2000)))));
        }
    print_message("worst relative error of at_exp2: 2^%.2f\n", log2(worst));
}

static void exp2_of_integers_is_exact(void **state)
{
    (void)state;
    for (int n = -1074; n < 1024; n++)
        assert_true(at_exp2(n) == ldexp(1, n));
}

/* Where the result is subnormal, half its last place and the relative 2^-50 are lost at most. */
static void exp2_fades_out_into_zero(void **state)
{
    (void)state;
    struct at_random key = {12, 0};
    for (uint64_t i = 0; i < 20000; i++) {
        double x = -1022 - 54 * at_random_uniform(key, i);
        double off = error_of(mpfr_exp2, x, at_exp2(x), 1);
        if (!(off <= 0.5 + 0x1p-50 * exp2(x + 1074)))
            fail_msg("at_exp2(%a) = %a", x, at_exp2(x));
    }
    assert_true(at_exp2(-1074) == 0x1p-1074);
    assert_true(at_exp2(nextafter(-1075, 0)) == 0x1p-1074);
    const double gone[] = {-1075, -1080, -1e6, -DBL_MAX, -INFINITY};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        assert_true(at_exp2(gone[i]) == 0);
}

static void exp2_overflows_at_1024(void **state)
{
    (void)state;
    expect_exp2(nextafter(1024, 0));
    const double over[] = {1024, 1025, 1e300, INFINITY};
    for (size_t i = 0; i < sizeof over / sizeof *over; i++)
        assert_true(isinf(at_exp2(over[i])) && at_exp2(over[i]) > 0);
    assert_true(isnan(at_exp2(NAN)));
    assert_true(at_exp2(0) == 1 && at_exp2(-0.0) == 1 && at_exp2(0x1p-1074) == 1);
}

static void log_keeps_its_bound(void **state)
{
    (void)state;
    struct at_random key = {13, 0};
    double worst = 0;
    for (uint64_t i = 0; i < POINTS; i++) {
        uint64_t bits = at_random_bits(key, i), exponent = 1 + (bits >> 52) % 2046;
        double any = double_of_bits((bits & 0xfffffffffffff) | exponent << 52), u = at_random_uniform(key, i);
        worst = fmax(worst, expect_log(i % 2 ? any : 1 + ldexp(u - 0.5, -(int)(i / 2 % 52))));
    }
    print_message("worst relative error of at_log: 2^%.2f\n", log2(worst));
}

static void log_keeps_its_bound_at_edges(void **state)
{
    (void)state;
    for (int n = -1022; n < 1024; n++)
        for (int branch = 0; branch < 2; branch++) {
            double x = ldexp(branch ? M_SQRT1_2 : 1, n); /* the reduction changes its mind at sqrt(1/2) */
            if (x < DBL_MIN)
                continue;
            expect_log(x);
            expect_log(nextafter(x, INFINITY));
            expect_log(fmax(nextafter(x, 0), DBL_MIN));
        }
    double up = 1, down = 1;
    for (int i = 0; i < 1000; i++) {
        expect_log(up = nextafter(up, 2));
        expect_log(down = nextafter(down, 0));
    }
    expect_log(DBL_MAX);
    expect_log(DBL_MIN);
}

static void log_outside_its_domain(void **state)
{
    (void)state;
    assert_true(at_log(1) == 0);
    assert_true(isinf(at_log(0)) && at_log(0) < 0);
    assert_true(isinf(at_log(-0.0)) && at_log(-0.0) < 0);
    assert_true(isinf(at_log(INFINITY)) && at_log(INFINITY) > 0);
    assert_true(isnan(at_log(-1)) && isnan(at_log(-0x1p-1074)) && isnan(at_log(-INFINITY)) && isnan(at_log(NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp2_keeps_its_bound),     cmocka_unit_test(exp2_of_integers_is_exact),
        cmocka_unit_test(exp2_fades_out_into_zero), cmocka_unit_test(exp2_overflows_at_1024),
        cmocka_unit_test(log_keeps_its_bound),      cmocka_unit_test(log_keeps_its_bound_at_edges),
        cmocka_unit_test(log_outside_its_domain),
    };
    return cmocka_run_group_tests(tests, make_numbers, drop_numbers);
}
