/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/probe.h"

#include "core/bits.h"
#include "kernels/twin/mufu.h"

static uint32_t twin(float x)
{
    return at_bits_of_float(at_ex2_approx(x));
}

const struct at_probe at_probe_ex2 = {
    .name = "ex2",
    .summary = "E13: 2^x, all 2^32 floats",
    .instruction = "ex2.approx.ftz.f32",
    .code = "ex2",
    .twin = twin,
};
