/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_CODES_H
#define AT_TESTS_KERNELS_CODES_H

#include "core/format.h"
#include "core/random.h"

/* Kinds of random operands: each stresses another part of the aligned sum. */
enum code_regime {
    CODES_RAW,       /* any finite bit pattern: the exponents lie far apart */
    CODES_NARROW,    /* exponents within 2^-2 to 2^1: many terms share the largest */
    CODES_SUBNORMAL, /* subnormals and signed zeros, one in eight normal */
    CODES_CANCEL,    /* pairs of columns of opposite sign: the sum nearly vanishes */
    CODES_SPARSE,    /* seven in eight are zeros of either sign */
    CODES_REGIME_COUNT
};

/* A finite code; neighbours 2 i and 2 i + 1 cancel in CODES_CANCEL when the other operand is the same there. */
uint32_t random_code(enum at_format format, enum code_regime regime, struct at_random key, uint64_t i);

/* An accumulator: zero of either sign, subnormal, any finite pattern, or near 1. */
float random_accumulator(struct at_random key, uint64_t i);

uint32_t bits_of(float x);
float float_of(uint32_t bits);

#endif
