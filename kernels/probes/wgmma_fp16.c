/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/probe.h"

const struct at_probe at_probe_wgmma_fp16 = {
    .name = "wgmma-fp16",
    .summary = "E8, E16: dot products of fp16",
    .instruction = "wgmma.mma_async.sync.aligned.m64nNk16.f32.f16.f16",
    .code = "f16_f16",
    .a = AT_FP16,
    .b = AT_FP16,
};
