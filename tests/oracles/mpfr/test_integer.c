/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/integer.h"

#include "core/random.h"

#include <gmp.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct at_random KEY = {7, 1};

static double any_double(uint64_t i)
{
    uint64_t bits = at_random_bits(KEY, i);
    double value;
    if ((bits >> 52 & 0x7ff) == 0x7ff)
        bits &= ~(1ULL << 62);
    if (i % 5 == 0)
        bits &= 0x800fffffffffffff; /* subnormal */
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Every bit pattern of a finite double lies in its span, tightly, and its pieces put it together again. */
static void test_pieces_rebuild_the_number(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200000; i++) {
        double x = any_double(i);
        struct at_span span = at_span_of(&x, 1);
        assert_int_equal(at_top(x), x == 0 ? INT_MIN : span.high);
        if (x == 0)
            continue;
        int exponent;
        frexp(x, &exponent);
        assert_int_equal(span.high, exponent);
        assert_true(span.high - span.low <= 53);
        int64_t whole = at_integer(x, span.low, 53);
        assert_true(whole % 2 != 0 && ldexp((double)whole, span.low) == x);
        int width = 1 + (int)(at_random_bits(KEY, i + (1ULL << 40)) % 62), low = span.low - (int)(i % 7);
        double sum = 0;
        for (int at = low; at < span.high; at += width) {
            int64_t piece = at_integer(x, at, width);
            assert_true(llabs(piece) < 1LL << width && (piece == 0 || (piece < 0) == (x < 0)));
            sum += ldexp((double)piece, at);
        }
        assert_true(sum == x);
    }
}

static void test_spans(void **state)
{
    (void)state;
    const double values[] = {0, 6, -0x1p-1074, 0, 0x1.8p1023, 0};
    struct at_span all = at_span_of(values, 6), none = at_span_of(values, 1), columns[2];
    assert_true(all.low == -1074 && all.high == 1024 && none.low == 0 && none.high == 0);
    at_spans_of_columns(values, 3, 2, columns); /* {0, -0x1p-1074, 0x1.8p1023} and {6, 0, 0} */
    assert_true(columns[0].low == -1074 && columns[0].high == 1024 && columns[1].low == 1 && columns[1].high == 3);
}

/* Against GMP, at the limit of 127 bits and with random signs. */
static void test_dot(void **state)
{
    (void)state;
    int64_t a[256], b[256];
    for (int round = 0; round < 200; round++) {
        int count = 1 << round % 9, wide = 60 - round % 9, limit = round < 100 ? 60 : 5;
        mpz_t sum, term, got;
        mpz_inits(sum, term, got, NULL);
        for (int i = 0; i < count; i++) {
            uint64_t x = at_random_bits(KEY, (uint64_t)(round * 512 + i)), y = at_random_bits(KEY, (uint64_t)(round * 512 + 256 + i));
            a[i] = (int64_t)(x >> (64 - limit)) * (x % 3 ? 1 : -1);
            b[i] = round % 10 == 0 ? (1LL << wide) - 1 : (int64_t)(y >> (64 - wide)) * (y % 2 ? 1 : -1);
            mpz_set_si(term, a[i]);
            mpz_mul_si(term, term, b[i]);
            mpz_add(sum, sum, term);
        }
        at_int128 dot = at_integer_dot(a, b, count);
        mpz_set_si(got, (int64_t)(dot >> 64));
        mpz_mul_2exp(got, got, 64);
        mpz_add_ui(got, got, (uint64_t)dot);
        assert_int_equal(mpz_cmp(got, sum), 0);
        mpz_clears(sum, term, got, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_rebuild_the_number), cmocka_unit_test(test_spans), cmocka_unit_test(test_dot)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
