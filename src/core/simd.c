/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/simd.h"

const char *const at_simd_names[AT_SIMD_COUNT] = {"auto", "scalar", "avx2", "avx512"};

bool at_simd_available(enum at_simd simd)
{
    switch (simd) {
    case AT_SIMD_AUTO:
    case AT_SIMD_SCALAR: return true;
#ifdef AT_HAVE_X86_PATHS
    case AT_SIMD_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case AT_SIMD_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
#endif
    default: return false;
    }
}

enum at_simd at_simd_best(void)
{
    return at_simd_available(AT_SIMD_AVX512) ? AT_SIMD_AVX512 : at_simd_available(AT_SIMD_AVX2) ? AT_SIMD_AVX2 : AT_SIMD_SCALAR;
}
