/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/forward/kernel.cuh"

/* Forward kernels with one part of the schedule taken away at a time: 128 x 128 tiles, d = 128. */
#define PARTS(FORMAT, OUTPUT, STAGES, MASK) \
    PART(_whole, FORMAT, OUTPUT, STAGES, MASK, overlap, turns, true) \
    PART(_no_turns, FORMAT, OUTPUT, STAGES, MASK, overlap, free, true) \
    PART(_late, FORMAT, OUTPUT, STAGES, MASK, overlap, late, true) \
    PART(_no_overlap, FORMAT, OUTPUT, STAGES, MASK, serial, turns, true) \
    PART(_no_producer, FORMAT, OUTPUT, STAGES, MASK, overlap, turns, false)

#define PART(SUFFIX, FORMAT, OUTPUT, STAGES, MASK, SCHEDULE, PACE, SPECIALISED) \
    AT_FORWARD_VARIATION(SUFFIX, FORMAT, FORMAT, FORMAT, OUTPUT, 128, 128, 128, STAGES, none, MASK, SCHEDULE, PACE, SPECIALISED)

PARTS(f16, f16, 2, full)
PARTS(f16, f16, 2, causal)
PARTS(e4m3, bf16, 3, full)
PARTS(e4m3, bf16, 3, causal)
