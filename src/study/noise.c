/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/noise.h"

#include <math.h>
#include <string.h>

/* floor(log2|x|) of a normal x. */
static inline int exponent_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (int)(bits >> 52 & 0x7ff) - 1023;
}

/* 2^e, -1022 <= e <= 1023. */
static inline double power_of_two(int e)
{
    uint64_t bits = (uint64_t)(e + 1023) << 52;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline int format_exponent(enum at_format format, double x)
{
    int e = exponent_of(x), least = at_formats[format].min_exponent;
    return e < least ? least : e;
}

/* A scale is an fp32 number: the largest element of its group lies this close to the format's largest number. */
#define HELD 0x1p-22

double at_noise_unit(enum at_format format, double x)
{
    return power_of_two(format_exponent(format, x) - at_formats[format].mantissa_bits);
}

/* The whole number next to x, |x| < 2^51. */
static inline double whole(double x)
{
    return (x + 0x1.8p52) - 0x1.8p52;
}

double at_noise_shared(enum at_format format, double x, double spacing, double *ret_square)
{
    const double unit = at_noise_unit(format, x);
    int exponent;
    if (frexp(spacing / unit, &exponent) != 0.5) {
        *ret_square = at_noise_square(format, x);
        return 0;
    }
    *ret_square = 0;
    if (spacing >= unit)
        return whole(x / unit) * unit - x;
    const double at = x / spacing, off = at - whole(at); /* t, or t - 1 from 1/2 on */
    *ret_square = (unit * unit - spacing * spacing) / 12;
    return fabs(off) <= HELD * fabs(at) ? 0 : off > 0 ? (0.5 - off) * spacing : (-0.5 - off) * spacing;
}

double at_noise_square(enum at_format format, double x)
{
    const double ulp = at_noise_unit(format, x), units = fabs(x) / ulp;
    if (!(units > 0))
        return 0;
    if (units <= 0.5)
        return x * x;
    const double magic = 0x1p52, off = fabs((units + magic) - magic - units); /* units < 2^25 are rounded to an integer */
    return off <= HELD * units ? 0 : ulp * ulp / 12;
}

/* What a term of size `size` and last place `last` loses on average when cut to multiples of `unit`; its variance into *square. */
static inline double loss_of(double size, double last, double unit, double *square)
{
    if (size < unit)
        return last < unit ? size : 0;
    if (!(last < unit))
        return 0;
    *square += (unit * unit - last * last) / 12;
    return (unit - last) / 2;
}

void at_noise_add(struct at_noise_sum *sum, struct at_wgmma_rounding r, enum at_format a_format, enum at_format b_format, const double *p,
                  const double *v, int64_t stride, int64_t count)
{
    const int digits = at_formats[a_format].mantissa_bits + at_formats[b_format].mantissa_bits;
    int largest = sum->d != 0 ? exponent_of(sum->d) : -133, exponent[32];
    for (int64_t i = 0; i < count; i++) {
        exponent[i] = -1000;
        if (p[i] != 0 && v[i * stride] != 0) {
            exponent[i] = format_exponent(a_format, p[i]) + format_exponent(b_format, v[i * stride]);
            largest = exponent[i] > largest ? exponent[i] : largest;
        }
    }
    largest = largest < -133 ? -133 : largest;
    const double unit = power_of_two(largest - r.fraction), before = sum->d;
    if (before != 0)
        sum->d -= copysign(loss_of(fabs(before), power_of_two(exponent_of(before) + 1 - r.significant), unit, &sum->square), before);
    for (int64_t i = 0; i < count; i++) {
        const double term = p[i] * v[i * stride];
        if (exponent[i] == -1000)
            continue;
        sum->exact += term;
        sum->d += term - copysign(loss_of(fabs(term), power_of_two(exponent[i] - digits), unit, &sum->square), term);
    }
    if (sum->d != 0) {
        const double last = power_of_two(exponent_of(sum->d) + 1 - r.significant);
        sum->d -= copysign(loss_of(fabs(sum->d), unit, last > unit ? last : unit, &sum->square), sum->d);
    }
}
