/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/probe.h"

static uint32_t twin(float x)
{
    return at_encode(AT_BF16, x, AT_OVERFLOW_IEEE) * 0x10001u; /* a pair */
}

const struct at_probe at_probe_cvt_bf16 = {
    .name = "cvt-bf16",
    .summary = "E6, E15, E23: the cast to bf16, all 2^32 floats",
    .instruction = "cvt.rn.bf16x2.f32",
    .code = "cvt_bf16",
    .twin = twin,
};
