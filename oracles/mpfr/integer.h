/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_MPFR_INTEGER_H
#define AT_ORACLES_MPFR_INTEGER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

__extension__ typedef __int128 at_int128;
__extension__ typedef unsigned __int128 at_uint128;

/*
 * Doubles as integers times one power of two, exactly. Inputs of attention are short (11 bits of fp16, 4 bits of e4m3 times a 24-bit
 * scale), so that a whole vector usually fits; where it does not, nothing here rounds: the span says so.
 */

/* Every element is a multiple of 2^low and smaller than 2^high in magnitude. Of zeros alone: low = high = 0. */
struct at_span {
    int low, high;
};

/* Widest integer that at_integer makes. */
enum { AT_INTEGER_BITS = 62 };

/* The narrowest span of `count` finite doubles. */
struct at_span at_span_of(const double *values, int64_t count);

/* The narrowest span of each column of values[rows][columns] into ret_spans[columns]. */
void at_spans_of_columns(const double *values, int64_t rows, int64_t columns, struct at_span *ret_spans);

/* The smallest e >= 0 with n <= 2^e; n < 2^62. */
int at_ceil_log2(int64_t n);

/* The smallest e with |value| < 2^e; INT_MIN for 0. */
int at_top(double value);

/*
 * The bits [low, low + width) of |value|, as an integer below 2^width with the sign of value; width <= AT_INTEGER_BITS. If value is a
 * multiple of 2^low below 2^(low + n width), then value = sum over i < n of at_integer(value, low + i width, width) 2^(low + i width).
 */
int64_t at_integer(double value, int low, int width);

/* sum_i a[i] b[i], exactly, if |a[i]| < 2^x, |b[i]| < 2^y and x + y + log2(count) <= 127. */
at_int128 at_integer_dot(const int64_t *a, const int64_t *b, int64_t count);

#ifdef __cplusplus
}
#endif

#endif
