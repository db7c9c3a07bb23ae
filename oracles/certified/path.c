/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/path.h"

const char *const at_certified_path_names[AT_CERTIFIED_PATH_COUNT] = {"auto", "portable", "avx2", "avx512"};

bool at_certified_available(enum at_certified_path path)
{
    switch (path) {
    case AT_CERTIFIED_AUTO:
    case AT_CERTIFIED_PORTABLE: return true;
#ifdef AT_HAVE_X86_PATHS
    case AT_CERTIFIED_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case AT_CERTIFIED_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
#endif
    default: return false;
    }
}

const struct at_certified_lanes *at_certified_lanes_of(enum at_certified_path path, bool *ret_have_ifma)
{
    *ret_have_ifma = false;
#ifdef AT_HAVE_X86_PATHS
    if (path == AT_CERTIFIED_AVX512 || (path == AT_CERTIFIED_AUTO && at_certified_available(AT_CERTIFIED_AVX512))) {
        *ret_have_ifma = __builtin_cpu_supports("avx512ifma");
        return &at_certified_lanes_avx512;
    }
    if (path == AT_CERTIFIED_AVX2 || (path == AT_CERTIFIED_AUTO && at_certified_available(AT_CERTIFIED_AVX2)))
        return &at_certified_lanes_avx2;
#endif
    (void)path;
    return &at_certified_lanes_portable;
}
