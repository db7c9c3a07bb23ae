/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/noise.h"

#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const enum at_format formats[] = {AT_E4M3, AT_E5M2, AT_FP16, AT_BF16};

static double error_of(enum at_format format, double x)
{
    return (double)at_decode(format, at_encode(format, (float)x, AT_OVERFLOW_SATURATE)) - x;
}

/* The mean of many squared errors, over a binade and over the subnormals, is what is expected of each. */
static void the_mean_square_is_that_of_rounding(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    for (size_t f = 0; f < 4; f++)
        for (int where = 0; where < 2; where++) {
            struct at_random key = {f, 17};
            const int least = at_formats[formats[f]].min_exponent;
            double expected = 0, found = 0, fourth = 0;
            for (uint64_t i = 0; i < COUNT; i++) {
                double u = at_random_uniform(key, i), x = where ? ldexp(u, least) : 1 + u, error = error_of(formats[f], x);
                expected += at_noise_square(formats[f], x);
                found += error * error;
                fourth += error * error * error * error;
            }
            /* six standard deviations of the mean of the squares */
            assert_true(fabs(found - expected) <= 6 * sqrt(fourth));
        }
}

static void what_the_format_holds_has_no_noise(void **state)
{
    (void)state;
    for (size_t f = 0; f < 4; f++)
        for (uint32_t code = 0; code < UINT32_C(1) << at_formats[formats[f]].bits; code += f < 2 ? 1 : 37) {
            double x = (double)at_decode(formats[f], code);
            if (isfinite(x))
                assert_true(at_noise_square(formats[f], x) == 0);
        }
    assert_true(at_noise_square(AT_E4M3, 448 * (1 + 0x1p-24)) == 0);
    assert_true(at_noise_square(AT_E4M3, 0x1p-11) == 0x1p-22); /* becomes 0 */
    assert_true(at_noise_square(AT_E4M3, 1.06) == 0x1p-6 / 12);
}

/* Over a whole period of the lattice, one unit, the errors have the mean and the scatter that are expected of each of its numbers. */
static void lattices_share_their_mean_error(void **state)
{
    (void)state;
    for (int i = -2; i <= 8; i++)
        for (int s = 0; s < 7; s++) {
            const double unit = at_noise_unit(AT_FP16, 1.25), spacing = ldexp(unit, -i), start = 1.25 + spacing * (s / 7.0);
            const int count = i < 0 ? 1 : 1 << i;
            double square, sum = 0, squares = 0;
            const double shared = at_noise_shared(AT_FP16, start, spacing, &square);
            for (int k = 0; k < count; k++) {
                const double error = error_of(AT_FP16, start + k * spacing);
                assert_true(s == 0 || at_noise_shared(AT_FP16, start + k * spacing, spacing, &square) - shared <= 0x1p-40 * unit);
                sum += error;
                squares += error * error;
            }
            if (s > 0) /* at 0 ties go to the even neighbour, this way or the other */
                assert_true(fabs(sum / count - shared) <= 0x1p-11 * unit &&
                            fabs(squares / count - shared * shared - square) <= 0x1p-11 * unit * unit);
            assert_true(s > 0 || shared == 0);
        }
    double square;
    assert_true(at_noise_shared(AT_FP16, 1.3, 0x1.8p-13, &square) == 0 && square == at_noise_square(AT_FP16, 1.3));
}

/* Chains of instructions on random codes: their mean and their scatter are the expected ones. */
static void chains_end_where_expected(void **state)
{
    (void)state;
    enum { TRIALS = 300, CHAIN = 40, DEPTH = 32 };
    static const double means[] = {0, 1};
    const struct at_wgmma_rounding r = at_wgmma_rounding_of(AT_E4M3);
    for (size_t m = 0; m < 2; m++) {
        double lost = 0, expected = 0, scatter = 0;
        for (uint64_t t = 0; t < TRIALS; t++) {
            struct at_random key = {t, 18 + m};
            struct at_noise_sum sum = {0};
            double exact = 0;
            float d = 0;
            for (uint64_t i = 0; i < CHAIN; i++) {
                double p[DEPTH], v[DEPTH];
                float a[DEPTH], b[DEPTH];
                for (uint64_t k = 0; k < DEPTH; k++) {
                    double x = 64 * at_random_uniform(key, 2 * (i * DEPTH + k)),
                           y = means[m] + at_random_normal(key, 100000 + i * DEPTH + k);
                    p[k] = (double)(a[k] = at_decode(AT_E4M3, at_encode(AT_E4M3, (float)x, AT_OVERFLOW_SATURATE)));
                    v[k] = (double)(b[k] = at_decode(AT_E4M3, at_encode(AT_E4M3, (float)y, AT_OVERFLOW_SATURATE)));
                    exact += p[k] * v[k];
                }
                at_noise_add(&sum, r, AT_E4M3, AT_E4M3, p, v, 1, DEPTH);
                d = at_wgmma_dot(AT_E4M3, AT_E4M3, a, b, 1, d);
            }
            assert_true(fabs(sum.exact - exact) <= 1e-9 * (1 + fabs(exact)));
            lost += (double)d - exact;
            expected += sum.d - sum.exact;
            scatter += ((double)d - exact) * ((double)d - exact);
        }
        /* with a mean the losses are on one side: half as much again at most; without they scatter about what is expected */
        if (m)
            assert_true(lost < 0 && expected < 0 && lost / expected < 1.5 && lost / expected > 1 / 1.5);
        else
            assert_true(fabs(lost - expected) <= 6 * sqrt(scatter));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mean_square_is_that_of_rounding),
        cmocka_unit_test(what_the_format_holds_has_no_noise),
        cmocka_unit_test(lattices_share_their_mean_error),
        cmocka_unit_test(chains_end_where_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
