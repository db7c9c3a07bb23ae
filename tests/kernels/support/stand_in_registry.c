/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stand_in_attention.h"

const struct at_kernel *const at_kernels[] = {&at_kernel_stand_in};
const size_t at_kernel_count = 1;
