/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_ON_GPU_H
#define AT_STUDY_ON_GPU_H

#include "core/guard.h"
#include "study/gpu_task.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The work of a GPU's process: attention on `gpu`, which holds the kernel's image, from and into the task's memory. Numerics and problem
 * are what the kernel's check accepts. What it took on the GPU is given back when all went well; else the process is to end, and
 * a driver that hangs in that must not keep the reason back.
 */
enum at_status at_on_gpu_attend(struct at_gpu *gpu, const struct at_gpu_work *work, struct at_pulse *pulse, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
