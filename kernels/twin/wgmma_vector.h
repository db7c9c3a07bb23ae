/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The chain of instructions on vector units, once for every width: included by wgmma_avx2.c and wgmma_avx512.c, which define the
 * vocabulary (vf fp32, vi int32, vs int16; LANES fp32 lanes) and CHAIN, the function's name. Deliberately without an include guard.
 *
 * For each output column the largest exponent is found first (int16), then each product a b, exact in fp32, is multiplied by
 * 2^(F - E), truncated to an integer by the conversion itself and added: the truncated, aligned sum of wgmma.h. The sum of 16
 * products stays below 2^31: 16 * 2047^2 * 2^5 = 2145387008.
 */

enum { COLUMNS = 2 * LANES };

/* sums * 2^(exponents - F) with `significant` bits, truncated; the accumulator alone where no product was nonzero. */
static inline void finish(const struct at_wgmma_rounding *r, const int32_t *sums, const int32_t *accumulators, const int32_t *exponents,
                          float *d)
{
    const uint64_t keep = ~(((uint64_t)1 << (53 - r->significant)) - 1);       /* W4e */
    const uint32_t keep_float = ~(((uint32_t)1 << (24 - r->significant)) - 1); /* W4f */
    for (int i = 0; i < COLUMNS; i++) {
        double total = (double)sums[i] + (double)accumulators[i], unit;
        uint64_t bits, unit_bits = (uint64_t)(1023 + (exponents[i] < -101 ? 0 : exponents[i]) - r->fraction) << 52;
        uint32_t alone;
        memcpy(&bits, &total, sizeof bits);
        bits &= keep;
        memcpy(&total, &bits, sizeof total);
        memcpy(&unit, &unit_bits, sizeof unit);
        memcpy(&alone, &d[i], sizeof alone);
        alone &= keep_float;
        float accumulator;
        memcpy(&accumulator, &alone, sizeof accumulator);
        d[i] = exponents[i] < -101 ? accumulator + 0.0f : (float)(total * unit); /* W4c */
    }
}

/* One instruction for COLUMNS columns of one row. */
static inline void instruction(const struct at_wgmma_rounding *r, const float *a, const int16_t *a_exponent, const float *b,
                               const int16_t *b_exponent, int64_t stride, float *d)
{
    int32_t sums[COLUMNS], accumulators[COLUMNS], exponents[COLUMNS];
    vf c_low = vf_load(d), c_high = vf_load(d + LANES);
    vs largest = vs_exponents(c_low, c_high);
    for (int k = 0; k < r->depth; k++)
        largest = vs_max(largest, vs_add(vs_load(b_exponent + k * stride), vs_set(a_exponent[k]))); /* W2a */
    vi e_low = vs_low(largest), e_high = vs_high(largest);
    vf unit_low = vf_power(r->fraction, e_low), unit_high = vf_power(r->fraction, e_high);
    vi sum_low = vi_zero(), sum_high = vi_zero();
    for (int k = 0; k < r->depth; k++) {
        vf factor = vf_set(a[k]);
        sum_low = vi_add(sum_low, vf_truncate(vf_mul(vf_mul(factor, vf_load(b + k * stride)), unit_low))); /* W3d */
        sum_high = vi_add(sum_high, vf_truncate(vf_mul(vf_mul(factor, vf_load(b + k * stride + LANES)), unit_high)));
    }
    vi_store(sums, sum_low);
    vi_store(sums + LANES, sum_high);
    vi_store(accumulators, vf_truncate(vf_mul(c_low, unit_low))); /* W3e */
    vi_store(accumulators + LANES, vf_truncate(vf_mul(c_high, unit_high)));
    vi_store(exponents, e_low);
    vi_store(exponents + LANES, e_high);
    finish(r, sums, accumulators, exponents, d);
}

void CHAIN(const struct at_wgmma_rounding *rounding, const struct at_panel_row *a, const struct at_panel *b, int64_t first, int64_t last,
           float *d)
{
    const struct at_wgmma_rounding r = *rounding;
    for (int64_t n = 0; n < b->n; n += COLUMNS)
        for (int64_t k = first; k < last; k += r.depth) /* E8b */
            instruction(&r, a->value + k, a->exponent + k, b->value + k * b->n + n, b->exponent + k * b->n + n, b->n, d + n);
}
