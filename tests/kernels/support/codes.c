/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "codes.h"

#include "dot_spec.h"

#include <string.h>

uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint32_t raw_code(enum at_format format, struct at_random key, uint64_t i)
{
    for (uint64_t round = 0;; round++) {
        uint32_t code = (uint32_t)at_random_bits(key, i + (round << 40)) & (uint32_t)((UINT64_C(1) << at_formats[format].bits) - 1);
        if (!spec_special(format, code))
            return code;
    }
}

static uint32_t narrow_code(enum at_format format, struct at_random key, uint64_t i)
{
    const struct at_format_info *f = &at_formats[format];
    uint64_t r = at_random_bits(key, i);
    uint32_t exponent = (uint32_t)(f->bias - 2 + (int)(r & 3)), fraction = (uint32_t)(r >> 8) & ((1u << f->mantissa_bits) - 1);
    return (uint32_t)(r >> 63) << (f->bits - 1) | exponent << f->mantissa_bits | fraction;
}

uint32_t random_code(enum at_format format, enum code_regime regime, struct at_random key, uint64_t i)
{
    const struct at_format_info *f = &at_formats[format];
    uint32_t sign = 1u << (f->bits - 1), fractions = (1u << f->mantissa_bits) - 1;
    switch (regime) {
    case CODES_RAW: return raw_code(format, key, i);
    case CODES_CANCEL: return narrow_code(format, key, i / 2) ^ (i % 2 ? sign : 0) ^ (at_random_bits(key, i) >> 60 == 0 ? 1 : 0);
    case CODES_SUBNORMAL:
        if (at_random_bits(key, i) >> 61)
            return (uint32_t)at_random_bits(key, i) & (sign | fractions);
        return narrow_code(format, key, i);
    case CODES_SPARSE:
        if (at_random_bits(key, i) >> 61)
            return (uint32_t)at_random_bits(key, i) & sign;
        return raw_code(format, key, i);
    default: return narrow_code(format, key, i);
    }
}

float random_accumulator(struct at_random key, uint64_t i)
{
    uint64_t r = at_random_bits(key, i);
    uint32_t bits = (uint32_t)(r >> 32), sign = bits & 0x80000000u;
    switch (r & 7) {
    case 0: return float_of(sign);
    case 1: return float_of(sign | (bits & 0x7fffff));
    case 2:
    case 3: return (bits >> 23 & 0xff) == 0xff ? 1.0f : float_of(bits);
    default: return float_of(sign | (bits & 0x7fffff) | (uint32_t)(127 - 6 + (int)(r >> 8 & 15)) << 23);
    }
}
