/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_FAKE_KERNELS_H
#define AT_TESTS_KERNELS_FAKE_KERNELS_H

#include "core/format.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What the kernels of kernels/probes/probes.cu compute, on the CPU. A dot product is stated by support/dot_spec.c where that reaches: for
 * finite operands and accumulators, every FAKE_SPEC_EVERY-th output; the others, and those with NaN or infinity, are the twin's. The casts
 * are those of tests/core/format_spec.c; ex2, rcp and lg2 are the twin's.
 */
enum { FAKE_SPEC_EVERY = 4 };

struct fake_kernel {
    char name[64];
    int columns;             /* of a dot product; 0: one result for each float */
    enum at_format a, b;     /* operands of a dot product */
    uint32_t (*of)(float x); /* else; NULL for those of probes/spin.cu and for attention */
    bool attention;          /* stand_in_attention.c's */
};

/* Whether the image has a kernel of that name. */
bool fake_kernel_find(const char *name, struct fake_kernel *ret_kernel);

/* D of `cases` products of 64 rows: A and B in rows of 32 bytes, B by columns. */
void fake_dots(const struct fake_kernel *kernel, const void *a, const void *b, const float *c, int cases, int accumulate, float *ret_d);

/* The kernel of stand_in_attention.c: its CUresult. With the fault that is asked for when `wrong`. */
int fake_attend(void **arguments, bool wrong);

void fake_floats(const struct fake_kernel *kernel, uint32_t first, int count, uint32_t *ret_out);

#endif
