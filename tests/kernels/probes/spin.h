/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_SPIN_H
#define AT_TESTS_KERNELS_SPIN_H

#include "kernels/common/gpu.h"

/* The kernels of spin.cu; empty where the tests were built without nvcc. */
extern const struct at_gpu_image spin_image;

#endif
