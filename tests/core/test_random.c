/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"

#include <gmp.h>
#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* The three lines "philox4x32 10" of kat_vectors, the known answers that come with Random123. */
static void known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], answer[2];
    } lines[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}, {0x408f276d, 0x41c83b0e}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}, {0xd16cfe09, 0x94fdcceb}},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const uint32_t *c = lines[i].counter, *k = lines[i].key;
        struct at_random key = {(uint64_t)k[1] << 32 | k[0], (uint64_t)c[3] << 32 | c[2]};
        uint64_t bits = at_random_bits(key, (uint64_t)c[1] << 32 | c[0]);
        assert_int_equal(bits & 0xffffffff, lines[i].answer[0]);
        assert_int_equal(bits >> 32, lines[i].answer[1]);
    }
}

static void seed_stream_and_counter_each_matter(void **state)
{
    (void)state;
    uint64_t plain = at_random_bits((struct at_random){1, 2}, 3);
    for (int bit = 0; bit < 64; bit++) {
        uint64_t flip = UINT64_C(1) << bit;
        assert_int_not_equal(at_random_bits((struct at_random){1 ^ flip, 2}, 3), plain);
        assert_int_not_equal(at_random_bits((struct at_random){1, 2 ^ flip}, 3), plain);
        assert_int_not_equal(at_random_bits((struct at_random){1, 2}, 3 ^ flip), plain);
    }
}

static void uniforms_are_odd_multiples_inside_the_interval(void **state)
{
    (void)state;
    struct at_random key = {5, 6};
    for (uint64_t i = 0; i < 100000; i++) {
        double u = at_random_uniform(key, i), k = u * 0x1p53;
        assert_true(u > 0 && u < 1 && k == floor(k) && fmod(k, 2) == 1);
        assert_true((uint64_t)k >> 1 == at_random_bits(key, i) >> 12);
    }
}

/*
 * Relative error of x as the p-quantile, in double units of 2^-53: one Newton step at 200 bits. The step's own error is of second
 * order, about x^2 times the square of the first.
 */
static double quantile_error_u(double p, double x)
{
    mpfr_t distribution, density, t;
    mpfr_inits2(200, distribution, density, t, (mpfr_ptr)0);
    mpfr_const_pi(t, MPFR_RNDN);
    mpfr_mul_ui(t, t, 2, MPFR_RNDN);
    mpfr_rec_sqrt(density, t, MPFR_RNDN); /* 1/sqrt(2 pi) */
    mpfr_set_d(t, x, MPFR_RNDN);
    mpfr_sqr(t, t, MPFR_RNDN);
    mpfr_div_si(t, t, -2, MPFR_RNDN);
    mpfr_exp(t, t, MPFR_RNDN);
    mpfr_mul(density, density, t, MPFR_RNDN);
    mpfr_set_d(t, 0.5, MPFR_RNDN);
    mpfr_sqrt(t, t, MPFR_RNDN);
    mpfr_mul_d(t, t, -x, MPFR_RNDN);
    mpfr_erfc(distribution, t, MPFR_RNDN);
    mpfr_div_ui(distribution, distribution, 2, MPFR_RNDN); /* erfc(-x/sqrt 2)/2 */
    mpfr_sub_d(distribution, distribution, p, MPFR_RNDN);
    mpfr_div(t, distribution, density, MPFR_RNDN);
    double error = fabs(mpfr_get_d(t, MPFR_RNDN));
    mpfr_clears(distribution, density, t, (mpfr_ptr)0);
    return x != 0 ? error / fabs(x) * 0x1p53 : error > 0 ? INFINITY : 0;
}

/*
 * AS 241 states 1 part in 1e16 (about one unit) for the rational functions themselves. Their Horner schemes have positive terms only: at
 * most 14 roundings each above and below, then a quotient and a product; at_log's 2^-48 (32 units) is halved by the square root. So 64
 * units.
 */
