/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/product.h"

#include "../support/codes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DEPTHS = 4, COLUMNS = 70, ROOM = 32 * DEPTHS };

static const enum at_format formats[] = {AT_E4M3, AT_E5M2, AT_FP16, AT_BF16};

struct operands {
    int64_t k;
    float a[ROOM], b[ROOM * COLUMNS], c[COLUMNS];
    double wide_a[ROOM], wide_b[ROOM * COLUMNS], d[COLUMNS];
    int32_t a_exponent[ROOM], b_exponent[ROOM * COLUMNS];
};

static void fill(struct operands *o, enum at_format format, enum code_regime regime, struct at_random key)
{
    o->k = DEPTHS * at_wgmma_depth(format);
    for (int64_t i = 0; i < o->k; i++)
        o->wide_a[i] = (double)(o->a[i] = at_decode(format, random_code(format, regime, key, (uint64_t)i)));
    for (int64_t i = 0; i < o->k * COLUMNS; i++)
        o->wide_b[i] = (double)(o->b[i] = at_decode(format, random_code(format, regime, key, (uint64_t)(i + 1000))));
    for (int64_t j = 0; j < COLUMNS; j++)
        o->d[j] = (double)(o->c[j] = random_accumulator(key, (uint64_t)j));
    at_product_exponents(format, o->wide_a, o->k, o->a_exponent);
    at_product_exponents(format, o->wide_b, o->k * COLUMNS, o->b_exponent);
}

static void on_codes_it_has_the_bits_of_the_instruction(void **state)
{
    (void)state;
    struct operands *o = malloc(sizeof *o);
    assert_non_null(o);
    for (uint64_t seed = 0; seed < 300; seed++) {
        enum at_format format = formats[seed % 4];
        struct at_wgmma_rounding r = at_wgmma_rounding_of(format);
        fill(o, format, (enum code_regime)(seed / 4 % CODES_REGIME_COUNT), (struct at_random){seed, 77});
        at_product_truncated(r, o->wide_a, o->a_exponent, o->wide_b, o->b_exponent, o->k, COLUMNS, o->d);
        for (int64_t j = 0; j < COLUMNS; j++) {
            float d = o->c[j];
            for (int64_t i = 0; i < o->k; i += r.depth)
                d = at_wgmma_dot(format, format, o->a + i, o->b + i * COLUMNS + j, COLUMNS, d);
            float got = (float)o->d[j];
            if (bits_of(got) != bits_of(d) || (double)got != o->d[j])
                fail_msg("seed %d, column %d: %a, the instruction %a", (int)seed, (int)j, o->d[j], (double)d);
        }
    }
    free(o);
}

static void exponents_are_those_of_the_formats(void **state)
{
    (void)state;
    for (int f = 0; f < 4; f++)
        for (uint32_t code = 0; code < UINT32_C(1) << at_formats[formats[f]].bits; code++) {
            float x = at_decode(formats[f], code);
            double wide = (double)x;
            int32_t e;
            if (!isfinite(x))
                continue;
            at_product_exponents(formats[f], &wide, 1, &e);
            assert_int_equal(e, at_wgmma_exponent(formats[f], x));
        }
}

/* On any doubles, by the definition: terms and sum as integers of the alignment's unit. */
static double by_definition(struct at_wgmma_rounding r, enum at_format format, const double *a, const double *b, double c)
{
    int least = at_formats[format].min_exponent, largest = c == 0 ? -133 : ilogb(c) < -126 ? -126 : ilogb(c);
    for (int i = 0; i < r.depth; i++)
        if (a[i] != 0 && b[i * COLUMNS] != 0) {
            int ea = ilogb(a[i]), eb = ilogb(b[i * COLUMNS]);
            int e = (ea < least ? least : ea) + (eb < least ? least : eb);
            largest = e > largest ? e : largest;
        }
    largest = largest < -133 ? -133 : largest;
    int64_t sum = (int64_t)ldexp(c, r.fraction - largest);
    for (int i = 0; i < r.depth; i++)
        sum += (int64_t)ldexp(a[i] * b[i * COLUMNS], r.fraction - largest);
    uint64_t size = (uint64_t)(sum < 0 ? -sum : sum);
    while (size >> r.significant)
        for (int bit = 0; bit < 63; bit++) /* clears the lowest bit that is set until the highest are left */
            if (size >> bit & 1) {
                int top = 63 - __builtin_clzll(size);
                if (top - bit < r.significant)
                    return ldexp(sum < 0 ? -(double)size : (double)size, largest - r.fraction);
                size &= ~(UINT64_C(1) << bit);
            }
    return ldexp(sum < 0 ? -(double)size : (double)size, largest - r.fraction);
}

