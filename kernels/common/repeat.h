/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_COMMON_REPEAT_H
#define AT_KERNELS_COMMON_REPEAT_H

#include "kernels/common/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fills `total` bytes of the GPU's memory at `address` with its own first `bytes` bytes over and over; the last time may be cut short.
 * Enqueued, as at_gpu_copy.
 */
enum at_status at_gpu_repeat(struct at_gpu *gpu, uint64_t address, size_t bytes, size_t total, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
