/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/probe.h"

const struct at_probe at_probe_wgmma_e4m3 = {
    .name = "wgmma-e4m3",
    .summary = "E8, E16: dot products of e4m3",
    .instruction = "wgmma.mma_async.sync.aligned.m64nNk32.f32.e4m3.e4m3",
    .code = "e4m3_e4m3",
    .a = AT_E4M3,
    .b = AT_E4M3,
};
