/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/mufu.h"

#include "core/hash.h"
#include "core/random.h"

#include "../support/codes.h"
#include "../support/mufu_spec.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { NAN_BITS = 0x7fffffff };

struct pin {
    uint32_t x, y;
};

static void check_special(float (*f)(float), const struct pin *pins, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(bits_of(f(float_of(pins[i].x))), pins[i].y);
}

static void special_inputs(void **state)
{
    (void)state;
    static const struct pin ex2[] = {
        {0x00000000, 0x3f800000}, {0x80000000, 0x3f800000}, {0x007fffff, 0x3f800000}, {0x807fffff, 0x3f800000}, /* zeros, subnormals */
        {0x7f800000, 0x7f800000}, {0xff800000, 0x00000000}, {0x7f800001, NAN_BITS},   {0xffffffff, NAN_BITS},
        {0x43000000, 0x7f800000}, {0xc3000000, 0x00000000}, /* 128, -128 */
        {0x42fe0000, 0x7f000000}, {0xc2fc0000, 0x00800000}, /* 127, -126: the last normal one */
        {0xc2fc0001, 0x00000000}, {0xc2fe0000, 0x00000000}, /* below it: flushed */
        {0x3f800000, 0x40000000}, {0xbf800000, 0x3f000000}, {0x33800000, 0x3f800000}, {0x2f800000, 0x3f800000},
    };
    static const struct pin rcp[] = {
        {0x00000000, 0x7f800000}, {0x80000000, 0xff800000}, {0x007fffff, 0x7f800000}, {0x807fffff, 0xff800000},
        {0x7f800000, 0x00000000}, {0xff800000, 0x80000000}, {0x7f800001, NAN_BITS},   {0xffc00000, NAN_BITS},
        {0x3f800000, 0x3f800000}, {0xbf800000, 0xbf800000}, {0x40000000, 0x3f000000}, {0x00800000, 0x7e800000},
        {0x7e800000, 0x00800000}, {0x7e800001, 0x00000000}, {0xfe800001, 0x80000000}, {0x7f7fffff, 0x00000000},
    };
    static const struct pin lg2[] = {
        {0x00000000, 0xff800000}, {0x80000000, 0xff800000}, {0x007fffff, 0xff800000}, {0x807fffff, 0xff800000}, {0x7f800000, 0x7f800000},
        {0xff800000, NAN_BITS},   {0xbf800000, NAN_BITS},   {0x7fc00000, NAN_BITS},   {0x3f800000, 0x00000000}, {0x40000000, 0x3f800000},
        {0x3f000000, 0xbf7ffffe}, {0x00800000, 0xc2fbffff}, {0x7f000000, 0x42fe0000}, {0x41000000, 0x40400000},
    };
    check_special(at_ex2_approx, ex2, sizeof ex2 / sizeof ex2[0]);
    check_special(at_rcp_approx, rcp, sizeof rcp / sizeof rcp[0]);
    check_special(at_lg2_approx, lg2, sizeof lg2 / sizeof lg2[0]);
}

/* A stratified sweep: `each` draws for every exponent from `low` to `high`, both signs when wanted. */
enum { EACH = 400 };

static float draw(int exponent, uint64_t i, bool both_signs)
{
    struct at_random key = {(uint64_t)(exponent + 300), 21};
    uint64_t r = at_random_bits(key, i);
    uint32_t sign = both_signs ? (uint32_t)(r >> 63) << 31 : 0;
    return float_of(sign | (uint32_t)(exponent + 127) << 23 | (uint32_t)(r & 0x7fffff));
}

/*
 * Published bounds of the PTX ISA: ex2.approx.ftz 2 ulp (2^-22.5 relative is also given), rcp.approx.ftz 1 ulp, lg2.approx.ftz absolute
 * 2^-22 on (0.5, 2) and relative 2^-22 beyond (CUDA C++ Programming Guide, intrinsic functions; PTX ISA, lg2).
 */
