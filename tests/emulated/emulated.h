/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_EMULATED_H
#define AT_TESTS_EMULATED_H

#include "kernels/common/gpu.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The source of kernels, compiled for the CPU: a thread of the GPU is a fibre that runs until it waits for others, warps and lanes in
 * changing order, and asynchronous copies arrive at once or as late as they may. So a missing barrier, a wrong index or a wait for what
 * never comes shows; the order in which a GPU makes stores visible does not. x86-64 only. Each emulated.cu has the kernels of one room.
 *
 * False: there is no such kernel, its shared memory is not what it lays out, or its threads wait for ever; `ret_why` says which.
 */
bool emulated_launch(const struct at_gpu_launch *launch, const char **ret_why);

/* What at_gpu_map_tensor writes here: a [batch][head][row][column] tensor, and its boxes. */
struct emulated_map {
    uint64_t address;
    int64_t sizes[4]; /* columns, rows, heads, batches */
    int element_bytes, row_bytes, box_rows; /* row_bytes: of a row of a box */
};

/* Of the GPU that gpu.c makes of it; one for a program and all its children. */
struct emulated_gpu {
    volatile int opened;         /* how often, by whichever process */
    volatile int open;           /* now */
    volatile int dying, failing; /* so many launches to come take their process down; fail */
    volatile bool exclusive;
};
extern struct emulated_gpu *emulated_gpu;

#ifdef __cplusplus
}
#endif

#endif
