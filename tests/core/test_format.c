/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/format.h"

#include "core/random.h"
#include "format_spec.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { NARROW_FORMATS = AT_FP32 }; /* e4m3, e5m2, fp16, bf16 come before it */

static struct at_format_spec specs[NARROW_FORMATS];

static int make_specs(void **state)
{
    (void)state;
    for (int f = 0; f < NARROW_FORMATS; f++)
        specs[f] = at_format_spec_make((enum at_format)f);
    return 0;
}

static int drop_specs(void **state)
{
    (void)state;
    for (int f = 0; f < NARROW_FORMATS; f++)
        at_format_spec_done(&specs[f]);
    return 0;
}

static void expect_encoding(int format, uint32_t bits)
{
    for (int overflow = AT_OVERFLOW_SATURATE; overflow <= AT_OVERFLOW_IEEE; overflow++) {
        uint32_t want = at_format_spec_encode(&specs[format], bits, (enum at_overflow)overflow);
        uint32_t got = at_encode((enum at_format)format, at_float_of_bits(bits), (enum at_overflow)overflow);
        if (got != want)
            fail_msg("%s of float 0x%08x (%a), overflow mode %d: 0x%x, specification 0x%x", at_formats[format].name, (unsigned)bits,
                     (double)at_float_of_bits(bits), overflow, (unsigned)got, (unsigned)want);
    }
}

static void every_code_decodes_to_its_definition(void **state)
{
    (void)state;
    for (int f = 0; f < NARROW_FORMATS; f++) {
        const struct at_format_spec *spec = &specs[f];
        uint32_t codes = 1u << spec->bits, sign_bit = codes / 2;
        for (uint32_t code = 0; code < codes; code++) {
            uint32_t magnitude = code & (sign_bit - 1);
            float got = at_decode((enum at_format)f, code);
            uint32_t bits = at_bits_of_float(got);
            if (magnitude <= spec->last) {
                if ((double)fabsf(got) != spec->value[magnitude] || bits >> 31 != code >> (spec->bits - 1))
                    fail_msg("%s code 0x%x decodes to %a, defined as %a", at_formats[f].name, (unsigned)code, (double)got,
                             spec->value[magnitude]);
            } else if (at_formats[f].has_infinity && magnitude == spec->infinity) {
                assert_int_equal(bits, code & sign_bit ? 0xff800000u : 0x7f800000u);
            } else if (!isnan(got) || !(bits & 0x400000u)) {
                fail_msg("%s code 0x%x decodes to 0x%08x, not to a quiet NaN", at_formats[f].name, (unsigned)code, (unsigned)bits);
            }
        }
    }
}

static void every_code_survives_a_round_trip(void **state)
{
    (void)state;
    for (int f = 0; f < NARROW_FORMATS; f++) {
        const struct at_format_spec *spec = &specs[f];
        uint32_t codes = 1u << spec->bits, sign_bit = codes / 2;
        for (uint32_t code = 0; code < codes; code++) {
            uint32_t magnitude = code & (sign_bit - 1);
            float value = at_decode((enum at_format)f, code);
            bool infinite = at_formats[f].has_infinity && magnitude == spec->infinity;
            uint32_t ieee = magnitude <= spec->last || infinite ? code : spec->nan;
            uint32_t saturated = infinite ? (code & sign_bit) | spec->last : ieee;
            assert_int_equal(at_encode((enum at_format)f, value, AT_OVERFLOW_IEEE), ieee);
            assert_int_equal(at_encode((enum at_format)f, value, AT_OVERFLOW_SATURATE), saturated);
        }
    }
}

/* Floats within two steps of each value and each midpoint of each format, with both signs. */
static void neighbourhoods_of_values_and_midpoints(void **state)
{
    (void)state;
    for (int f = 0; f < NARROW_FORMATS; f++)
        for (uint32_t code = 0; code <= specs[f].last; code++)
            for (int side = 0; side < 2; side++) {
                uint32_t centre = at_bits_of_float((float)(side ? specs[f].midpoint[code] : specs[f].value[code]));
                for (int away = -2; away <= 2; away++) {
                    uint32_t bits = (centre + (uint32_t)away) & 0x7fffffffu;
                    expect_encoding(f, bits);
                    expect_encoding(f, bits | 0x80000000u);
                }
            }
}

