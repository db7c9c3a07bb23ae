/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/forward/kernel.cuh"
#include "kernels/attention/fwd_f16_sm90/config.h"

#define F16(...) AT_FORWARD_KERNEL(f16, f16, f16, f16, __VA_ARGS__)
#define BF16(...) AT_FORWARD_KERNEL(bf16, bf16, bf16, bf16, __VA_ARGS__)

AT_FWD_F16_TILES(F16)
AT_FWD_F16_TILES(BF16)
