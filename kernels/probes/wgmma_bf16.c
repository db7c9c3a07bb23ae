/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/probe.h"

const struct at_probe at_probe_wgmma_bf16 = {
    .name = "wgmma-bf16",
    .summary = "E8, E16: dot products of bf16",
    .instruction = "wgmma.mma_async.sync.aligned.m64nNk16.f32.bf16.bf16",
    .code = "bf16_bf16",
    .a = AT_BF16,
    .b = AT_BF16,
};
