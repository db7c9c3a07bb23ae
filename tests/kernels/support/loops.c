/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "loops.h"

#include "kernels/twin/mufu.h"
#include "kernels/twin/wgmma.h"

#include "codes.h"
#include "dot_spec.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCK = 4099 }; /* no multiple of any vector length */

/* Fills x with the next patterns from `at`; returns how many there are below `end`. */
static int64_t next_patterns(float *x, uint64_t *at, uint64_t end, uint32_t stride)
{
    int64_t n = 0;
    for (; n < BLOCK && *at < end; n++, *at += stride)
        x[n] = float_of((uint32_t)*at);
    if (stride > 1)
        *at += *at % 7; /* so that low bits vary */
    return n;
}

void loops_exponentiate(const struct at_lanes *lanes, uint32_t stride)
{
    static float x[BLOCK], y[BLOCK];
    for (uint64_t at = 0; at < UINT64_C(1) << 32;) {
        int64_t n = next_patterns(x, &at, UINT64_C(1) << 32, stride);
        for (int64_t i = 0; i < n; i++)
            y[i] = x[i];
        lanes->ex2(y, n);
        for (int64_t i = 0; i < n; i++)
            if (bits_of(y[i]) != bits_of(at_ex2_approx(x[i])))
                fail_msg("ex2(%08x) is %08x, wanted %08x", bits_of(x[i]), bits_of(y[i]), bits_of(at_ex2_approx(x[i])));
    }
}

static void cast_block(const struct at_lanes *lanes, enum at_format format, const float *x, int64_t n)
{
    static float y[BLOCK];
    int64_t saturated = 1000, underflowed = 2000, wanted_saturated = 1000, wanted_underflowed = 2000;
    double largest = at_formats[format].max, clip = largest + ldexp(1, ilogb(largest) - at_formats[format].mantissa_bits - 1);
    for (int64_t i = 0; i < n; i++)
        y[i] = x[i];
    lanes->cast(format, y, n, &saturated, &underflowed);
    for (int64_t i = 0; i < n; i++) {
        bool eight = at_formats[format].bits == 8;
        float wanted = at_decode(format, at_encode(format, x[i], eight ? AT_OVERFLOW_SATURATE : AT_OVERFLOW_IEEE));
        if (bits_of(y[i]) != bits_of(wanted) && !(isnan(wanted) && isnan(y[i])))
            fail_msg("%s: %a became %a, wanted %a", at_formats[format].name, (double)x[i], (double)y[i], (double)wanted);
        wanted_saturated += isfinite(x[i]) && ((double)x[i] > clip || ((double)x[i] == clip && at_formats[format].has_infinity));
        wanted_underflowed += x[i] != 0 && wanted == 0;
    }
    assert_int_equal(saturated, wanted_saturated);
    assert_int_equal(underflowed, wanted_underflowed);
}

void loops_cast(const struct at_lanes *lanes, uint32_t stride)
{
    static float x[BLOCK];
    for (int format = 0; format < AT_FP32; format++) {
        enum at_format f = (enum at_format)format;
        for (uint64_t at = 0; at <= bits_of(INFINITY);)
            cast_block(lanes, f, x, next_patterns(x, &at, (uint64_t)bits_of(INFINITY) + 1, stride));
        uint32_t codes = 1u << (at_formats[f].bits - 1);
        for (uint32_t code = 0; code + 1 < codes; code++) { /* the middle between two codes, and its neighbours */
            float low = at_decode(f, code), high = at_decode(f, code + 1);
            if (!isfinite(low) || !isfinite(high))
                continue;
            float middle = (float)(((double)low + (double)high) / 2);
            float around[] = {low, middle, nextafterf(middle, 0), nextafterf(middle, INFINITY), high};
            cast_block(lanes, f, around, 5);
        }
        cast_block(lanes, f,
                   (const float[]){INFINITY, NAN, 0, 448, 464, nextafterf(464, 500), 61440, 65520, 0x1p-149f, 0x1p100f, 0x1p119f * 1.9f,
                                   0x1.fefffep127f, 0x1.ffp127f, 0x1.fffffep127f},
                   14);
    }
}

