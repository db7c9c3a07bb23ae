/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/probe.h"

#include "core/bits.h"
#include "kernels/twin/mufu.h"

static uint32_t twin(float x)
{
    return at_bits_of_float(at_rcp_approx(x));
}

const struct at_probe at_probe_rcp = {
    .name = "rcp",
    .summary = "E20: 1/x, all 2^32 floats",
    .instruction = "rcp.approx.ftz.f32",
    .code = "rcp",
    .twin = twin,
};
