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
        for (uint64_t at = 0; at <= bits_of(0x1p100f);)
            cast_block(lanes, f, x, next_patterns(x, &at, (uint64_t)bits_of(0x1p100f) + 1, stride));
        uint32_t codes = 1u << (at_formats[f].bits - 1);
        for (uint32_t code = 0; code + 1 < codes; code++) { /* the middle between two codes, and its neighbours */
            float low = at_decode(f, code), high = at_decode(f, code + 1);
            if (!isfinite(low) || !isfinite(high) || high > 0x1p100f)
                continue;
            float middle = (float)(((double)low + (double)high) / 2);
            float around[] = {low, middle, nextafterf(middle, 0), nextafterf(middle, INFINITY), high};
            cast_block(lanes, f, around, 5);
        }
        cast_block(lanes, f, (const float[]){INFINITY, NAN, 0, 448, 464, nextafterf(464, 500), 61440, 65520, 0x1p-149f, 0x1p100f}, 10);
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
