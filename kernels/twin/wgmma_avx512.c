/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/wgmma.h"

#include <immintrin.h>
#include <string.h>

enum { LANES = 16 };

typedef __m512 vf;
typedef __m512i vi;
typedef __m512i vs;

/* clang-format off: the vocabulary, a line a word */
static inline vf vf_load(const float *x)
{
    return _mm512_loadu_ps(x);
}
static inline vf vf_set(float x)
{
    return _mm512_set1_ps(x);
}
static inline vf vf_mul(vf a, vf b)
{
    return _mm512_mul_ps(a, b);
}
static inline vi vf_truncate(vf a)
{
    return _mm512_cvttps_epi32(a); /* W3b */
}
static inline vi vi_zero(void)
{
    return _mm512_setzero_si512();
}
static inline vi vi_add(vi a, vi b)
{
    return _mm512_add_epi32(a, b);
}
static inline void vi_store(int32_t *x, vi a)
{
    _mm512_storeu_si512(x, a);
}
static inline vs vs_load(const int16_t *x)
{
    return _mm512_loadu_si512(x);
}
static inline vs vs_set(int16_t x)
{
    return _mm512_set1_epi16(x);
}
static inline vs vs_add(vs a, vs b)
{
    return _mm512_add_epi16(a, b);
}
static inline vs vs_max(vs a, vs b)
{
    return _mm512_max_epi16(a, b);
}
static inline vi vs_low(vs a)
{
    return _mm512_cvtepi16_epi32(_mm512_castsi512_si256(a));
}
static inline vi vs_high(vs a)
{
    return _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(a, 1));
}
/* clang-format on */

/* 2^(fraction - e), with e taken as at least fraction - 127 (there every product is zero). */
static inline vf vf_power(int fraction, vi e)
{
    vi floor = _mm512_max_epi32(e, _mm512_set1_epi32(fraction - 127));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_sub_epi32(_mm512_set1_epi32(fraction + 127), floor), 23)); /* W3a */
}

/* e of fp32 accumulators, AT_WGMMA_ZERO for zeros. */
static inline vi vi_exponent(vf c)
{
    vi field = _mm512_and_si512(_mm512_srli_epi32(_mm512_castps_si512(c), 23), _mm512_set1_epi32(0xff));
    vi e = _mm512_max_epi32(_mm512_sub_epi32(field, _mm512_set1_epi32(127)), _mm512_set1_epi32(-126)); /* W1a */
    __mmask16 zero = _mm512_cmp_ps_mask(c, _mm512_setzero_ps(), _CMP_EQ_OQ);
    return _mm512_mask_mov_epi32(e, zero, _mm512_set1_epi32(AT_WGMMA_ZERO)); /* W2c */
}

static inline vs vs_exponents(vf low, vf high)
{
    __m256i l = _mm512_cvtepi32_epi16(vi_exponent(low)), h = _mm512_cvtepi32_epi16(vi_exponent(high));
    return _mm512_inserti64x4(_mm512_castsi256_si512(l), h, 1);
}

#define CHAIN at_wgmma_chain_avx512
#include "kernels/twin/wgmma_vector.h"
