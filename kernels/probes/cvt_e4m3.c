/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/probe.h"

static uint32_t twin(float x)
{
    return at_encode(AT_E4M3, x, AT_OVERFLOW_SATURATE) * 0x101u; /* a pair */
}

const struct at_probe at_probe_cvt_e4m3 = {
    .name = "cvt-e4m3",
    .summary = "E6, E15: the cast to e4m3, all 2^32 floats",
    .instruction = "cvt.rn.satfinite.e4m3x2.f32",
    .code = "cvt_e4m3",
    .twin = twin,
};
