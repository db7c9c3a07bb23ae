/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "format_spec.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

float at_float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint32_t at_bits_of_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The definitions: OCP 8-bit Floating Point Specification 1.0, tables 1 and 2; IEEE 754 binary16; bfloat16 = upper half of binary32. */
static const struct {
    uint32_t bits, fraction;
    int smallest_exponent; /* of a normal number */
    uint32_t last, nan, infinity;
} definitions[] = {
    [AT_E4M3] = {8, 3, -6, 0x7e, 0x7f, 0x7f},
    [AT_E5M2] = {8, 2, -14, 0x7b, 0x7f, 0x7c},
    [AT_FP16] = {16, 10, -14, 0x7bff, 0x7fff, 0x7c00},
    [AT_BF16] = {16, 7, -126, 0x7f7f, 0x7fff, 0x7f80},
};

struct at_format_spec at_format_spec_make(enum at_format format)
{
    assert(format != AT_FP32);
    uint32_t last = definitions[format].last, per_binade = 1u << definitions[format].fraction;
    struct at_format_spec spec = {definitions[format].bits, definitions[format].nan, definitions[format].infinity, last, NULL, NULL};
    spec.value = malloc((last + 2) * sizeof *spec.value);
    spec.midpoint = malloc((last + 1) * sizeof *spec.midpoint);
    if (!spec.value || !spec.midpoint)
        abort();
    /* From 0 in steps of the smallest subnormal; the step doubles each time a binade of normal numbers is full. */
    double step = ldexp(1.0, definitions[format].smallest_exponent - (int)definitions[format].fraction);
    spec.value[0] = 0;
    for (uint32_t code = 1; code <= last + 1; code++) {
        spec.value[code] = spec.value[code - 1] + step;
        if (code >= 2 * per_binade && code % per_binade == 0)
            step *= 2;
    }
    for (uint32_t code = 0; code <= last; code++)
        spec.midpoint[code] = (spec.value[code] + spec.value[code + 1]) / 2;
    return spec;
}

void at_format_spec_done(struct at_format_spec *spec)
{
    free(spec->value);
    free(spec->midpoint);
    *spec = (struct at_format_spec){0};
}

uint32_t at_format_spec_find(const struct at_format_spec *spec, double x)
{
    uint32_t low = 0, high = spec->last + 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (spec->midpoint[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t at_format_spec_step(const struct at_format_spec *spec, double x, uint32_t code)
{
    while (code <= spec->last && (x > spec->midpoint[code] || (x == spec->midpoint[code] && code % 2 == 1)))
        code++;
    return code;
}

uint32_t at_format_spec_finish(const struct at_format_spec *spec, uint32_t float_bits, uint32_t code, enum at_overflow overflow)
{
    if ((float_bits & 0x7fffffffu) > 0x7f800000u)
        return spec->nan;
    if (code > spec->last)
        code = overflow == AT_OVERFLOW_SATURATE ? spec->last : spec->infinity;
    return code | (float_bits >> 31) << (spec->bits - 1);
}

uint32_t at_format_spec_encode(const struct at_format_spec *spec, uint32_t float_bits, enum at_overflow overflow)
{
    double x = fabs((double)at_float_of_bits(float_bits));
    uint32_t code = isnan(x) ? 0 : at_format_spec_step(spec, x, at_format_spec_find(spec, x));
    return at_format_spec_finish(spec, float_bits, code, overflow);
}
