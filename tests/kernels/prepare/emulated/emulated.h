/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_PREPARE_EMULATED_H
#define AT_TESTS_KERNELS_PREPARE_EMULATED_H

#include "kernels/common/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The source of the prepare kernels, compiled for the CPU: a thread of the GPU is a fibre that runs until it waits for others, all blocks
 * of a launch run at once, warps and lanes in changing order, and asynchronous copies arrive at once or as late as they may. So a missing
 * barrier, a wrong index or a block that waits for one that never comes shows; the order in which a GPU makes stores visible does not.
 * x86-64 only. The casts are at_encode, which the probes compare with the GPU's.
 *
 * False: there is no such kernel, or its threads wait for what never comes; `ret_why` says which.
 */
bool emulated_launch(const struct at_gpu_launch *launch, const char **ret_why);

#ifdef __cplusplus
}
#endif

#endif