static void quantiles_match_mpfr(void **state)
{
    (void)state;
    const double edges[] = {0x1p-53,
                            0x1p-52,
                            1e-15,
                            1e-11,
                            1.3887943864964021e-11 /* exp(-25): where tail meets middle */,
                            0.075,
                            0.925,
                            0.5,
                            0x1.0000000000001p-1,
                            0x1.fffffffffffffp-2,
                            1 - 0x1p-53,
                            0.0749999999999999,
                            0.0750000000000001};
    double worst = 0;
    struct at_random key = {7, 8};
    for (uint64_t i = 0; i < 6000 + sizeof edges / sizeof *edges; i++) {
        double u = at_random_uniform(key, i), p = i % 3 == 0 ? u : i % 3 == 1 ? ldexp(u, -(int)(i % 50)) : 1 - ldexp(u, -(int)(i % 50) - 1);
        if (i >= 6000)
            p = edges[i - 6000];
        double error = p < 1 ? quantile_error_u(p, at_normal_quantile(p)) : 0;
        if (!(error <= 64))
            fail_msg("quantile of %a: %a, off by %g units of 2^-53", p, at_normal_quantile(p), error);
        worst = error > worst ? error : worst;
    }
    print_message("worst error of a quantile: %.2f units of 2^-53\n", worst);
}

static void quantiles_are_odd_and_ascending(void **state)
{
    (void)state;
    assert_true(at_normal_quantile(0.5) == 0);
    for (int i = 1; i < 2048; i++) {
        double p = i * 0x1p-12;
        assert_true(at_normal_quantile(p) == -at_normal_quantile(1 - p));
        assert_true(at_normal_quantile(p) < at_normal_quantile(p + 0x1p-12));
    }
}

/*
 * Moments of 2^18 normal deviates against N(0,1) and of their uniforms against U(0,1), each within 6 standard errors of its own sampling
 * distribution: sd of z^k is sqrt(E z^2k - (E z^k)^2), so 1, sqrt 2, sqrt 15, sqrt 96.
 */
static void moments(void **state)
{
    (void)state;
    enum { COUNT = 1 << 18 };
    struct at_random key = {9, 10};
    double sum[5] = {0}, uniform = 0, square = 0, lag = 0, last = 0;
    for (uint64_t i = 0; i < COUNT; i++) {
        double z = at_random_normal(key, i), u = at_random_uniform(key, i) - 0.5;
        for (int k = 1; k <= 4; k++)
            sum[k] += pow(z, k);
        uniform += u;
        square += u * u;
        lag += z * last;
        last = z;
    }
    const double mean[] = {0, 0, 1, 0, 3}, sd[] = {0, 1, sqrt(2), sqrt(15), sqrt(96)};
    for (int k = 1; k <= 4; k++)
        assert_true(fabs(sum[k] / COUNT - mean[k]) <= 6 * sd[k] / sqrt(COUNT));
    assert_true(fabs(uniform / COUNT) <= 6 * sqrt(1.0 / 12) / sqrt(COUNT));
    assert_true(fabs(square / COUNT - 1.0 / 12) <= 6 * sqrt(1.0 / 80 - 1.0 / 144) / sqrt(COUNT));
    assert_true(fabs(lag / COUNT) <= 6 / sqrt(COUNT));
}

/* Bits that every machine must give: a change of these changes every stored input. */
static void pinned_deviates(void **state)
{
    (void)state;
    struct at_random key = {42, 7};
    assert_true(at_random_uniform((struct at_random){0, 0}, 0) == ((double)(UINT64_C(0xe169c58d6627e8d5) >> 12) + 0.5) * 0x1p-52);
    assert_true(at_random_normal(key, 0) == 0x1.420fdd4ad2614p+0);
    assert_true(at_random_normal(key, 1) == -0x1.45a7298f28dbfp-2);
    assert_true(at_random_normal(key, UINT64_MAX) == 0x1.f3be8f9fa6c96p-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(seed_stream_and_counter_each_matter),
        cmocka_unit_test(uniforms_are_odd_multiples_inside_the_interval),
        cmocka_unit_test(quantiles_match_mpfr),
        cmocka_unit_test(quantiles_are_odd_and_ascending),
        cmocka_unit_test(moments),
        cmocka_unit_test(pinned_deviates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
