/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/integer.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

enum { FRACTION_BITS = 52, LOWEST_EXPONENT = -1074 };

/* value = (negative ? -1 : 1) * mantissa * 2^exponent, mantissa < 2^53; exact for every finite double, subnormal or not. */
struct parts {
    uint64_t mantissa;
    int exponent;
    int negative;
};

static struct parts take_apart(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int field = (int)(bits >> FRACTION_BITS & 0x7ff);
    uint64_t fraction = bits & ((1ULL << FRACTION_BITS) - 1);
    assert(field != 0x7ff);
    if (field == 0)
        return (struct parts){fraction, LOWEST_EXPONENT, bits >> 63 != 0};
    return (struct parts){fraction | 1ULL << FRACTION_BITS, field - 1 + LOWEST_EXPONENT, bits >> 63 != 0};
}

int at_ceil_log2(int64_t n)
{
    int bits = 0;
    while ((int64_t)1 << bits < n)
        bits++;
    return bits;
}

int at_top(double value)
{
    struct parts x = take_apart(value);
    return x.mantissa ? x.exponent + 64 - __builtin_clzll(x.mantissa) : INT_MIN;
}

/* Widens `span` to hold `value`; low > high while it holds nothing. */
static void widen(struct at_span *span, double value)
{
    struct parts x = take_apart(value);
    if (x.mantissa == 0)
        return;
    int low = x.exponent + __builtin_ctzll(x.mantissa), high = x.exponent + 64 - __builtin_clzll(x.mantissa);
    span->low = low < span->low ? low : span->low;
    span->high = high > span->high ? high : span->high;
}

static const struct at_span NOTHING = {INT_MAX, INT_MIN};

struct at_span at_span_of(const double *values, int64_t count)
{
    struct at_span span = NOTHING;
    for (int64_t i = 0; i < count; i++)
        widen(&span, values[i]);
    return span.low <= span.high ? span : (struct at_span){0, 0};
}

void at_spans_of_columns(const double *values, int64_t rows, int64_t columns, struct at_span *ret_spans)
{
    for (int64_t c = 0; c < columns; c++)
        ret_spans[c] = NOTHING;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t c = 0; c < columns; c++)
            widen(&ret_spans[c], values[i * columns + c]);
    for (int64_t c = 0; c < columns; c++)
        if (ret_spans[c].low > ret_spans[c].high)
            ret_spans[c] = (struct at_span){0, 0};
}

int64_t at_integer(double value, int low, int width)
{
    assert(width > 0 && width <= AT_INTEGER_BITS);
    struct parts x = take_apart(value);
    int shift = x.exponent - low;
    if (shift >= width || shift <= -64)
        return 0;
    uint64_t bits = shift >= 0 ? x.mantissa << shift : x.mantissa >> -shift; /* what leaves at the top is not among the width bits */
    int64_t magnitude = (int64_t)(bits & ((1ULL << width) - 1));
    return x.negative ? -magnitude : magnitude;
}

at_int128 at_integer_dot(const int64_t *a, const int64_t *b, int64_t count)
{
    at_int128 sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (at_int128)a[i] * b[i];
    return sum;
}
