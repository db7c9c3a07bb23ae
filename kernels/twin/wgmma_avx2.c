/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/wgmma.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

enum { LANES = 8, ROWS8 = 1, ROWS16 = 1 };

typedef __m256 vf;
typedef __m256i vi;
typedef __m256i vs;
typedef __m256i vb;

/* The chains run with MXCSR rounding toward zero: what is not exact here truncates. */

/* clang-format off: the vocabulary, a line a word */
static inline vf vf_load(const float *x)
{
    return _mm256_loadu_ps(x);
}
static inline void vf_store(float *x, vf a)
{
    _mm256_storeu_ps(x, a);
}
static inline vf vf_set(float x)
{
    return _mm256_set1_ps(x);
}
static inline vf vf_add(vf a, vf b)
{
    return _mm256_add_ps(a, b);
}
static inline vf vf_mul(vf a, vf b)
{
    return _mm256_mul_ps(a, b);
}
static inline vf vf_min(vf a, vf b)
{
    return _mm256_min_ps(a, b);
}
static inline vf vf_max(vf a, vf b)
{
    return _mm256_max_ps(a, b);
}
static inline vf vf_add_truncated(vf a, vf b)
{
    return _mm256_add_ps(a, b);
}
static inline vf vf_sub_truncated(vf a, vf b)
{
    return _mm256_sub_ps(a, b);
}
static inline vf vf_fma_truncated(vf a, vf b, vf c)
{
    return _mm256_fmadd_ps(a, b, c);
}
static inline vi vf_truncate(vf a)
{
    return _mm256_cvttps_epi32(a); /* W3b */
}
static inline vf vf_of_int_truncated(vi a)
{
    return _mm256_cvtepi32_ps(a);
}
static inline vi vi_zero(void)
{
    return _mm256_setzero_si256();
}
static inline vi vi_set(int32_t x)
{
    return _mm256_set1_epi32(x);
}
static inline vi vi_add(vi a, vi b)
{
    return _mm256_add_epi32(a, b);
}
static inline vi vi_max(vi a, vi b)
{
    return _mm256_max_epi32(a, b);
}
static inline void vi_store(int32_t *x, vi a)
{
    _mm256_storeu_si256((__m256i *)(void *)x, a);
}
static inline vi vi_field(vf a)
{
    return _mm256_srli_epi32(_mm256_slli_epi32(_mm256_castps_si256(a), 1), 24);
}
static inline vf vf_of_field(vi field)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(field, 23));
}
static inline vf vf_clear(vf a, int32_t bits)
{
    return _mm256_castsi256_ps(_mm256_andnot_si256(_mm256_set1_epi32(bits), _mm256_castps_si256(a)));
}
static inline vs vs_load(const int16_t *x)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)x);
}
static inline vs vs_spread(uint32_t twice)
{
    return _mm256_set1_epi32((int32_t)twice);
}
static inline vs vs_add(vs a, vs b)
{
    return _mm256_add_epi16(a, b);
}
static inline vs vs_max(vs a, vs b)
{
    return _mm256_max_epi16(a, b);
}
static inline vb vb_load(const int8_t *x)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)x);
}
static inline void vb_store(int8_t *x, vb a)
{
    _mm256_storeu_si256((__m256i *)(void *)x, a);
}
static inline vb vb_set(int8_t x)
{
    return _mm256_set1_epi8(x);
}
static inline vb vb_spread(uint32_t four)
{
    return _mm256_set1_epi32((int32_t)four);
}
static inline vb vb_add(vb a, vb b)
{
    return _mm256_add_epi8(a, b);
}
static inline vb vb_max(vb a, vb b)
{
    return _mm256_max_epi8(a, b);
}
static inline vi vb_widen(const int8_t *x)
{
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)x));
}
static inline vi vs_low(vs a)
{
    return _mm256_cvtepi16_epi32(_mm256_castsi256_si128(a));
}
static inline vi vs_high(vs a)
{
    return _mm256_cvtepi16_epi32(_mm256_extracti128_si256(a, 1));
}
/* clang-format on */

/* x, or -128 where it is below `least`. */
static inline vb vb_least_below(vb x, int8_t least)
{
    return _mm256_blendv_epi8(x, _mm256_set1_epi8(INT8_MIN), _mm256_cmpgt_epi8(_mm256_set1_epi8(least), x));
}

/* e < limit ? x : y */
static inline vf vf_where_below(vi e, int32_t limit, vf x, vf y)
{
    return _mm256_blendv_ps(y, x, _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(limit), e)));
}

/* Whether sum = a + b left int32 in some lane. */
static inline bool vi_overflowed(vi a, vi b, vi sum)
{
    return _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_and_si256(_mm256_xor_si256(a, sum), _mm256_xor_si256(b, sum)))) != 0;
}

/* 2^(fraction - e), with e taken as at least fraction - 127 (there every product is zero). */
static inline vf vf_power(int fraction, vi e)
{
    vi floor = _mm256_max_epi32(e, _mm256_set1_epi32(fraction - 127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_sub_epi32(_mm256_set1_epi32(fraction + 127), floor), 23)); /* W3a */
}

/* e of fp32 accumulators, AT_WGMMA_ZERO for zeros. */
static inline vi vi_exponent(vf c)
{
    vi field = _mm256_and_si256(_mm256_srli_epi32(_mm256_castps_si256(c), 23), _mm256_set1_epi32(0xff));
    vi e = _mm256_max_epi32(_mm256_sub_epi32(field, _mm256_set1_epi32(127)), _mm256_set1_epi32(-126)); /* W1a */
    vi zero = _mm256_castps_si256(_mm256_cmp_ps(c, _mm256_setzero_ps(), _CMP_EQ_OQ));
    return _mm256_blendv_epi8(e, _mm256_set1_epi32(AT_WGMMA_ZERO), zero); /* W2c */
}

/* Of 2 * LANES of them. */
static inline vs vs_exponents(const float *c)
{
    return _mm256_permute4x64_epi64(_mm256_packs_epi32(vi_exponent(vf_load(c)), vi_exponent(vf_load(c + LANES))), 0xd8);
}

#define CHAIN static __attribute__((noipa)) void chains_truncated
#include "kernels/twin/wgmma_vector.h"

void at_wgmma_chain_avx2(const struct at_chain *chains, int64_t count, const struct at_panel *b, int64_t first, int64_t last)
{
    const unsigned saved = _mm_getcsr();
    _mm_setcsr(_MM_ROUND_TOWARD_ZERO | _MM_MASK_MASK); /* W3f */
    chains_truncated(chains, count, b, first, last);
    _mm_setcsr(saved);
}
