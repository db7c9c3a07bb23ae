/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/path.h"

const struct at_certified_lanes *at_certified_lanes_of(enum at_simd simd)
{
#ifdef AT_HAVE_X86_PATHS
    switch (simd == AT_SIMD_AUTO ? at_simd_best() : simd) {
    case AT_SIMD_AVX512: return &at_certified_lanes_avx512;
    case AT_SIMD_AVX2: return &at_certified_lanes_avx2;
    default: break;
    }
#endif
    (void)simd;
    return &at_certified_lanes_portable;
}
