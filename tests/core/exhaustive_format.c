/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/format.h"

#include "format_spec.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* All 2^32 floats through an encoder in both overflow modes: the magnitudes in ascending order beside a walk over the midpoints. */

enum { CHUNK_BITS = 19, CHUNKS = 1 << (31 - CHUNK_BITS) };

static int64_t mismatches_of_chunk(enum at_format format, const struct at_format_spec *spec, uint32_t first, uint32_t *ret_bits)
{
    int64_t wrong = 0;
    float start = at_float_of_bits(first);
    uint32_t code = isnan(start) ? 0 : at_format_spec_find(spec, (double)start);
    for (uint32_t magnitude = first; magnitude < first + (1u << CHUNK_BITS); magnitude++) {
        double x = (double)at_float_of_bits(magnitude);
        if (magnitude <= 0x7f800000u)
            code = at_format_spec_step(spec, x, code);
        for (uint32_t sign = 0; sign < 2; sign++)
            for (int overflow = AT_OVERFLOW_SATURATE; overflow <= AT_OVERFLOW_IEEE; overflow++) {
                uint32_t bits = magnitude | sign << 31;
                uint32_t want = at_format_spec_finish(spec, bits, code, (enum at_overflow)overflow);
                if (at_encode(format, at_float_of_bits(bits), (enum at_overflow)overflow) != want) {
                    wrong++;
                    *ret_bits = bits;
                }
            }
    }
    return wrong;
}

static void walk(enum at_format format)
{
    struct at_format_spec spec = at_format_spec_make(format);
    int64_t wrong = 0;
    uint32_t example = 0;
#pragma omp parallel for schedule(dynamic, 16) reduction(+ : wrong) reduction(max : example)
    for (int chunk = 0; chunk < CHUNKS; chunk++)
        wrong += mismatches_of_chunk(format, &spec, (uint32_t)chunk << CHUNK_BITS, &example);
    at_format_spec_done(&spec);
    if (wrong)
        fail_msg("%s: %lld encodings differ from the specification, one of them of float 0x%08x", at_formats[format].name, (long long)wrong,
                 (unsigned)example);
}

static void e4m3(void **state)
{
    (void)state;
    walk(AT_E4M3);
}

static void e5m2(void **state)
{
    (void)state;
    walk(AT_E5M2);
}

static void fp16(void **state)
{
    (void)state;
    walk(AT_FP16);
}

static void bf16(void **state)
{
    (void)state;
    walk(AT_BF16);
}

static void fp32(void **state)
{
    (void)state;
    int64_t wrong = 0;
#pragma omp parallel for schedule(static) reduction(+ : wrong)
    for (int64_t i = 0; i < INT64_C(1) << 32; i++) {
        uint32_t bits = (uint32_t)i, sign = bits & 0x80000000u, magnitude = bits & 0x7fffffffu;
        uint32_t ieee = magnitude > 0x7f800000u ? 0x7fffffffu : bits;
        uint32_t saturated = magnitude == 0x7f800000u ? sign | 0x7f7fffffu : ieee;
        wrong += at_encode(AT_FP32, at_float_of_bits(bits), AT_OVERFLOW_IEEE) != ieee;
        wrong += at_encode(AT_FP32, at_float_of_bits(bits), AT_OVERFLOW_SATURATE) != saturated;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(e4m3), cmocka_unit_test(e5m2), cmocka_unit_test(fp16), cmocka_unit_test(bf16), cmocka_unit_test(fp32),
    };
    return cmocka_run_group_tests_name("all 2^32 floats", tests, NULL, NULL);
}