void loops_take_exponents(const struct at_lanes *lanes)
{
    for (int format = 0; format < AT_FP32; format++) {
        enum at_format f = (enum at_format)format;
        uint32_t codes = 1u << at_formats[f].bits;
        for (uint32_t first = 0, n = 1; first < codes; first += n, n = n % 40 + 1) {
            float x[40];
            int16_t exponent[40];
            int least = 7, most = 7, wanted_least = INT16_MAX, wanted_most = INT16_MIN;
            bool special = false, wanted_special = false;
            for (uint32_t i = 0; i < n; i++)
                x[i] = at_decode(f, first + i < codes ? first + i : 0);
            lanes->exponents(f, x, n, exponent, &least, &most, &special);
            for (uint32_t i = 0; i < n; i++) {
                int wanted = isfinite(x[i]) ? at_wgmma_exponent(f, x[i]) : 0;
                assert_int_equal(exponent[i], wanted);
                wanted_special |= spec_special(f, first + i < codes ? first + i : 0);
                if (isfinite(x[i]) && x[i] != 0) {
                    wanted_least = wanted < wanted_least ? wanted : wanted_least;
                    wanted_most = wanted > wanted_most ? wanted : wanted_most;
                }
            }
            assert_true(least == wanted_least && most == wanted_most && special == wanted_special);
        }
    }
}

/* The parts of n 8-bit codes against what at_decode and at_wgmma_exponent say. */
static void decode_parts(const struct at_lanes *lanes, enum at_format f, const uint8_t *codes, int64_t n)
{
    float above[100], below[100];
    int8_t narrow[100];
    int least, most, wanted_least = INT8_MAX, wanted_most = INT8_MIN;
    lanes->decode_parts(f, codes, n, above, below, narrow);
    for (int64_t i = 0; i < n; i++) {
        float x = at_decode(f, codes[i]);
        int wanted = spec_special(f, codes[i]) ? AT_PANEL_SPECIAL : x == 0 ? AT_PANEL_NOTHING : at_wgmma_exponent(f, x);
        assert_int_equal(narrow[i], wanted);
        if (!spec_special(f, codes[i]))
            assert_true(above[i] == fmaxf(x, 0) && below[i] == fminf(x, 0));
        wanted_least = wanted != AT_PANEL_NOTHING && wanted < wanted_least ? wanted : wanted_least;
        wanted_most = wanted > wanted_most ? wanted : wanted_most;
    }
    lanes->narrow_range(narrow, n, &least, &most);
    assert_true(least == wanted_least && most == wanted_most);
}

void loops_decode(const struct at_lanes *lanes)
{
    for (int format = 0; format < AT_FP32; format++) {
        enum at_format f = (enum at_format)format;
        const bool eight = at_formats[f].bits == 8;
        uint32_t count = 1u << at_formats[f].bits;
        for (uint32_t first = 0, n = 1; first < count; first += n, n = n % 100 + 1) {
            uint8_t bytes[100];
            uint16_t words[100];
            float x[100];
            for (uint32_t i = 0; i < n; i++) {
                words[i] = (uint16_t)((first + i) % count);
                bytes[i] = (uint8_t)words[i];
            }
            lanes->decode(f, eight ? (const void *)bytes : (const void *)words, n, x);
            for (uint32_t i = 0; i < n; i++)
                if (bits_of(x[i]) != bits_of(at_decode(f, words[i])))
                    fail_msg("%s code %04x is %a", at_formats[f].name, words[i], (double)x[i]);
        }
        for (uint32_t n = 0; eight && n < 100; n++) /* all codes at all lengths */
            for (uint32_t first = 0; first < count; first++) {
                uint8_t bytes[100];
                for (uint32_t i = 0; i < n; i++)
                    bytes[i] = (uint8_t)(first + i * (n % 2 ? 1 : 128));
                decode_parts(lanes, f, bytes, n);
            }
    }
}

void loops_maximum_and_shift(const struct at_lanes *lanes)
{
    for (uint64_t n = 0; n <= 100; n++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            struct at_random key = {seed, 61 + n};
            float x[100], y[100], most = seed % 4 ? -INFINITY : float_of((uint32_t)at_random_bits(key, 200) & 0xbfffffffu), wanted = most;
            for (uint64_t i = 0; i < n; i++) {
                x[i] = y[i] = seed % 5 == 4 ? float_of((uint32_t)at_random_bits(key, i)) : (float)at_random_normal(key, i);
                wanted = !isnan(x[i]) && x[i] > wanted ? x[i] : wanted;
            }
            float got = lanes->largest(x, (int64_t)n, most);
            assert_int_equal(bits_of(got), bits_of(wanted));
            lanes->shift(y, (int64_t)n, 1.7f, -0.3f);
            for (uint64_t i = 0; i < n; i++)
                assert_true(bits_of(y[i]) == bits_of(fmaf(x[i], 1.7f, -0.3f)) || isnan(x[i]));
        }
}
