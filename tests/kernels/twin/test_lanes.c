/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */

/* Every path of lanes.h against the plain functions: the same bits. With the argument "all", ex2 over all 2^32 inputs. */

#include "kernels/twin/lanes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 4096 };

/* Steps of the walks through the bit patterns: a prime meets every exponent and every row of the table. */
enum { STRIDE = 4099 };
static uint64_t ex2_step = STRIDE;

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Fills x with the next patterns of the walk from *at; returns how many; a last block repeats the edges between exponents. */
static int64_t next_block(uint64_t *at, uint64_t step, float *x)
{
    int64_t n = 0;
    for (; n < BLOCK && *at < (uint64_t)1 << 32; n++, *at += step) {
        uint32_t bits = (uint32_t)*at;
        memcpy(&x[n], &bits, sizeof bits);
    }
    return n;
}

static void compare(enum at_simd simd, const float *x, int64_t n)
{
    float expected[BLOCK], got[BLOCK];
    memcpy(expected, x, (size_t)n * sizeof *x);
    memcpy(got, x, (size_t)n * sizeof *x);
    at_lanes_of(AT_SIMD_SCALAR)->ex2(expected, n);
    at_lanes_of(simd)->ex2(got, n);
    for (int64_t i = 0; i < n; i++)
        if (bits_of(expected[i]) != bits_of(got[i]))
            fail_msg("%s: ex2 of 0x%08x gives 0x%08x, plainly 0x%08x", at_simd_names[simd], bits_of(x[i]), bits_of(got[i]),
                     bits_of(expected[i]));
}

static void ex2_gives_the_plain_bits(void **state)
{
    enum at_simd simd = *(enum at_simd *)*state;
    if (!at_simd_available(simd))
        skip();
    int failed = 0;
#pragma omp parallel for schedule(dynamic) reduction(+ : failed)
    for (uint64_t chunk = 0; chunk < 256; chunk++) {
        float x[BLOCK];
        uint64_t end = (chunk + 1) << 24;
        for (uint64_t at = chunk << 24; at < end;) {
            int64_t n = next_block(&at, ex2_step, x);
            float expected[BLOCK], got[BLOCK];
            memcpy(expected, x, (size_t)n * sizeof *x);
            memcpy(got, x, (size_t)n * sizeof *x);
            at_lanes_of(AT_SIMD_SCALAR)->ex2(expected, n);
            at_lanes_of(simd)->ex2(got, n);
            failed += memcmp(expected, got, (size_t)n * sizeof *got) != 0;
        }
    }
    assert_int_equal(failed, 0);
    /* The edges of every exponent, both signs. */
    float x[BLOCK];
    int64_t n = 0;
    for (uint32_t field = 0; field < 256; field++)
        for (int offset = -2; offset <= 2; offset++)
            for (uint32_t sign = 0; sign < 2; sign++) {
                uint32_t bits = sign << 31 | (((field << 23) + (uint32_t)offset) & 0x7fffffff);
                memcpy(&x[n++], &bits, sizeof bits);
            }
    compare(simd, x, n);
}

static void cast_gives_the_plain_bits_and_counts(void **state)
{
    enum at_simd simd = *(enum at_simd *)*state;
    if (!at_simd_available(simd))
        skip();
    static float x[BLOCK], expected[BLOCK], got[BLOCK];
    for (int format = AT_E4M3; format < AT_FP32; format++)
        for (uint64_t at = 0; at <= bits_of(0x1p100f);) {
            int64_t n = 0, counts[2][2] = {{0}};
            for (; n < BLOCK - 2 && at <= bits_of(0x1p100f); n++, at += STRIDE) {
                uint32_t bits = (uint32_t)at;
                memcpy(&x[n], &bits, sizeof bits);
            }
            x[n++] = INFINITY;
            x[n++] = NAN;
            memcpy(expected, x, sizeof x);
            memcpy(got, x, sizeof x);
            at_lanes_of(AT_SIMD_SCALAR)->cast((enum at_format)format, expected, n, &counts[0][0], &counts[0][1]);
            at_lanes_of(simd)->cast((enum at_format)format, got, n, &counts[1][0], &counts[1][1]);
            for (int64_t i = 0; i < n; i++)
                if (bits_of(expected[i]) != bits_of(got[i]) && !(isnan(expected[i]) && isnan(got[i])))
                    fail_msg("%s: cast to %s of 0x%08x gives 0x%08x, plainly 0x%08x", at_simd_names[simd], at_formats[format].name,
                             bits_of(x[i]), bits_of(got[i]), bits_of(expected[i]));
            assert_memory_equal(counts[0], counts[1], sizeof counts[0]);
        }
}

