/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_COMMON_BURST_H
#define AT_KERNELS_COMMON_BURST_H

#include "kernels/common/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Launches back to back that are timed as one: what the host needs to start a kernel then shows once in `launches`. */
struct at_gpu_burst {
    at_gpu_enqueue *enqueue;
    void *context; /* of `enqueue` */
    int64_t launches;
};

/* An at_gpu_enqueue for at_gpu_time: `burst` is a struct at_gpu_burst. The first error ends it. */
enum at_status at_gpu_enqueue_burst(void *burst, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
