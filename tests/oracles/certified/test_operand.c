/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/operand.h"

#include "core/format.h"
#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { DIM = 32 };

static const struct at_random KEY = {11, 2};

static struct at_certified_form form_of(double first, double second)
{
    double x[DIM] = {0};
    x[3] = first;
    x[9] = second;
    return at_certified_form_of(x, DIM);
}

static void test_factors(void **state)
{
    (void)state;
    assert_int_equal(form_of(0, 0).factor, 1);
    assert_int_equal(form_of(0, 0).span.high, 0);
    assert_int_equal(form_of(0, -12).factor, 3);
    assert_int_equal(form_of(15, 0x1p-70 * 21).factor, 3);
    assert_int_equal(form_of(15, 0x1p-70 * 21).span.low, -70);
    assert_int_equal(form_of(15, 0x1p-70 * 21).span.high, 3); /* 5 < 2^3 */
    assert_int_equal(form_of(15, 16).factor, 1);
    assert_int_equal(form_of(-0x1.fffffffffffffp1023, 0).factor, ((int64_t)1 << 53) - 1);
    assert_int_equal(form_of(0x3p-1074, -0x1.8p-1000).factor, 3);
    assert_int_equal(form_of(0x3p-1074, -0x1.8p-1000).span.low, -1074);
    struct at_certified_form form = form_of(15, 0x1p-70 * 21);
    assert_int_equal(at_certified_form_top(&form), 5);
}

/* Codes times one fp32 scale: the scale goes, and the span is that of the codes. */
static void test_scaled_codes(void **state)
{
    (void)state;
    double codes[DIM], x[DIM];
    for (uint64_t scale = 0; scale < 200; scale++) {
        double factor = (double)(float)at_random_uniform(KEY, scale);
        for (int d = 0; d < DIM; d++) {
            float drawn = (float)(4 * at_random_normal(KEY, scale * 99 + (uint64_t)d));
            codes[d] = at_decode(AT_E4M3, at_encode(AT_E4M3, drawn, AT_OVERFLOW_SATURATE));
            x[d] = codes[d] * factor;
        }
        struct at_certified_form plain = at_certified_form_of(codes, DIM), form = at_certified_form_of(x, DIM);
        assert_true(form.factor % plain.factor == 0);
        assert_int_equal(form.span.high - form.span.low, plain.span.high - plain.span.low);
    }
}

/* Sums of products of slices stay within 2^53, and two slices hold what one column of fp16 has. */
static void test_plan(void **state)
{
    (void)state;
    for (int64_t dim = 32; dim <= 4096; dim *= 2) {
        struct at_certified_plan plan = at_certified_plan_of(dim);
        assert_true((double)dim * ldexp(1, plan.q_width + plan.k_width) <= 0x1p53);
        assert_true(plan.k_width <= 24 && plan.q_width >= 20 - (dim > 512 ? 3 : 0));
    }
    struct at_certified_form form = {1, {-50, 0}};
    assert_int_equal(at_certified_slices_of(&form, 25), 2);
    assert_int_equal(at_certified_slices_of(&form, 24), 3);
    assert_int_equal(at_certified_slices_of(&form, 5), AT_CERTIFIED_SLICES);
    form.span.high = -50;
    assert_int_equal(at_certified_slices_of(&form, 24), 1);
}

static void test_score_error(void **state)
{
    (void)state;
    struct at_certified_plan plan = at_certified_plan_of(128);
    assert_true(at_certified_score_error(&plan, 47, 5, 5) == 0);
    double one = at_certified_score_error(&plan, 48, 1, 1), nine = at_certified_score_error(&plan, 48, 3, 3);
    assert_true(one > 12 * 0x1p-53 && one < 13.1 * 0x1p-53 && nine > 200 * 0x1p-53);
    assert_true(at_certified_score_error(&plan, 48, 5, 5) < 0x1p-43); /* 15 products of 25 */
}

/* A vector and what its slices and factor give, put together again: equal where five slices hold it, else off by the last slice's unit. */
static void check_slices(int bits, uint64_t seed)
{
    struct at_certified_keys keys;
    struct at_certified_queries queries;
    double x[DIM];
    for (int d = 0; d < DIM; d++)
        x[d] = ldexp(floor(ldexp(at_random_uniform(KEY, seed * 100 + (uint64_t)d) - 0.5, 53 - d % 20)), d % 20 - 53 - (d % 7) * bits / 12);
    struct at_certified_form form = at_certified_form_of(x, DIM);
    int top = at_certified_form_top(&form) + 3, width = 20 + (int)(seed % 5);
    assert_true(at_certified_keys_init(&keys, AT_CERTIFIED_SLICES, width, 32, DIM));
    assert_true(at_certified_queries_init(&queries, AT_CERTIFIED_SLICES, width, DIM));
    at_certified_keys_set(&keys, 19, x, &form, top);
    at_certified_queries_set(&queries, 6, x, &form);
    assert_int_equal(keys.used[19], at_certified_slices_of(&form, width));
    assert_int_equal(queries.used[6], keys.used[19]);
    assert_true(keys.factor[19] < 1);
    for (int d = 0; d < DIM; d++) {
        long double sum = 0, unit = 1;
        double left = x[d] / (double)form.factor;
        for (int s = 0; s < AT_CERTIFIED_SLICES; s++, unit *= ldexpl(1, -width)) {
            double slice = (double)keys.slice[((1 * AT_CERTIFIED_SLICES + s) * DIM + d) * AT_CERTIFIED_PANEL + 3];
            assert_true(slice == queries.slice[(s * AT_CERTIFIED_ROWS + 6) * DIM + d]);
            assert_true(slice == floor(slice) && fabs(slice) < ldexp(1, width) && (s < keys.used[19] || slice == 0));
            left -= ldexp(slice, form.span.high - (s + 1) * width); /* exact: what is cut off the top */
            sum += slice * unit;
        }
        assert_true(fabs(left) < ldexp(1, form.span.high - AT_CERTIFIED_SLICES * width));
        assert_true(form.span.high - form.span.low > AT_CERTIFIED_SLICES * width || left == 0);
        long double whole = sum * (long double)keys.factor[19] * ldexpl(1, top - width);
        assert_true(fabsl(whole - (long double)x[d]) <= fabsl((long double)x[d]) * 0x1p-60L + ldexpl(1, form.span.high - 60));
    }
    at_certified_queries_set(&queries, 6, NULL, NULL);
    assert_true(queries.used[6] == 0 && queries.slice[6 * DIM] == 0);
    at_certified_keys_done(&keys);
    at_certified_queries_done(&queries);
    assert_null(keys.slice);
}

static void test_slices(void **state)
{
    (void)state;
    for (int bits = 0; bits < 200; bits += 7)
        for (uint64_t seed = 0; seed < 10; seed++)
            check_slices(bits, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_factors), cmocka_unit_test(test_scaled_codes), cmocka_unit_test(test_plan),
                                       cmocka_unit_test(test_score_error), cmocka_unit_test(test_slices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
