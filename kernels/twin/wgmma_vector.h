/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The chain of instructions on vector units, once for every width: included by wgmma_avx2.c and wgmma_avx512.c, which define the
 * vocabulary (vf fp32, vi int32, vs int16, vb int8; LANES fp32 lanes; ROWS8 and ROWS16, rows that share what is read of B) and CHAIN,
 * the function's name. Deliberately without an include guard.
 */

#define ALWAYS __attribute__((always_inline))
#define UNROLLED _Pragma("GCC unroll 8")

static inline uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

#include "kernels/twin/wgmma_vector16.h"
#include "kernels/twin/wgmma_vector8.h"

CHAIN(const struct at_chain *chains, int64_t count, const struct at_panel *b, int64_t first, int64_t last)
{
    if (at_formats[chains->a->format].bits == 8)
        chain8(chains, count, b, first, last);
    else
        chain16(chains, count, b, first, last);
}