static void errors_stay_within_the_published_bounds(void **state)
{
    (void)state;
    double ex2 = 0, rcp = 0, lg2_near = 0, lg2_far = 0;
    for (int e = -30; e < 7; e++)
        for (uint64_t i = 0; i < EACH; i++) {
            float x = draw(e, i, true);
            if (x > -126.0f)
                ex2 = fmax(ex2, spec_error_ulp(SPEC_EX2, x, at_ex2_approx(x)));
        }
    for (int e = -126; e < 125; e++)
        for (uint64_t i = 0; i < EACH / 4; i++) {
            float x = draw(e, i, true);
            rcp = fmax(rcp, spec_error_ulp(SPEC_RCP, x, at_rcp_approx(x)));
        }
    for (int e = -126; e < 128; e++)
        for (uint64_t i = 0; i < EACH / 4; i++) {
            float x = draw(e, i, false), y = spec_lg2(x);
            double error = fabs((double)at_lg2_approx(x) - (double)y);
            if (x > 0.5f && x < 2.0f)
                lg2_near = fmax(lg2_near, error);
            else
                lg2_far = fmax(lg2_far, error / fabs((double)y));
        }
    print_message("ex2 %.3f ulp, rcp %.3f ulp, lg2 2^%.2f absolute near 1, 2^%.2f relative beyond\n", ex2, rcp, log2(lg2_near),
                  log2(lg2_far));
    assert_true(ex2 <= 2.0 && rcp <= 1.0 && lg2_near <= 0x1p-22 && lg2_far <= 0x1p-22);
    assert_true(ex2 > 0.5 && rcp > 0.5); /* it is the unit, not a better function */
}

/* Along neighbouring inputs, over seams of the tables and of the exponents, steps go the right way up to the unit's own noise of 1 ulp. */
static void neighbours_keep_their_order(void **state)
{
    (void)state;
    int64_t back = 0;
    for (uint32_t row = 0; row < 256; row++)
        for (int32_t i = -40; i < 40; i++) {
            uint32_t x = 0x3f800000u + row * (1u << 15) + (uint32_t)i; /* around 1 + row/256: a multiple of every table's step */
            float r0 = at_rcp_approx(float_of(x)), r1 = at_rcp_approx(float_of(x + 1));
            float e0 = at_ex2_approx(float_of(x)), e1 = at_ex2_approx(float_of(x + 1));
            assert_true((int32_t)bits_of(r1) - (int32_t)bits_of(r0) <= 1 && (int32_t)bits_of(r1) - (int32_t)bits_of(r0) >= -3);
            assert_true((int32_t)bits_of(e1) - (int32_t)bits_of(e0) >= -1 && (int32_t)bits_of(e1) - (int32_t)bits_of(e0) <= 5);
            back += e1 < e0;
        }
    print_message("%d steps back of ex2\n", (int)back);
}

/* lg2 of 2^n for n < 0: the ones' complement leaves it one step short of n, two for n = -1 (an H200's outputs). */
static float below(int n)
{
    float short_of = nextafterf((float)n, 0.0f);
    return n == -1 ? nextafterf(short_of, 0.0f) : short_of;
}

/* 2^n for whole n is exact, and lg2 gives it back from zero on. */
static void powers_of_two_are_exact(void **state)
{
    (void)state;
    for (int n = -126; n <= 127; n++) {
        assert_true(at_ex2_approx((float)n) == ldexpf(1.0f, n));
        assert_true(at_lg2_approx(ldexpf(1.0f, n)) == (n < 0 ? below(n) : (float)n));
        assert_true(at_rcp_approx(ldexpf(1.0f, n)) == (n == 127 ? 0.0f : ldexpf(1.0f, -n)));
        assert_true(at_ex2_exact((float)n) == ldexpf(1.0f, n));
        assert_true(at_lg2_exact(ldexpf(1.0f, n)) == (float)n);
    }
}

