/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/probe.h"

const struct at_probe at_probe_wgmma_tf32 = {
    .name = "wgmma-tf32",
    .summary = "dot products of tf32",
    .instruction = "wgmma.mma_async.sync.aligned.m64nNk8.f32.tf32.tf32",
    .code = "tf32_tf32",
    .a = AT_FP32,
    .b = AT_FP32,
};