/* Every sign and exponent with fractions that are zero, full, one bit, a run of low bits, or a run of high bits, each +-1. */
static void every_exponent_with_boundary_fractions(void **state)
{
    (void)state;
    for (uint32_t top = 0; top < 512; top++)
        for (int bit = 0; bit <= 23; bit++) {
            uint32_t runs[] = {1u << bit, (1u << bit) - 1, 0x7fffffu << bit, 0x7fffffu & ~(1u << bit)};
            for (size_t r = 0; r < sizeof runs / sizeof *runs; r++)
                for (int away = -1; away <= 1; away++) {
                    uint32_t bits = top << 23 | ((runs[r] + (uint32_t)away) & 0x7fffffu);
                    for (int f = 0; f < NARROW_FORMATS; f++)
                        expect_encoding(f, bits);
                }
        }
}

static void random_floats(void **state)
{
    (void)state;
    struct at_random key = {1, 0};
    for (uint64_t i = 0; i < 500000; i++) {
        uint64_t bits = at_random_bits(key, i);
        for (int f = 0; f < NARROW_FORMATS; f++) {
            expect_encoding(f, (uint32_t)bits);
            /* And one with an exponent near the smallest normal one, where most cases are. */
            uint32_t exponent = (uint32_t)(127 + at_formats[f].min_exponent - 4) + (uint32_t)(bits >> 56) % 40;
            expect_encoding(f, (uint32_t)(bits >> 32 & 0x807fffffu) | (exponent & 0xff) << 23);
        }
    }
}

static void fp32_keeps_its_bits(void **state)
{
    (void)state;
    struct at_random key = {2, 0};
    for (uint64_t i = 0; i < 200000; i++) {
        uint32_t bits = (uint32_t)at_random_bits(key, i);
        if ((bits & 0x7fffffffu) >= 0x7f800000u)
            continue;
        assert_int_equal(at_encode(AT_FP32, at_float_of_bits(bits), AT_OVERFLOW_SATURATE), bits);
        assert_int_equal(at_encode(AT_FP32, at_float_of_bits(bits), AT_OVERFLOW_IEEE), bits);
        assert_int_equal(at_bits_of_float(at_decode(AT_FP32, bits)), bits);
    }
    assert_int_equal(at_encode(AT_FP32, INFINITY, AT_OVERFLOW_IEEE), 0x7f800000u);
    assert_int_equal(at_encode(AT_FP32, -INFINITY, AT_OVERFLOW_SATURATE), 0xff7fffffu);
    assert_int_equal(at_encode(AT_FP32, -NAN, AT_OVERFLOW_SATURATE), 0x7fffffffu);
}

/* cvt.rn.satfinite.e4m3x2.f32 and its e5m2 twin (PTX ISA 8, "cvt"), with the cases where published simulators go wrong. */
static void hardware_facts(void **state)
{
    (void)state;
    assert_int_equal(at_encode(AT_E4M3, 464, AT_OVERFLOW_SATURATE), 0x7e); /* a tie: down to the even 448 */
    assert_int_equal(at_encode(AT_E4M3, 464, AT_OVERFLOW_IEEE), 0x7e);
    assert_int_equal(at_encode(AT_E4M3, nextafterf(464, 500), AT_OVERFLOW_SATURATE), 0x7e);
    assert_int_equal(at_encode(AT_E4M3, nextafterf(464, 500), AT_OVERFLOW_IEEE), 0x7f);
    assert_int_equal(at_encode(AT_E4M3, -480, AT_OVERFLOW_IEEE), 0xff);
    assert_int_equal(at_encode(AT_E4M3, INFINITY, AT_OVERFLOW_SATURATE), 0x7e);
    assert_int_equal(at_encode(AT_E4M3, -INFINITY, AT_OVERFLOW_SATURATE), 0xfe);
    assert_int_equal(at_encode(AT_E4M3, NAN, AT_OVERFLOW_SATURATE), 0x7f);
    assert_int_equal(at_encode(AT_E4M3, -NAN, AT_OVERFLOW_SATURATE), 0x7f);
    assert_int_equal(at_encode(AT_E4M3, 0x1p-10f, AT_OVERFLOW_SATURATE), 0x00); /* half the smallest subnormal: even zero */
    assert_int_equal(at_encode(AT_E4M3, -0x1.000002p-10f, AT_OVERFLOW_SATURATE), 0x81);
    assert_int_equal(at_encode(AT_E4M3, -0.0f, AT_OVERFLOW_SATURATE), 0x80);
    /* 1.0625 + 2^-12: through fp16 it would become the tie 1.0625 and then 1.0. */
    assert_int_equal(at_encode(AT_E4M3, 0x1.1001p0f, AT_OVERFLOW_SATURATE), 0x39);
    assert_int_equal(at_encode(AT_E5M2, 61440, AT_OVERFLOW_IEEE), 0x7c); /* a tie: 57344 is odd, up to infinity */
    assert_int_equal(at_encode(AT_E5M2, 61440, AT_OVERFLOW_SATURATE), 0x7b);
    assert_int_equal(at_encode(AT_E5M2, NAN, AT_OVERFLOW_SATURATE), 0x7f);
    assert_int_equal(at_encode(AT_FP16, 65520, AT_OVERFLOW_IEEE), 0x7c00);
    assert_int_equal(at_encode(AT_FP16, nextafterf(65520, 0), AT_OVERFLOW_IEEE), 0x7bff);
    assert_int_equal(at_encode(AT_FP16, 65520, AT_OVERFLOW_SATURATE), 0x7bff);
    assert_int_equal(at_encode(AT_FP16, -NAN, AT_OVERFLOW_IEEE), 0x7fff);
    assert_int_equal(at_encode(AT_BF16, 0x1.ffp127f, AT_OVERFLOW_IEEE), 0x7f80);
    assert_int_equal(at_encode(AT_BF16, 0x1p-149f, AT_OVERFLOW_SATURATE), 0);
}

