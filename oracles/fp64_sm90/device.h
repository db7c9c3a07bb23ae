/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_DEVICE_H
#define AT_ORACLES_FP64_SM90_DEVICE_H

#include "kernels/common/gpu.h"
#include "oracles/fp64_sm90/fp64_sm90.h"
#include "oracles/fp64_sm90/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A batch's arrays on a GPU that holds at_fp64_image. */
struct at_fp64_device {
    struct at_gpu *gpu;
    const struct at_fp64_task *task;
    const struct at_fp64_arrays *arrays;                                          /* on the host */
    uint64_t q, k, v, kv_head, visible, reference, value, sum_abs, total, weight; /* addresses; 0 is none */
    struct at_fp64_arguments arguments;
};

/* Allocates all that the task needs there, and copies what goes there. AT_ERR_MEMORY. Both are borrowed. Free with _device_done. */
enum at_status at_fp64_device_init(struct at_fp64_device *ret_device, struct at_gpu *gpu, const struct at_fp64_task *task,
                                   const struct at_fp64_arrays *arrays, struct at_error *error);
void at_fp64_device_done(struct at_fp64_device *device);

/* Enqueue: the references, where a row wants one; the sums; the weights, where they are wanted. */
enum at_status at_fp64_device_refer(const struct at_fp64_device *device, struct at_error *error);
enum at_status at_fp64_device_attend(const struct at_fp64_device *device, struct at_error *error);
enum at_status at_fp64_device_weigh(const struct at_fp64_device *device, struct at_error *error);

/* Waits, and copies the results into the arrays. */
enum at_status at_fp64_device_fetch(const struct at_fp64_device *device, struct at_error *error);

/* All of it. */
enum at_status at_fp64_device_run(struct at_gpu *gpu, const struct at_fp64_task *task, const struct at_fp64_arrays *arrays,
                                  struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
