/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ATTENTION_ABLATION_H
#define AT_TESTS_ATTENTION_ABLATION_H

#include "kernels/common/gpu.h"

extern const struct at_gpu_image ablation_image;

#endif
