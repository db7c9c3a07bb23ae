/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_ENTRY_H
#define AT_TESTS_KERNELS_ENTRY_H

#include "kernels/attention/kernel.h"

/* What a registered kernel says of variants: two query heads, one of keys, 5 x 9. */

/* The kernel of that name; the test fails where there is none. */
const struct at_kernel *entry_named(const char *name);

/* It computes each of these, for every head dimension, masked and not. */
void assert_computes(const struct at_kernel *kernel, const char *const *spelled, size_t count);

/* It refuses each of these, with `part` in the message. */
void assert_refuses(const struct at_kernel *kernel, const char *const *spelled, size_t count, const char *part);

/* A block of an H200 has 227 KiB, 64 Ki registers, and a tile copies at most 256 rows at once. */
#define ENTRY_FITS(SIZE, DIM, ROWS, KEYS, STAGES) \
    assert_true(AT_FORWARD_SHARED(DIM, ROWS, KEYS, STAGES, SIZE) <= 227 << 10); \
    assert_true(ROWS % AT_FORWARD_CONSUMER_ROWS == 0 && ROWS <= 192 && KEYS <= 256);

#endif
