/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_PREPARE_BENCH_H
#define AT_TESTS_KERNELS_PREPARE_BENCH_H

#include "core/guard.h"

#include <stdbool.h>

/* The argument. */
struct bench_choice {
    bool brief; /* few repeats */
};

/* Prints the median time of Q, K and V and of all three, the bytes read once and written once, and the share of a copy's speed. */
at_guarded prepare_bench;

#endif