static void table_agrees_with_the_definitions(void **state)
{
    (void)state;
    const char *const names[] = {"e4m3", "e5m2", "fp16", "bf16", "fp32"};
    const size_t sizes[] = {1, 1, 2, 2, 4};
    for (int f = 0; f < AT_FORMAT_COUNT; f++) {
        const struct at_format_info *info = &at_formats[f];
        assert_string_equal(info->name, names[f]);
        assert_int_equal(at_format_find(names[f]), f);
        assert_int_equal(at_format_size((enum at_format)f), sizes[f]);
        assert_int_equal(info->bits, 1 + info->exponent_bits + info->mantissa_bits);
        assert_int_equal(info->bias, (1 << (info->exponent_bits - 1)) - 1);
        assert_int_equal(info->min_exponent, 1 - info->bias);
        if (f < NARROW_FORMATS)
            assert_true(info->max == specs[f].value[specs[f].last]);
    }
    assert_true(at_formats[AT_FP32].max == (double)at_float_of_bits(0x7f7fffffu));
    assert_int_equal(at_format_find("e4m3fn"), AT_FORMAT_COUNT);
    assert_int_equal(at_format_find(""), AT_FORMAT_COUNT);
}

static void arrays_do_what_single_calls_do(void **state)
{
    (void)state;
    enum { COUNT = 1001 };
    float values[COUNT], back[COUNT + 1];
    unsigned char codes[4 * COUNT + 4];
    struct at_random key = {3, 0};
    for (uint64_t i = 0; i < COUNT; i++)
        values[i] = (float)at_random_normal(key, i) * 300;
    values[7] = INFINITY;
    for (int f = 0; f < AT_FORMAT_COUNT; f++) {
        enum at_format format = (enum at_format)f;
        size_t size = at_format_size(format);
        memset(codes, 0x5a, sizeof codes);
        back[COUNT] = 42;
        at_encode_array(format, values, COUNT, AT_OVERFLOW_IEEE, codes);
        at_decode_array(format, codes, COUNT, back);
        for (size_t i = 0; i < COUNT; i++) {
            uint32_t code = 0, want = at_encode(format, values[i], AT_OVERFLOW_IEEE);
            memcpy(&code, codes + i * size, size);
            assert_int_equal(code, want);
            float value = at_decode(format, want);
            assert_memory_equal(&back[i], &value, sizeof value);
        }
        for (size_t i = COUNT * size; i < sizeof codes; i++)
            assert_int_equal(codes[i], 0x5a);
        assert_true(back[COUNT] == 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_decodes_to_its_definition),
        cmocka_unit_test(every_code_survives_a_round_trip),
        cmocka_unit_test(neighbourhoods_of_values_and_midpoints),
        cmocka_unit_test(every_exponent_with_boundary_fractions),
        cmocka_unit_test(random_floats),
        cmocka_unit_test(fp32_keeps_its_bits),
        cmocka_unit_test(hardware_facts),
        cmocka_unit_test(table_agrees_with_the_definitions),
        cmocka_unit_test(arrays_do_what_single_calls_do),
    };
    return cmocka_run_group_tests(tests, make_specs, drop_specs);
}
