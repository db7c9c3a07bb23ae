/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_STAND_IN_ATTENTION_H
#define AT_TESTS_KERNELS_STAND_IN_ATTENTION_H

#include "kernels/attention/kernel.h"

/*
 * An attention kernel that runs on the stand-in for the driver alone (fake_driver.h): all that the twin computes, except a smoothed Q,
 * whose correction needs elements that no GPU has, and normalised P, so that there is something to refuse. A program that is to
 * compute with it and with nothing else links stand_in_registry.c, whose at_kernels come before those of the library.
 */
extern const struct at_kernel at_kernel_stand_in;

/* Its one parameter. Addresses are in the GPU's memory. */
struct stand_in_arguments {
    struct at_problem problem;
    struct at_numerics numerics;
    struct at_device_operand q, k, v;
    uint64_t lse_shift, o, row_max, row_sum, lse;
};

#endif
