/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_SIMD_H
#define AT_CORE_SIMD_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which implementation of arithmetic on many numbers runs; all that attest has give the same bits. */
enum at_simd { AT_SIMD_AUTO, AT_SIMD_SCALAR, AT_SIMD_AVX2, AT_SIMD_AVX512, AT_SIMD_COUNT };

extern const char *const at_simd_names[AT_SIMD_COUNT];

/* Whether this build and this machine can run `simd`; AT_SIMD_AUTO and AT_SIMD_SCALAR always. */
bool at_simd_available(enum at_simd simd);

/* What AT_SIMD_AUTO takes here. */
enum at_simd at_simd_best(void);

#ifdef __cplusplus
}
#endif

#endif
