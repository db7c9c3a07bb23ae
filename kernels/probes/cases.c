/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/compare.h"

#include "core/bits.h"
#include "core/random.h"

#include <math.h>
#include <string.h>

enum regime { RAW, FINITE, NORMAL, CLOSE, EXTREME, SPARSE, CANCELLING, SOME_SPECIAL, TINY, REGIMES };
enum addend { ZERO, DEVIATE, ANY_BITS, SUBNORMAL, LARGE, MINUS_THE_SUM, ADDENDS };

/* Random bits in order; two 32-bit halves of each draw. */
struct stream {
    struct at_random key;
    uint64_t drawn, rest;
    bool half;
};

static uint32_t draw(struct stream *s)
{
    s->half = !s->half;
    if (s->half) {
        s->rest = at_random_bits(s->key, s->drawn++);
        return (uint32_t)s->rest;
    }
    return (uint32_t)(s->rest >> 32);
}

static uint32_t below(struct stream *s, uint32_t bound)
{
    return (uint32_t)((uint64_t)draw(s) * bound >> 32);
}

static uint32_t with_exponent(const struct at_format_info *f, uint32_t code, int field)
{
    uint32_t mask = ((1u << f->exponent_bits) - 1) << f->mantissa_bits;
    return (code & ~mask) | ((uint32_t)field << f->mantissa_bits & mask);
}

/* The code itself, or the finite one next to it where it is NaN or infinite: in e4m3 the exponent alone does not say that. */
static uint32_t made_finite(const struct at_format_info *f, uint32_t code)
{
    uint32_t all = (1u << f->exponent_bits) - 1, fraction = (1u << f->mantissa_bits) - 1;
    if ((code >> f->mantissa_bits & all) != all || (!f->has_infinity && (code & fraction) != fraction))
        return code;
    return f->has_infinity ? with_exponent(f, code, (int)all - 1) : code - 1;
}

static uint32_t deviate(enum at_format format, struct stream *s)
{
    float x = (float)at_random_normal(s->key, s->drawn++);
    return at_encode(format, x, AT_OVERFLOW_SATURATE);
}

/* NaN, infinity where the format has one, and what reading fp32 as tf32 makes of a NaN whose payload lies in the bits it drops. */
static uint32_t special(const struct at_format_info *f, uint32_t code, uint32_t which)
{
    uint32_t all = (1u << f->exponent_bits) - 1, fraction = (1u << f->mantissa_bits) - 1;
    uint32_t kept = !f->has_infinity ? fraction
                    : which == 0     ? 0
                    : which == 1     ? fraction
                    : which == 2     ? code & 0x1fff & fraction
                                     : code & fraction;
    return (with_exponent(f, code, (int)all) & ~fraction) | kept;
}

/* `tiny`: exponent at which the products of the case's elements lie in the regime TINY. */
static uint32_t element(enum at_format format, enum regime regime, int tiny, struct stream *s)
{
    const struct at_format_info *f = &at_formats[format];
    uint32_t code = draw(s) & (uint32_t)((1ull << f->bits) - 1);
    int last = (1 << f->exponent_bits) - (f->has_infinity ? 2 : 1), near = f->bias - 1;
    switch (regime) {
    case RAW: return code;
    case NORMAL: return deviate(format, s);
    case CLOSE: return with_exponent(f, code, near + (int)below(s, 4));
    case EXTREME: return made_finite(f, with_exponent(f, code, below(s, 2) ? (int)below(s, 2) : last - (int)below(s, 2)));
    case SPARSE: return below(s, 3) ? code & 1u << (f->bits - 1) : made_finite(f, code);
    case SOME_SPECIAL: return below(s, 64) ? with_exponent(f, code, near + (int)below(s, 4)) : special(f, code, below(s, 4));
    case TINY: return with_exponent(f, code, f->exponent_bits == 8 ? f->bias + tiny / 2 + (int)below(s, 3) : (int)below(s, 3));
    default: return made_finite(f, code);
    }
}

