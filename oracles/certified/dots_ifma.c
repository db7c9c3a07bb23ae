/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/lanes.h"

#include <immintrin.h>

/*
 * q' = q + 2^51 and k' = k + 2^51 are below 2^52; with Y = sum k' + (sum q' - score_dim 2^51), sum q k = sum q' k' - 2^51 Y (eq. 11). The
 * sums of the 52 low and the 52 high bits of the products stay below score_dim 2^52 <= 2^63.
 */
void at_certified_dots_ifma(const struct at_certified_operand *q, const struct at_certified_operand *k, int64_t keys, int64_t stride,
                            double *high, double *low)
{
    enum { ROWS = AT_CERTIFIED_ROWS };
    const __m512i mask = _mm512_set1_epi64(((int64_t)1 << 52) - 1), one = _mm512_set1_epi64(1);
    int64_t dim = k->score_dim;
    for (int64_t j = 0; j < keys; j += AT_CERTIFIED_PANEL) {
        const int64_t *panel = k->n + j * dim;
        __m512i lower[ROWS], upper[ROWS];
#pragma GCC unroll 8
        for (int i = 0; i < ROWS; i++)
            lower[i] = upper[i] = _mm512_setzero_si512();
        for (int64_t d = 0; d < dim; d++) {
            __m512i key = _mm512_loadu_si512(panel + d * AT_CERTIFIED_PANEL);
#pragma GCC unroll 8
            for (int i = 0; i < ROWS; i++) {
                __m512i query = _mm512_set1_epi64(q->n[i * dim + d]);
                lower[i] = _mm512_madd52lo_epu64(lower[i], query, key);
                upper[i] = _mm512_madd52hi_epu64(upper[i], query, key);
            }
        }
        __m512i key_sum = _mm512_loadu_si512(k->sum + j);
#pragma GCC unroll 8
        for (int i = 0; i < ROWS; i++) {
            __m512i y = _mm512_add_epi64(key_sum, _mm512_set1_epi64(q->sum[i]));
            __m512i l = _mm512_sub_epi64(lower[i], _mm512_slli_epi64(_mm512_and_si512(y, one), 51));
            __m512i h = _mm512_sub_epi64(upper[i], _mm512_srai_epi64(y, 1));
            h = _mm512_add_epi64(h, _mm512_srai_epi64(l, 52));
            l = _mm512_and_si512(l, mask);
            _mm512_storeu_pd(high + i * stride + j, _mm512_mul_pd(_mm512_cvtepi64_pd(h), _mm512_set1_pd(0x1p52)));
            _mm512_storeu_pd(low + i * stride + j, _mm512_cvtepi64_pd(l));
        }
    }
}