/* at_ex2_exact and at_lg2_exact against MPFR: how many are not the nearest float. */
static void exact_functions_are_the_nearest_floats(void **state)
{
    (void)state;
    int64_t wrong_ex2 = 0, wrong_lg2 = 0, total_ex2 = 0, total_lg2 = 0;
    for (int e = -40; e < 8; e++)
        for (uint64_t i = 0; i < 4 * EACH; i++, total_ex2++) {
            float x = draw(e, i, true);
            wrong_ex2 += bits_of(at_ex2_exact(x)) != bits_of(spec_ex2(x));
        }
    for (int e = -126; e < 128; e++)
        for (uint64_t i = 0; i < EACH / 2; i++, total_lg2++) {
            float x = i % 4 ? draw(e, i, false) : draw(e % 2 ? 0 : -1, (uint64_t)(e + 200) * EACH + i, false);
            wrong_lg2 += bits_of(at_lg2_exact(x)) != bits_of(spec_lg2(x));
        }
    for (uint32_t i = 1; i < 20000; i++) { /* near 1, where log2 vanishes */
        float above = float_of(0x3f800000u + i), below = float_of(0x3f800000u - i);
        wrong_lg2 +=
            (bits_of(at_lg2_exact(above)) != bits_of(spec_lg2(above))) + (bits_of(at_lg2_exact(below)) != bits_of(spec_lg2(below)));
        total_lg2 += 2;
    }
    print_message("not nearest: ex2 %d of %d, lg2 %d of %d\n", (int)wrong_ex2, (int)total_ex2, (int)wrong_lg2, (int)total_lg2);
    assert_int_equal(wrong_ex2, 0);
    assert_int_equal(wrong_lg2, 0);
}

static void exact_functions_at_the_edges(void **state)
{
    (void)state;
    assert_true(at_ex2_exact(128.0f) == INFINITY && at_ex2_exact(INFINITY) == INFINITY);
    assert_true(at_ex2_exact(-149.0f) == 0x1p-149f && at_ex2_exact(-150.0f) == 0.0f && at_ex2_exact(-149.5f) == 0x1p-149f);
    assert_true(at_ex2_exact(-INFINITY) == 0.0f && at_ex2_exact(0.0f) == 1.0f && isnan(at_ex2_exact(NAN)));
    assert_true(at_lg2_exact(0.0f) == -INFINITY && at_lg2_exact(1.0f) == 0.0f && at_lg2_exact(INFINITY) == INFINITY);
    assert_true(isnan(at_lg2_exact(NAN)) && isnan(at_lg2_exact(-1.0f)));
}

/*
 * SHA-256 of the outputs, as little-endian fp32, at every 4093rd of the 2^32 bit patterns, of the model that differed from an H200 in none
 * (tests/kernels/exhaustive_mufu.c pins all of them).
 */
static struct at_sha256 digest_of(float (*f)(float))
{
    struct at_hasher hasher;
    at_hasher_start(&hasher);
    for (uint64_t x = 0; x < UINT64_C(1) << 32; x += 4093) {
        float y = f(float_of((uint32_t)x));
        at_hasher_add(&hasher, &y, sizeof y);
    }
    return at_hasher_end(&hasher);
}

static void outputs_are_pinned(void **state)
{
    (void)state;
    assert_string_equal(digest_of(at_ex2_approx).hex, "4725db4ec935cda0630bacee761b20f32b060271ab9e581258978f398d18505b");
    assert_string_equal(digest_of(at_rcp_approx).hex, "ec7f9eae985c755a4f47da409234ae466503b3ddbb51e24652694ff2ce9b1c93");
    assert_string_equal(digest_of(at_lg2_approx).hex, "86b8ae97b5026e9aed49765d648f0f559c4f0a7aab6a8737afbb3852c7237bec");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(special_inputs),
        cmocka_unit_test(outputs_are_pinned),
        cmocka_unit_test(errors_stay_within_the_published_bounds),
        cmocka_unit_test(neighbours_keep_their_order),
        cmocka_unit_test(powers_of_two_are_exact),
        cmocka_unit_test(exact_functions_are_the_nearest_floats),
        cmocka_unit_test(exact_functions_at_the_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
