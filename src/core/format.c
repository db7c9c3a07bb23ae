/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/format.h"

#include "core/bits.h"

#include <string.h>

const struct at_format_info at_formats[AT_FORMAT_COUNT] = {
    [AT_E4M3] = {"e4m3", 8, 3, 4, 7, -6, 448.0, false},
    [AT_E5M2] = {"e5m2", 8, 2, 5, 15, -14, 57344.0, true},
    [AT_FP16] = {"fp16", 16, 10, 5, 15, -14, 65504.0, true},
    [AT_BF16] = {"bf16", 16, 7, 8, 127, -126, 0x1.fep127, true},
    [AT_FP32] = {"fp32", 32, 23, 8, 127, -126, 0x1.fffffep127, true},
};

enum { FP32_MANTISSA_BITS = 23, FP32_BIAS = 127, FP32_EXPONENT_MASK = 0xff };

size_t at_format_size(enum at_format format)
{
    return (size_t)at_formats[format].bits / 8;
}

enum at_format at_format_find(const char *name)
{
    int format = 0;
    while (format < AT_FORMAT_COUNT && strcmp(at_formats[format].name, name) != 0)
        format++;
    return (enum at_format)format;
}

float at_decode(enum at_format format, uint32_t code)
{
    const struct at_format_info *f = &at_formats[format];
    if (format == AT_FP32)
        return at_float_of_bits(code);
    uint32_t sign = (code >> (f->bits - 1) & 1u) << 31;
    uint32_t exponent_mask = (1u << f->exponent_bits) - 1, mantissa_mask = (1u << f->mantissa_bits) - 1;
    uint32_t exponent = code >> f->mantissa_bits & exponent_mask, mantissa = code & mantissa_mask;
    int widen = FP32_MANTISSA_BITS - f->mantissa_bits;
    if (exponent == exponent_mask && (f->has_infinity || mantissa == mantissa_mask)) {
        uint32_t payload = f->has_infinity ? mantissa << widen : 1u << 22;
        return at_float_of_bits(sign | 0x7f800000u | payload | (payload ? 1u << 22 : 0));
    }
    if (exponent == 0 && f->bias != FP32_BIAS) { /* a subnormal is normal in fp32: mantissa * 2^(min_exponent - mantissa_bits) */
        float ulp = at_float_of_bits((uint32_t)(f->min_exponent - f->mantissa_bits + FP32_BIAS) << FP32_MANTISSA_BITS);
        return at_float_of_bits(sign | at_bits_of_float((float)mantissa * ulp));
    }
    return at_float_of_bits(sign | (exponent + (uint32_t)(FP32_BIAS - f->bias)) << FP32_MANTISSA_BITS | mantissa << widen);
}

uint32_t at_encode(enum at_format format, float value, enum at_overflow overflow)
{
    const struct at_format_info *f = &at_formats[format];
    uint32_t bits = at_bits_of_float(value), magnitude = bits & 0x7fffffffu;
    uint32_t nan_code = (1u << (f->bits - 1)) - 1, sign = (bits >> 31) << (f->bits - 1);
    uint32_t infinity = f->has_infinity ? ((1u << f->exponent_bits) - 1) << f->mantissa_bits : nan_code;
    uint32_t max_code = f->has_infinity ? infinity - 1 : nan_code - 1;
    if (magnitude > 0x7f800000u)
        return nan_code;
    uint32_t code;
    if (format == AT_FP32) {
        code = magnitude;
    } else {
        int exponent = (int)(magnitude >> FP32_MANTISSA_BITS) - FP32_BIAS;
        uint32_t significand = (magnitude & 0x7fffffu) | (exponent > -FP32_BIAS ? 0x800000u : 0);
        if (exponent == -FP32_BIAS)
            exponent++; /* fp32 subnormals share the exponent of the smallest normals */
        int below = exponent < f->min_exponent ? f->min_exponent - exponent : 0;
        int drop = FP32_MANTISSA_BITS - f->mantissa_bits + below;
        if (drop > 25)
            drop = 25; /* the value is below half the smallest subnormal */
        uint32_t kept = significand >> drop, rest = significand & ((1u << drop) - 1), half = 1u << (drop - 1);
        kept += rest > half || (rest == half && (kept & 1)); /* E6d */
        /* A carry out of the fraction moves into the exponent field by itself; so does a subnormal that became normal. */
        uint32_t field = below ? 0 : (uint32_t)(exponent + f->bias - 1);
        code = (field << f->mantissa_bits) + kept;
    }
    if (code > max_code)
        code = overflow == AT_OVERFLOW_SATURATE ? max_code : infinity; /* E6e */
    return sign | code;
}

void at_decode_array(enum at_format format, const void *codes, size_t count, float *ret_values)
{
    const uint8_t *bytes = codes;
    const uint16_t *words = codes;
    switch (at_formats[format].bits) {
    case 8:
        for (size_t i = 0; i < count; i++)
            ret_values[i] = at_decode(format, bytes[i]);
        break;
    case 16:
        for (size_t i = 0; i < count; i++)
            ret_values[i] = at_decode(format, words[i]);
        break;
    default: memcpy(ret_values, codes, count * sizeof *ret_values);
    }
}

void at_encode_array(enum at_format format, const float *values, size_t count, enum at_overflow overflow, void *ret_codes)
{
    uint8_t *bytes = ret_codes;
    uint16_t *words = ret_codes;
    uint32_t *dwords = ret_codes;
    for (size_t i = 0; i < count; i++) {
        uint32_t code = at_encode(format, values[i], overflow);
        switch (at_formats[format].bits) {
        case 8: bytes[i] = (uint8_t)code; break;
        case 16: words[i] = (uint16_t)code; break;
        default: dwords[i] = code;
        }
    }
}
