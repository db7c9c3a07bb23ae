/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_CORE_FORMAT_SPEC_H
#define AT_TESTS_CORE_FORMAT_SPEC_H

#include "core/format.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What rounding to a format of 8 or 16 bits means, with nothing taken from src/core/format.c: a list of all values by their definition
 * and the midpoints between neighbours, all exact doubles. A magnitude x becomes the code whose two midpoints enclose it; on a
 * midpoint the even code wins; beyond the last midpoint it overflows.
 */
struct at_format_spec {
    uint32_t bits, nan, infinity; /* width; the NaN code for NaN inputs; what overflow gives in IEEE mode */
    uint32_t last;                /* code of the largest finite value; codes 0 to last have ascending values */
    double *value;                /* [last + 1] */
    double *midpoint;             /* [last + 1] between value[i] and its successor; the last one starts the overflow */
};

/* Free with at_format_spec_done. Not for AT_FP32, whose rounding is the identity. */
struct at_format_spec at_format_spec_make(enum at_format format);
void at_format_spec_done(struct at_format_spec *spec);

/* Smallest code c whose upper midpoint is not below x >= 0: where a walk over ascending x may start. last + 1 for overflow. */
uint32_t at_format_spec_find(const struct at_format_spec *spec, double x);

/* Advances `code` from a start at or below the right one to the one that x rounds to; last + 1 for overflow. */
uint32_t at_format_spec_step(const struct at_format_spec *spec, double x, uint32_t code);

/* The whole code, sign included, for the float with these bits, where `code` is what its magnitude rounds to. */
uint32_t at_format_spec_finish(const struct at_format_spec *spec, uint32_t float_bits, uint32_t code, enum at_overflow overflow);

/* The three steps together, for one float. */
uint32_t at_format_spec_encode(const struct at_format_spec *spec, uint32_t float_bits, enum at_overflow overflow);

float at_float_of_bits(uint32_t bits);
uint32_t at_bits_of_float(float value);

#ifdef __cplusplus
}
#endif

#endif
