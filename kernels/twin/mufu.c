/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/mufu.h"

#include "core/bits.h"
#include "core/elementary.h"
#include "kernels/twin/mufu_table.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { SQUARE_BITS = 17 };

/*
 * The unit's squarer of a 17-bit x truncates each partial product before it is added: the sum over the set bits i of x of
 * x >> (18 - i), halved.
 */
static uint32_t truncated_square(uint32_t x)
{
    uint32_t sum = 0;
    for (int i = 0; i < SQUARE_BITS; i++)
        sum += (x >> (18 - i)) & -(x >> i & 1u);
    return sum >> 1; /* U1a */
}

static float nan_value(void)
{
    return at_float_of_bits(0x7fffffffu);
}

float at_ex2_approx(float x)
{
    uint32_t bits = at_bits_of_float(x), exponent = bits >> 23 & 0xff;
    bool negative = bits >> 31;
    if (isnan(x))
        return nan_value();
    if (exponent == 0)
        return 1.0f;
    if (exponent >= 127 + 7) /* |x| >= 128, and infinities */
        return negative ? 0.0f : INFINITY;
    /* |x| in fixed point with 23 fraction bits, truncated. */
    uint32_t significand = (bits & 0x7fffff) | 0x800000;
    int shift = 127 - (int)exponent;
    uint32_t fixed = shift >= 32 ? 0 : shift >= 0 ? significand >> shift : significand << -shift; /* U1b */
    int32_t n = (int32_t)(fixed >> 23);
    uint32_t f = fixed & 0x7fffff;
    if (negative) {
        n = f ? -n - 1 : -n;
        f = f ? ~f & 0x7fffff : 0; /* U1c */
    }
    const struct at_mufu_row *row = &at_mufu_ex2_table[f >> SQUARE_BITS];
    uint32_t l = f & 0x1ffff;
    int64_t sum = ((int64_t)row->c0 << 13) + (int64_t)row->c1 * l + (int64_t)row->c2 * truncated_square(l) + 0x77e2; /* U1d */
    uint32_t m = (uint32_t)(sum >> 15);
    if (m == 1u << 24) {
        m = 1u << 23;
        n++;
    }
    int32_t field = n + 127;
    if (field <= 0) /* U1e */
        return 0.0f;
    return field >= 255 ? INFINITY : at_float_of_bits((uint32_t)field << 23 | (m & 0x7fffff));
}

float at_rcp_approx(float x)
{
    uint32_t bits = at_bits_of_float(x), sign = bits & 0x80000000u, exponent = bits >> 23 & 0xff, f = bits & 0x7fffff;
    if (isnan(x))
        return nan_value();
    if (exponent == 0)
        return at_float_of_bits(sign | 0x7f800000u);
    if (exponent == 255)
        return at_float_of_bits(sign);
    const struct at_mufu_row *row = &at_mufu_rcp_table[f >> 16];
    uint32_t l = f & 0xffff;
    int64_t sum = ((int64_t)row->c0 << 13) + (int64_t)row->c1 * l + (int64_t)row->c2 * truncated_square(2 * l) + 0x47e7; /* U2a */
    uint32_t m = (uint32_t)(sum >> 15);                                                                                  /* U2b */
    int32_t field = 254 - (int32_t)exponent - 1 + (m == 1u << 24);
    return at_float_of_bits(field <= 0 ? sign : sign | (uint32_t)field << 23 | (m & 0x7fffff)); /* U2c */
}

float at_lg2_approx(float x)
{
    uint32_t bits = at_bits_of_float(x), exponent = bits >> 23 & 0xff, f = bits & 0x7fffff;
    if (isnan(x))
        return nan_value();
    if (exponent == 0)
        return -INFINITY;
    if (bits >> 31)
        return nan_value();
    if (exponent == 255)
        return INFINITY;
    int64_t n = (int64_t)exponent - 127, r = 0;
    if (bits != 0x3f800000u) { /* U3b: log2 1 is 0; every other x, powers of two too, goes through the table */
        const struct at_mufu_row *row = &at_mufu_lg2_table[f >> SQUARE_BITS];
        uint32_t l = f & 0x1ffff;
        r = (((int64_t)row->c0 * (1 << 12)) + (int64_t)row->c1 * l + 2 * (int64_t)row->c2 * truncated_square(l) + 0x3345) >> 2; /* U3a */
    }
    r += n * ((int64_t)1 << 36);
    uint32_t sign = r < 0 ? 0x80000000u : 0;
    uint64_t magnitude = (uint64_t)(r < 0 ? ~r : r); /* U3c */
    if (magnitude == 0)
        return 0.0f;
    int top = 63 - __builtin_clzll(magnitude), field = 133 - (42 - top);
    uint64_t significand = top >= 23 ? magnitude >> (top - 23) : magnitude << (23 - top); /* U3d */
    return at_float_of_bits(sign | (uint32_t)field << 23 | (uint32_t)(significand & 0x7fffff));
}

float at_ex2_exact(float x)
{
    return (float)at_exp2((double)x); /* E13c */
}

float at_lg2_exact(float x)
{
    const double log2_e = 0x1.71547652b82fep+0; /* 1.442695040888963 */
    return (float)(at_log((double)x) * log2_e); /* E24h */
}
