/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include <immintrin.h>
#include <stdint.h>

enum { WIDTH = 8 };

typedef uint32_t vu __attribute__((vector_size(32)));
typedef int32_t vi __attribute__((vector_size(32)));

/* column[row], row below 64 */
static inline vu look_up(const uint32_t *column, vu row)
{
    return (vu)_mm256_i32gather_epi32((const int *)(const void *)column, (__m256i)row, 4);
}

static inline vu add_where_bit(vu sum, vu term, vu y, int j)
{
    __m256i bit = _mm256_set1_epi16((short)(1 << j)), has = _mm256_cmpeq_epi16(_mm256_and_si256((__m256i)y, bit), bit);
    return (vu)_mm256_add_epi16((__m256i)sum, _mm256_and_si256((__m256i)term, has));
}

static inline vu shift_words(vu y, int count)
{
    return (vu)_mm256_srli_epi16((__m256i)y, count);
}

#define LANES at_lanes_avx2
#include "kernels/twin/lanes_loops.h"
