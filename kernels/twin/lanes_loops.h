/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The loops of lanes.h without branches, for the compiler to vectorise: included by lanes_avx2.c and lanes_avx512.c, which define LANES,
 * the name of the table. Deliberately without an include guard.
 */

#include "kernels/twin/lanes.h"
#include "kernels/twin/mufu_table.h"
#include "kernels/twin/wgmma.h"

#include <string.h>

typedef uint32_t __attribute__((may_alias)) bits32;

/* The truncated squarer of mufu.c; the partial products of bits 0 and 1 are zero. */
static inline uint32_t truncated_square(uint32_t x)
{
    uint32_t sum = 0;
#pragma GCC unroll 15
    for (int i = 2; i <= 16; i++)
        sum += (x >> (18 - i)) & -(x >> i & 1u);
    return sum >> 1;
}

/* at_ex2_approx in 32-bit arithmetic: c1 l is split at bit 8 of l so that nothing exceeds 32 bits. */
static void ex2(float *x, int64_t n)
{
    bits32 *at = (bits32 *)(void *)x;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits = at[i], exponent = bits >> 23 & 0xff, negative = bits >> 31;
        uint32_t down = exponent > 133 ? 1 : 134 - exponent, fixed = ((bits & 0x7fffff) | 0x800000) << 7 >> (down > 31 ? 31 : down);
        uint32_t whole = fixed >> 23, f = fixed & 0x7fffff, some = f != 0;
        uint32_t flip = negative & some ? 0x7fffff : 0;
        int32_t power = (int32_t)(negative ? 0u - whole - some : whole);
        f ^= flip;
        uint32_t l = f & 0x1ffff, high = l >> 8, low = l & 0xff;
        const struct at_mufu_row *row = &at_mufu_ex2_table[f >> 17];
        uint32_t c0 = (uint32_t)row->c0, c1 = (uint32_t)row->c1, c2 = (uint32_t)row->c2, u = c1 * high;
        uint32_t rest = ((u & 127) << 8) + c1 * low + c2 * truncated_square(l) + ((c0 & 3) << 13) + 0x77e2;
        uint32_t m = (c0 >> 2) + (u >> 7) + (rest >> 15);
        int32_t field = power + 127 + (int32_t)(m >> 24);
        uint32_t result = (uint32_t)field << 23 | (m & 0x7fffff);
        result = field <= 0 ? 0 : result;
        result = field >= 255 ? 0x7f800000u : result;
        result = exponent > 133 ? (negative ? 0 : 0x7f800000u) : result;
        at[i] = (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fffffffu : result;
    }
}

/* (x + 3/2 2^(e + 23 - mantissa_bits)) - the same: fp32's own rounding drops the bits below the format's ulp at exponent e. */
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
        field = field < least ? least : field > 254 - 23 ? 254 - 23 : field;
        bits = (uint32_t)(field + up) << 23 | 0x400000u;
        memcpy(&magic, &bits, sizeof magic);
        float kept = (value + magic) - magic;
        clipped += (kept > max) & (value <= 0x1.fffffep127f);
        kept = kept > max ? beyond : kept;
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
        int32_t field = (int32_t)(magnitude >> 23), e = field - 127 < floor ? floor : field - 127;
        int32_t outside = field == 255, zero = magnitude == 0;
        special |= outside;
        int32_t away = (zero | outside) << 14, low = e + away, high = e - away;
        least = low < least ? low : least;
        most = high > most ? high : most;
        exponent[i] = (int16_t)(outside ? 0 : zero ? AT_WGMMA_ZERO : e);
    }
    *ret_least = least < 1 << 13 ? least : INT16_MAX;
    *ret_most = most > -(1 << 13) ? most : INT16_MIN;
    *ret_special = special != 0;
}

/* The constants of at_decode for one format. */
struct decoding {
    int32_t mantissa_bits, bias_up, top;
    uint32_t magnitude, sign_up, nan, payload, subnormals; /* the last two as masks of fp32 bits */
    float ulp;
};

static inline struct decoding decoding_of(enum at_format format)
{
    const struct at_format_info *f = &at_formats[format];
    uint32_t magnitude = (1u << (f->bits - 1)) - 1, fraction = (1u << f->mantissa_bits) - 1, ulp_bits;
    struct decoding d = {.mantissa_bits = f->mantissa_bits, .bias_up = 127 - f->bias, .top = (int32_t)(magnitude >> f->mantissa_bits),
                         .magnitude = magnitude, .sign_up = 32u - (uint32_t)f->bits, .nan = f->has_infinity ? 0 : fraction,
                         .payload = f->has_infinity ? UINT32_MAX : 0, .subnormals = f->bias != 127 ? UINT32_MAX : 0};
    ulp_bits = (uint32_t)(f->min_exponent - f->mantissa_bits + 127) << 23;
    if (d.subnormals)
        memcpy(&d.ulp, &ulp_bits, sizeof d.ulp);
    return d;
}

/* at_decode without branches: a subnormal of a format narrower in exponent than fp32 is its fraction times the ulp. */
static inline uint32_t decoded(const struct decoding *d, uint32_t code)
{
    uint32_t magnitude = code & d->magnitude, sign = (code << d->sign_up) & 0x80000000u, bits;
    int32_t field = (int32_t)(magnitude >> d->mantissa_bits), widen = 23 - d->mantissa_bits;
    uint32_t fraction = magnitude & ((1u << d->mantissa_bits) - 1), wide = fraction << widen;
    float small = (float)(int32_t)fraction * d->ulp;
    memcpy(&bits, &small, sizeof bits);
    uint32_t is_small = -(uint32_t)(field == 0) & d->subnormals, quiet = (uint32_t)(fraction > 0) << 22;
    uint32_t is_special = -(uint32_t)(field == d->top) & -(uint32_t)(fraction >= d->nan);
    bits = (bits & is_small) | (((uint32_t)(field + d->bias_up) << 23 | wide) & ~is_small);
    return sign | (bits & ~is_special) | ((0x7f800000u | quiet | (wide & d->payload)) & is_special);
}

static void decode(enum at_format format, const void *codes, int64_t n, float *x)
{
    const struct decoding d = decoding_of(format);
    bits32 *at = (bits32 *)(void *)x;
    const uint8_t *bytes = codes;
    const uint16_t *words = codes;
    if (at_formats[format].bits == 8)
        for (int64_t i = 0; i < n; i++)
            at[i] = decoded(&d, bytes[i]);
    else
        for (int64_t i = 0; i < n; i++)
            at[i] = decoded(&d, words[i]);
}

static void split(const float *x, const int16_t *exponent, int64_t n, float *above, float *below, int8_t *narrow)
{
    for (int64_t i = 0; i < n; i++) {
        above[i] = x[i] > 0 ? x[i] : 0.0f;
        below[i] = x[i] < 0 ? x[i] : 0.0f;
        narrow[i] = (int8_t)(exponent[i] < AT_PANEL_NOTHING ? AT_PANEL_NOTHING : exponent[i]);
    }
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
        x[i] = __builtin_fmaf(x[i], factor, addend);
}

const struct at_lanes LANES = {ex2, cast, exponents, decode, split, largest, shift};
