/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/forward/kernel.cuh"
#include "kernels/attention/fwd_e4m3_sm90/config.h"

#define E4M3(...) AT_FORWARD_KERNEL(e4m3, e4m3, e4m3, bf16, __VA_ARGS__)
#define E5M2(...) AT_FORWARD_KERNEL(e5m2, e5m2, e5m2, bf16, __VA_ARGS__)
#define E5M2_CACHE(...) AT_FORWARD_KERNEL(e4m3, e5m2, e5m2, bf16, __VA_ARGS__)

AT_FWD_E4M3_RELEASED(E4M3)
AT_FWD_E4M3_RELEASED(E5M2)
AT_FWD_E4M3_RELEASED(E5M2_CACHE)
AT_FWD_E4M3_OWN(E4M3)
