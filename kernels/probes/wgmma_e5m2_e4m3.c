/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/probe.h"

const struct at_probe at_probe_wgmma_e5m2_e4m3 = {
    .name = "wgmma-e5m2-e4m3",
    .summary = "E8, E16: dot products of e5m2 with e4m3",
    .instruction = "wgmma.mma_async.sync.aligned.m64nNk32.f32.e5m2.e4m3",
    .code = "e5m2_e4m3",
    .a = AT_E5M2,
    .b = AT_E4M3,
};