static void on_reals_it_is_the_definition(void **state)
{
    (void)state;
    struct operands *o = malloc(sizeof *o);
    assert_non_null(o);
    for (uint64_t seed = 0; seed < 40; seed++) {
        enum at_format format = formats[seed % 4];
        struct at_wgmma_rounding r = at_wgmma_rounding_of(format);
        struct at_random key = {seed, 78};
        for (int64_t i = 0; i < r.depth; i++)
            o->wide_a[i] = at_random_normal(key, (uint64_t)i);
        for (int64_t i = 0; i < r.depth * COLUMNS; i++)
            o->wide_b[i] = at_random_normal(key, (uint64_t)i + 500);
        at_product_exponents(format, o->wide_a, r.depth, o->a_exponent);
        at_product_exponents(format, o->wide_b, r.depth * COLUMNS, o->b_exponent);
        for (int64_t j = 0; j < COLUMNS; j++) {
            o->d[j] = (double)j * at_random_normal(key, (uint64_t)j + 9000);
            o->c[j] = (float)o->d[j];
            if (j % 2)
                o->d[j] = (double)o->c[j];
        }
        double before[COLUMNS];
        memcpy(before, o->d, sizeof before);
        at_product_truncated(r, o->wide_a, o->a_exponent, o->wide_b, o->b_exponent, r.depth, COLUMNS, o->d);
        for (int64_t j = 0; j < COLUMNS; j++)
            assert_true(o->d[j] == by_definition(r, format, o->wide_a, o->wide_b + j, before[j]));
    }
    free(o);
}

/* NaN and infinities stay: no number comes of them. */
static void specials_stay_special(void **state)
{
    (void)state;
    double a[32] = {1, 2}, b[32] = {NAN, 1}, d = 0;
    int32_t a_exponent[32], b_exponent[32];
    for (int i = 0; i < 2; i++) {
        d = 0;
        at_product_exponents(AT_E4M3, a, 32, a_exponent);
        at_product_exponents(AT_E4M3, b, 32, b_exponent);
        at_product_truncated(at_wgmma_rounding_of(AT_E4M3), a, a_exponent, b, b_exponent, 32, 1, &d);
        assert_false(isfinite(d));
        b[0] = INFINITY;
    }
}

/* Small integers: every order of summing gives the same. */
static void without_rounding_it_is_the_sum(void **state)
{
    (void)state;
    struct operands *o = malloc(sizeof *o);
    assert_non_null(o);
    for (int64_t k = 1; k < 20; k++) {
        for (int64_t i = 0; i < k; i++)
            o->wide_a[i] = (double)((i * 37 + k) % 101 - 50);
        for (int64_t i = 0; i < k * COLUMNS; i++)
            o->wide_b[i] = (double)(i * 53 % 211 - 100);
        for (int64_t j = 0; j < COLUMNS; j++)
            o->d[j] = (double)j;
        at_product_exact(o->wide_a, o->wide_b, k, COLUMNS, o->d);
        for (int64_t j = 0; j < COLUMNS; j++) {
            double sum = (double)j;
            for (int64_t i = 0; i < k; i++)
                sum += o->wide_a[i] * o->wide_b[i * COLUMNS + j];
            assert_true(o->d[j] == sum);
        }
    }
    free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_codes_it_has_the_bits_of_the_instruction),
        cmocka_unit_test(exponents_are_those_of_the_formats),
        cmocka_unit_test(on_reals_it_is_the_definition),
        cmocka_unit_test(specials_stay_special),
        cmocka_unit_test(without_rounding_it_is_the_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
