/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* There is an image: the emulation needs no other. */
#include "kernels/prepare/sm90/prepare_cuda.h"

const struct at_gpu_image at_prepare_image = {"", 1, 12000};