/* Every midpoint between neighbouring codes and its fp32 neighbours: where a rounding to even can go wrong. */
static void cast_ties_to_even(void **state)
{
    enum at_simd simd = *(enum at_simd *)*state;
    if (!at_simd_available(simd))
        skip();
    for (int format = AT_E4M3; format < AT_FP32; format++)
        for (uint32_t code = 0; at_decode((enum at_format)format, code) < at_formats[format].max && code < 0x7000; code++) {
            float low = at_decode((enum at_format)format, code), high = at_decode((enum at_format)format, code + 1);
            float middle = (float)(((double)low + (double)high) / 2), x[3] = {nextafterf(middle, 0), middle, nextafterf(middle, high)};
            float expected[3];
            int64_t saturated = 0, underflowed = 0;
            memcpy(expected, x, sizeof x);
            at_lanes_of(AT_SIMD_SCALAR)->cast((enum at_format)format, expected, 3, &saturated, &underflowed);
            at_lanes_of(simd)->cast((enum at_format)format, x, 3, &saturated, &underflowed);
            assert_memory_equal(expected, x, sizeof x);
        }
}

static void exponents_give_the_plain_bits(void **state)
{
    enum at_simd simd = *(enum at_simd *)*state;
    if (!at_simd_available(simd))
        skip();
    static float x[BLOCK];
    static int16_t expected[BLOCK], got[BLOCK];
    for (int format = AT_E4M3; format < AT_FORMAT_COUNT; format++)
        for (uint64_t at = 0; at < (uint64_t)1 << 32;) {
            int range[2][2];
            bool special[2];
            int64_t n = next_block(&at, STRIDE, x);
            x[0] = -0.0f;
            at_lanes_of(AT_SIMD_SCALAR)->exponents((enum at_format)format, x, n, expected, &range[0][0], &range[0][1], &special[0]);
            at_lanes_of(simd)->exponents((enum at_format)format, x, n, got, &range[1][0], &range[1][1], &special[1]);
            assert_memory_equal(expected, got, (size_t)n * sizeof *got);
            assert_memory_equal(range[0], range[1], sizeof range[0]);
            assert_int_equal(special[0], special[1]);
        }
}

int main(int argc, char **argv)
{
    static enum at_simd avx2 = AT_SIMD_AVX2, avx512 = AT_SIMD_AVX512;
    if (argc > 1 && strcmp(argv[1], "all") == 0)
        ex2_step = 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(ex2_gives_the_plain_bits, &avx2),
        cmocka_unit_test_prestate(ex2_gives_the_plain_bits, &avx512),
        cmocka_unit_test_prestate(cast_gives_the_plain_bits_and_counts, &avx2),
        cmocka_unit_test_prestate(cast_gives_the_plain_bits_and_counts, &avx512),
        cmocka_unit_test_prestate(cast_ties_to_even, &avx2),
        cmocka_unit_test_prestate(cast_ties_to_even, &avx512),
        cmocka_unit_test_prestate(exponents_give_the_plain_bits, &avx2),
        cmocka_unit_test_prestate(exponents_give_the_plain_bits, &avx512),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