static void put(enum at_format format, void *codes, int64_t i, uint32_t code)
{
    size_t size = at_format_size(format);
    memcpy((char *)codes + (size_t)i * size, &code, size); /* little-endian, as the GPU is */
}

static uint32_t get(enum at_format format, const void *codes, int64_t i)
{
    uint32_t code = 0;
    size_t size = at_format_size(format);
    memcpy(&code, (const char *)codes + (size_t)i * size, size);
    return code;
}

void at_probe_decode(enum at_format format, const void *codes, int64_t count, float *ret_values)
{
    for (int64_t i = 0; i < count; i++)
        ret_values[i] = at_decode(format, get(format, codes, i));
}

/* Every second product is minus the one before it. */
static void cancel(const struct at_probe *probe, void *a, void *b, int64_t a_count, int64_t b_count)
{
    for (int64_t i = 1; i < a_count; i += 2)
        put(probe->a, a, i, get(probe->a, a, i - 1));
    for (int64_t i = 1; i < b_count; i += 2)
        put(probe->b, b, i, get(probe->b, b, i - 1) ^ 1u << (at_formats[probe->b].bits - 1));
}

static void minus_the_sum(const struct at_probe *probe, const void *a, const void *b, int n, float *ret_c)
{
    int depth = AT_PROBE_ROW_BYTES / (int)at_format_size(probe->a);
    for (int r = 0; r < AT_PROBE_ROWS; r++)
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int k = 0; k < depth; k++)
                sum += (double)at_decode(probe->a, get(probe->a, a, r * depth + k)) *
                       (double)at_decode(probe->b, get(probe->b, b, j * depth + k));
            ret_c[r * n + j] = (float)-sum;
        }
}

static float addend(enum addend kind, struct stream *s)
{
    uint32_t bits = draw(s);
    switch (kind) {
    case ZERO: return bits & 1 ? -0.0f : 0.0f;
    case DEVIATE: return (float)at_random_normal(s->key, s->drawn++) * ldexpf(1, (int)below(s, 24) - 8);
    case SUBNORMAL: return at_float_of_bits(bits & 0x807fffffu);
    case LARGE: return at_float_of_bits((bits & 0x807fffffu) | (254 - below(s, 8)) << 23);
    default: return at_float_of_bits(below(s, 32) ? bits : (bits & 0x80000000u) | 0x7f800000u); /* infinities are rare among patterns */
    }
}

void at_probe_case(const struct at_probe *probe, uint64_t seed, int n, int64_t index, void *ret_a, void *ret_b, float *ret_c)
{
    uint64_t kind = (uint64_t)probe->a * AT_FORMAT_COUNT + probe->b;
    struct stream s = {.key = {seed, (kind << 16 | (uint64_t)n) << 40 | (uint64_t)index}};
    enum regime regime = (enum regime)(index % REGIMES);
    int tiny = -160 + 2 * (int)below(&s, 26); /* to -110: above and below the least alignment exponent, -133, and fp32's smallest number */
    enum addend kind_of_c = (enum addend)(index / REGIMES % ADDENDS);
    int64_t depth = AT_PROBE_ROW_BYTES / (int64_t)at_format_size(probe->a);
    for (int64_t i = 0; i < AT_PROBE_ROWS * depth; i++)
        put(probe->a, ret_a, i, element(probe->a, regime, tiny, &s));
    for (int64_t i = 0; i < n * depth; i++)
        put(probe->b, ret_b, i, element(probe->b, regime, tiny, &s));
    if (regime == CANCELLING)
        cancel(probe, ret_a, ret_b, AT_PROBE_ROWS * depth, n * depth);
    if (kind_of_c == MINUS_THE_SUM)
        minus_the_sum(probe, ret_a, ret_b, n, ret_c);
    else
        for (int64_t i = 0; i < (int64_t)AT_PROBE_ROWS * n; i++)
            ret_c[i] = addend(kind_of_c, &s);
}
