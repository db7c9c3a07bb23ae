/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/wgmma.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

enum { LANES = 16, ROWS8 = 2, ROWS16 = 2 };

typedef __m512 vf;
typedef __m512i vi;
typedef __m512i vs;
typedef __m512i vb;

/* clang-format off: the vocabulary, a line a word */
static inline vf vf_load(const float *x)
{
    return _mm512_loadu_ps(x);
}
static inline void vf_store(float *x, vf a)
{
    _mm512_storeu_ps(x, a);
}
static inline vf vf_set(float x)
{
    return _mm512_set1_ps(x);
}
static inline vf vf_add(vf a, vf b)
{
    return _mm512_add_ps(a, b);
}
static inline vf vf_mul(vf a, vf b)
{
    return _mm512_mul_ps(a, b);
}
static inline vf vf_min(vf a, vf b)
{
    return _mm512_min_ps(a, b);
}
static inline vf vf_max(vf a, vf b)
{
    return _mm512_max_ps(a, b);
}
static inline vf vf_add_truncated(vf a, vf b)
{
    return _mm512_add_round_ps(a, b, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
}
static inline vf vf_sub_truncated(vf a, vf b)
{
    return _mm512_sub_round_ps(a, b, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
}
static inline vf vf_fma_truncated(vf a, vf b, vf c)
{
    return _mm512_fmadd_round_ps(a, b, c, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); /* W3f */
}
static inline vi vf_truncate(vf a)
{
    return _mm512_cvttps_epi32(a); /* W3b */
}
static inline vf vf_of_int_truncated(vi a)
{
    return _mm512_cvt_roundepi32_ps(a, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); /* W4e */
}
static inline vi vi_zero(void)
{
    return _mm512_setzero_si512();
}
static inline vi vi_set(int32_t x)
{
    return _mm512_set1_epi32(x);
}
static inline vi vi_add(vi a, vi b)
{
    return _mm512_add_epi32(a, b);
}
static inline vi vi_max(vi a, vi b)
{
    return _mm512_max_epi32(a, b);
}
static inline void vi_store(int32_t *x, vi a)
{
    _mm512_storeu_si512(x, a);
}
static inline vi vi_field(vf a)
{
    return _mm512_srli_epi32(_mm512_slli_epi32(_mm512_castps_si512(a), 1), 24);
}
static inline vf vf_of_field(vi field)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(field, 23));
}
static inline vf vf_clear(vf a, int32_t bits)
{
    return _mm512_castsi512_ps(_mm512_andnot_si512(_mm512_set1_epi32(bits), _mm512_castps_si512(a)));
}
static inline vs vs_load(const int16_t *x)
{
    return _mm512_loadu_si512(x);
}
static inline vs vs_spread(uint32_t twice)
{
    return _mm512_set1_epi32((int32_t)twice);
}
static inline vs vs_add(vs a, vs b)
{
    return _mm512_add_epi16(a, b);
}
static inline vs vs_max(vs a, vs b)
{
    return _mm512_max_epi16(a, b);
}
static inline vb vb_load(const int8_t *x)
{
    return _mm512_loadu_si512(x);
}
static inline void vb_store(int8_t *x, vb a)
{
    _mm512_storeu_si512(x, a);
}
static inline vb vb_set(int8_t x)
{
    return _mm512_set1_epi8(x);
}
static inline vb vb_spread(uint32_t four)
{
    return _mm512_set1_epi32((int32_t)four);
}
static inline vb vb_add(vb a, vb b)
{
    return _mm512_add_epi8(a, b);
}
static inline vb vb_max(vb a, vb b)
{
    return _mm512_max_epi8(a, b);
}
static inline vi vb_widen(const int8_t *x)
{
    return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)x));
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

/* x, or -128 where it is below `least`. */
static inline vb vb_least_below(vb x, int8_t least)
{
    return _mm512_mask_mov_epi8(_mm512_set1_epi8(INT8_MIN), _mm512_cmpge_epi8_mask(x, _mm512_set1_epi8(least)), x);
}

/* e < limit ? x : y */
static inline vf vf_where_below(vi e, int32_t limit, vf x, vf y)
{
    return _mm512_mask_mov_ps(y, _mm512_cmplt_epi32_mask(e, _mm512_set1_epi32(limit)), x);
}

/* Whether sum = a + b left int32 in some lane. */
static inline bool vi_overflowed(vi a, vi b, vi sum)
{
    return _mm512_movepi32_mask(_mm512_and_si512(_mm512_xor_si512(a, sum), _mm512_xor_si512(b, sum))) != 0;
}

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

/* Of 2 * LANES of them. */
static inline vs vs_exponents(const float *c)
{
    __m256i l = _mm512_cvtepi32_epi16(vi_exponent(vf_load(c))), h = _mm512_cvtepi32_epi16(vi_exponent(vf_load(c + LANES)));
    return _mm512_inserti64x4(_mm512_castsi256_si512(l), h, 1);
}

#define CHAIN void at_wgmma_chain_avx512
#include "kernels/twin/wgmma_vector.h"
