/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_COMMON_GPU_STATE_H
#define AT_KERNELS_COMMON_GPU_STATE_H

#include "kernels/common/driver.h"
#include "kernels/common/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the files behind gpu.h share. */

enum { AT_GPU_MOST_IMAGES = 8 };

struct at_gpu {
    const struct at_driver *driver;
    struct at_gpu_facts facts;
    int device, images;
    void *context, *modules[AT_GPU_MOST_IMAGES];
    const struct at_gpu_image *loaded[AT_GPU_MOST_IMAGES];
};

#ifdef __cplusplus
}
#endif

#endif
