/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/wgmma.h"

#include "core/bits.h"

#include <math.h>

/* The alignment exponent is never below it (measured on an H200: of all floors from -111 to -149 only this one fits). */
enum { LEAST_EXPONENT = -133 }; /* W2b */

struct at_wgmma_rounding at_wgmma_rounding_of(enum at_format format)
{
    int depth = at_wgmma_depth(format);
    /* W3a */
    return at_formats[format].bits == 8 ? (struct at_wgmma_rounding){depth, 13, 14} : (struct at_wgmma_rounding){depth, 25, 24};
}

int at_wgmma_exponent(enum at_format format, float x)
{
    int exponent = (int)(at_bits_of_float(x) >> 23 & 0xff) - 127, least = at_formats[format].min_exponent;
    return x == 0 ? AT_WGMMA_ZERO : exponent < least ? least : exponent; /* W1a */
}

/* What the unit sees of an element: of fp32 the bits of tf32, the others are not looked at. */
static float seen(enum at_format format, float x)
{
    return format == AT_FP32 ? at_float_of_bits(at_bits_of_float(x) & 0xffffe000u) : x; /* W1b */
}

/* A finite term as sign * significand * 2^(exponent - point): significand an integer, `exponent` the e of the term. */
struct term {
    bool negative;
    uint64_t significand;
    int exponent, point;
};

/* x = significand * 2^(e(x) - mantissa_bits), exactly. */
static uint64_t significand_of(enum at_format format, float x, int exponent)
{
    return (uint64_t)ldexpf(fabsf(x), at_formats[format].mantissa_bits - exponent);
}

static struct term product(enum at_format a_format, float a, enum at_format b_format, float b)
{
    int ea = at_wgmma_exponent(a_format, a), eb = at_wgmma_exponent(b_format, b);
    if (a == 0 || b == 0)
        return (struct term){.exponent = AT_WGMMA_ZERO}; /* W2c */
    return (struct term){signbit(a) != signbit(b), significand_of(a_format, a, ea) * significand_of(b_format, b, eb), ea + eb,
                         at_formats[a_format].mantissa_bits + at_formats[b_format].mantissa_bits};
}

/* The term as a multiple of 2^(largest - fraction), truncated toward zero. */
static int64_t aligned(const struct term *t, int largest, int fraction)
{
    int shift = fraction + t->exponent - largest - t->point;
    uint64_t magnitude = shift >= 0 ? t->significand << shift : shift > -64 ? t->significand >> -shift : 0; /* W3b */
    return t->negative ? -(int64_t)magnitude : (int64_t)magnitude;                                          /* W3c */
}

/* sum * 2^unit, truncated to `significant` bits and to fp32's smallest subnormal; +0 when nothing is left; infinity from 2^128. */
static float truncated(int64_t sum, int unit, int significant)
{
    if (sum == 0)
        return 0.0f;
    uint64_t magnitude = (uint64_t)(sum < 0 ? -sum : sum);
    int top = 63 - __builtin_clzll(magnitude), drop = top + 1 - significant;
    if (drop < -149 - unit)
        drop = -149 - unit; /* W4b */
    if (drop > 0)
        magnitude = drop > 63 ? 0 : magnitude >> drop << drop; /* W4a */
    if (magnitude == 0)
        return 0.0f;                                                                    /* W4c */
    float value = top + unit >= 128 ? INFINITY : (float)ldexp((double)magnitude, unit); /* W4d */
    return sum < 0 ? -value : value;
}

/* The result when some term is NaN or infinite; false when none is. */
static bool special_result(const float *a, const float *b, int depth, float c, float *ret_value)
{
    bool nan = isnan(c), positive = isinf(c) && c > 0, negative = isinf(c) && c < 0;
    for (int i = 0; i < depth; i++) {
        float x = a[i], y = b[i];
        if (isfinite(x) && isfinite(y))
            continue;
        if (isnan(x) || isnan(y) || x == 0 || y == 0) /* W5b */
            nan = true;
        else if (signbit(x) == signbit(y))
            positive = true;
        else
            negative = true;
    }
    if (!nan && !positive && !negative)
        return false;
    if (nan || (positive && negative))              /* W5c */
        *ret_value = at_float_of_bits(0x7fffffffu); /* W5a */
    else
        *ret_value = positive ? INFINITY : -INFINITY;
    return true;
}

float at_wgmma_dot(enum at_format a_format, enum at_format b_format, const float *a, const float *b, int64_t stride, float c)
{
    struct at_wgmma_rounding r = at_wgmma_rounding_of(a_format);
    float result, x[32], y[32];
    for (int i = 0; i < r.depth; i++) {
        x[i] = seen(a_format, a[i]);
        y[i] = seen(b_format, b[i * stride]);
    }
    if (special_result(x, y, r.depth, c, &result))
        return result;
    struct term terms[33];
    int largest = LEAST_EXPONENT;
    for (int i = 0; i < r.depth; i++)
        terms[i] = product(a_format, x[i], b_format, y[i]);
    int ec = at_wgmma_exponent(AT_FP32, c);
    terms[r.depth] = (struct term){signbit(c), c == 0 ? 0 : significand_of(AT_FP32, c, ec), ec, at_formats[AT_FP32].mantissa_bits};
    for (int i = 0; i <= r.depth; i++)
        largest = terms[i].exponent > largest ? terms[i].exponent : largest; /* W2a */
    int64_t sum = 0;
    for (int i = 0; i <= r.depth; i++)
        sum += aligned(&terms[i], largest, r.fraction); /* W3d */
    return truncated(sum, largest - r.fraction, r.significant);
}
