/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The loops of lanes.h without branches, for the compiler to vectorise: included by lanes_avx2.c and lanes_avx512.c, which define LANES,
 * the name of the table, and the vocabulary of lanes_ex2.h. Deliberately without an include guard.
 */

#include "kernels/twin/lanes.h"
#include "kernels/twin/wgmma.h"

#include <string.h>

typedef uint32_t __attribute__((may_alias)) bits32;

#include "kernels/twin/lanes_codes.h"
#include "kernels/twin/lanes_ex2.h"

/*
 * (x + 3/2 2^(e + 23 - mantissa_bits)) - the same: fp32's own rounding drops the bits below the format's ulp at exponent e. Where that
 * number is none of fp32, x is rounded 2^64 times smaller.
 */
static void cast(enum at_format format, float *x, int64_t n, int64_t *saturated, int64_t *underflowed)
{
    const struct at_format_info *f = &at_formats[format];
    const int32_t least = f->min_exponent + 127, up = 23 - f->mantissa_bits;
    const float max = (float)f->max, beyond = f->bits == 8 ? max : __builtin_inff();
    int32_t clipped = 0, vanished = 0;
    for (int64_t i = 0; i < n; i++) {
        float value = x[i], magic;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        int32_t field = (int32_t)(bits >> 23 & 0xff);
        const bool large = field > 254 - 23;
        const float down = large ? 0x1p-64f : 1.0f, back = large ? 0x1p64f : 1.0f;
        field = field < least ? least : large ? field - 64 : field; /* E15f */
        bits = (uint32_t)(field + up) << 23 | 0x400000u;
        memcpy(&magic, &bits, sizeof magic);
        float kept = ((value * down + magic) - magic) * back; /* E15e */
        clipped += (kept > max) & (value <= 0x1.fffffep127f);
        kept = kept > max ? beyond : kept; /* E15d */
        vanished += (kept == 0) & (value != 0);
        x[i] = kept;
    }
    *saturated += clipped;
    *underflowed += vanished;
}

static void exponents(enum at_format format, const float *x, int64_t n, int16_t *exponent, int *ret_least, int *ret_most, bool *ret_special)
{
    const bits32 *at = (const bits32 *)(const void *)x;
    const int32_t floor = at_formats[format].min_exponent;
    int32_t least = INT16_MAX, most = INT16_MIN, special = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t magnitude = at[i] & 0x7fffffffu;
        int32_t field = (int32_t)(magnitude >> 23), e = field - 127 < floor ? floor : field - 127; /* W1a */
        int32_t outside = field == 255, zero = magnitude == 0;
        special |= outside;
        int32_t away = (zero | outside) << 14, low = e + away, high = e - away;
        least = low < least ? low : least;
        most = high > most ? high : most;
        exponent[i] = (int16_t)(outside ? 0 : zero ? AT_WGMMA_ZERO : e); /* W2c */
    }
    *ret_least = least < 1 << 13 ? least : INT16_MAX;
    *ret_most = most > -(1 << 13) ? most : INT16_MIN;
    *ret_special = special != 0;
}

enum { PARTS = 32 };

static float largest(const float *x, int64_t n, float least)
{
    float part[PARTS];
    int64_t i = 0;
    for (int p = 0; p < PARTS; p++)
        part[p] = least;
    for (; i + PARTS <= n; i += PARTS)
        for (int p = 0; p < PARTS; p++)
            part[p] = x[i + p] > part[p] ? x[i + p] : part[p];
    for (; i < n; i++)
        part[0] = x[i] > part[0] ? x[i] : part[0];
    for (int p = 0; p < PARTS; p++)
        least = part[p] > least ? part[p] : least;
    return least;
}

static void shift(float *x, int64_t n, float factor, float addend)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = __builtin_fmaf(x[i], factor, addend); /* E12c */
}

const struct at_lanes LANES = {ex2, cast, exponents, decode, decode_parts, narrow_range, largest, shift};
