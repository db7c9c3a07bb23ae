/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */

/* All probes: one image. */
#include "kernels/probes/dots.cuh"
#include "kernels/probes/floats.cuh"
