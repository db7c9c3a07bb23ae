/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_FWD_E4M3_IMAGE_H
#define AT_KERNELS_FWD_E4M3_IMAGE_H

#include "kernels/common/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct at_gpu_image at_fwd_e4m3_image;

#ifdef __cplusplus
}
#endif

#endif
