/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_FORMAT_H
#define AT_CORE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Binary number formats. A code is the bit pattern in the low bits of a uint32_t. e4m3 is the OCP "fn" kind: no infinity, NaN only
 * S.1111.111, maximum 448 (OCP 8-bit Floating Point Specification 1.0). The others are IEEE-like.
 */
enum at_format { AT_E4M3, AT_E5M2, AT_FP16, AT_BF16, AT_FP32, AT_FORMAT_COUNT };

struct at_format_info {
    const char *name;
    int bits;          /* width of a code: 8, 16, 32 */
    int mantissa_bits; /* stored fraction bits */
    int exponent_bits;
    int bias;
    int min_exponent; /* of the smallest normal number: 1 - bias */
    double max;       /* largest finite value */
    bool has_infinity;
};

extern const struct at_format_info at_formats[AT_FORMAT_COUNT];

/* What a value too large for the format becomes. */
enum at_overflow {
    AT_OVERFLOW_SATURATE, /* the largest finite value, as cvt.rn.satfinite; an infinity too; NaN stays NaN (positive) */
    AT_OVERFLOW_IEEE      /* infinity, or NaN where the format has none */
};

/* Width of one code in bytes: 1, 2 or 4. */
size_t at_format_size(enum at_format format);

/* The format named `name` ("e4m3"), or AT_FORMAT_COUNT. */
enum at_format at_format_find(const char *name);

/* The value of `code`, exactly: every value of every format is an fp32 number. NaN codes give a quiet NaN. */
float at_decode(enum at_format format, uint32_t code);

/* `value` rounded to nearest, ties to even; the sign of zero is kept; NaN gives 0x7f, 0x7f, 0x7fff, 0x7fff or 0x7fffffff. */
uint32_t at_encode(enum at_format format, float value, enum at_overflow overflow);

/* at_decode of `count` packed codes (1, 2 or 4 bytes each, native order) into `ret_values`. */
void at_decode_array(enum at_format format, const void *codes, size_t count, float *ret_values);

/* at_encode of `count` values into packed codes. */
void at_encode_array(enum at_format format, const float *values, size_t count, enum at_overflow overflow, void *ret_codes);

#ifdef __cplusplus
}
#endif

#endif
