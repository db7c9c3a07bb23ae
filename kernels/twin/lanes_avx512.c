/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include <immintrin.h>
#include <stdint.h>

enum { WIDTH = 16 };

typedef uint32_t vu __attribute__((vector_size(64)));
typedef int32_t vi __attribute__((vector_size(64)));

/* column[row], row below 64 */
static inline vu look_up(const uint32_t *column, vu row)
{
    __m512i r = (__m512i)row, q[4];
    for (int i = 0; i < 4; i++)
        q[i] = _mm512_load_si512(column + 16 * i);
    __m512i low = _mm512_permutex2var_epi32(q[0], r, q[1]), high = _mm512_permutex2var_epi32(q[2], r, q[3]);
    return (vu)_mm512_mask_mov_epi32(low, _mm512_test_epi32_mask(r, _mm512_set1_epi32(32)), high);
}

static inline vu add_where_bit(vu sum, vu term, vu y, int j)
{
    __mmask32 has = _mm512_test_epi16_mask((__m512i)y, _mm512_set1_epi16((short)(1 << j)));
    return (vu)_mm512_mask_add_epi16((__m512i)sum, has, (__m512i)sum, (__m512i)term);
}

static inline vu shift_words(vu y, int count)
{
    return (vu)_mm512_srli_epi16((__m512i)y, (unsigned)count);
}

#define LANES at_lanes_avx512
#include "kernels/twin/lanes_loops.h"
