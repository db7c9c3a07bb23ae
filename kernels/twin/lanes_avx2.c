/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#define LANES at_lanes_avx2
#include "kernels/twin/lanes_loops.h"
