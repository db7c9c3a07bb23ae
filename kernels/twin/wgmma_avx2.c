/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/wgmma.h"

#include <immintrin.h>
#include <string.h>

enum { LANES = 8 };

typedef __m256 vf;
typedef __m256i vi;
typedef __m256i vs;

/* clang-format off: the vocabulary, a line a word */
static inline vf vf_load(const float *x)
{
    return _mm256_loadu_ps(x);
}
static inline vf vf_set(float x)
{
    return _mm256_set1_ps(x);
}
static inline vf vf_mul(vf a, vf b)
{
    return _mm256_mul_ps(a, b);
}
static inline vi vf_truncate(vf a)
{
    return _mm256_cvttps_epi32(a); /* W3b */
}
static inline vi vi_zero(void)
{
    return _mm256_setzero_si256();
}
static inline vi vi_add(vi a, vi b)
{
    return _mm256_add_epi32(a, b);
}
static inline void vi_store(int32_t *x, vi a)
{
    _mm256_storeu_si256((__m256i *)(void *)x, a);
}
static inline vs vs_load(const int16_t *x)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)x);
}
static inline vs vs_set(int16_t x)
{
    return _mm256_set1_epi16(x);
}
static inline vs vs_add(vs a, vs b)
{
    return _mm256_add_epi16(a, b);
}
static inline vs vs_max(vs a, vs b)
{
    return _mm256_max_epi16(a, b);
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

static inline vs vs_exponents(vf low, vf high)
{
    return _mm256_permute4x64_epi64(_mm256_packs_epi32(vi_exponent(low), vi_exponent(high)), 0xd8);
}

#define CHAIN at_wgmma_chain_avx2
#include "kernels/twin/wgmma_vector.h"
