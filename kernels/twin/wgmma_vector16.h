/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The chain of instructions on 16-bit operands, once for every vector width: included by wgmma_vector.h, so without an include guard.
 *
 * For each column the largest exponent is found first (int16), then each product, exact in fp32, is multiplied by 2^(F - E), truncated
 * to an integer by the conversion itself and added. The sum of 16 products stays below 2^31: 16 * 2047^2 * 2^5 = 2145387008; with the
 * accumulator it may not, and then goes through doubles.
 */

enum { DEPTH16 = 16, FRACTION16 = 25, LEAST16 = -101 };

/* (sums + accumulators) * 2^(exponents - F) truncated to 24 bits, where the sum may leave int32; d where no product was nonzero. */
static void finish_wide(const int32_t *sums, const int32_t *accumulators, const int32_t *exponents, float *d)
{
    for (int i = 0; i < 2 * LANES; i++) {
        double total = (double)sums[i] + (double)accumulators[i];
        uint64_t bits;
        memcpy(&bits, &total, sizeof bits);
        bits &= UINT64_MAX << (53 - 24); /* W4f */
        memcpy(&total, &bits, sizeof total);
        if (exponents[i] >= LEAST16)
            d[i] = (float)ldexp(total, exponents[i] - FRACTION16);
    }
}

/* d <- sums * 2^(exponents - F) truncated to 24 bits; d, its sign gone from zeros, where no product was nonzero. */
static inline ALWAYS void finish(vi low, vi high, vs exponents, float *d)
{
    vi e[2] = {vs_low(exponents), vs_high(exponents)}, sums[2] = {low, high}, accumulators[2], totals[2];
    UNROLLED for (int h = 0; h < 2; h++) {
        accumulators[h] = vf_truncate(vf_mul(vf_load(d + h * LANES), vf_power(FRACTION16, e[h]))); /* W3e */
        totals[h] = vi_add(sums[h], accumulators[h]);
    }
    if (vi_overflowed(sums[0], accumulators[0], totals[0]) | vi_overflowed(sums[1], accumulators[1], totals[1])) {
        int32_t s[2 * LANES], c[2 * LANES], es[2 * LANES];
        UNROLLED for (int h = 0; h < 2; h++) {
            vi_store(s + h * LANES, sums[h]);
            vi_store(c + h * LANES, accumulators[h]);
            vi_store(es + h * LANES, e[h]);
            vf_store(d + h * LANES, vf_add(vf_load(d + h * LANES), vf_set(0)));
        }
        finish_wide(s, c, es, d);
        return;
    }
    UNROLLED for (int h = 0; h < 2; h++) {
        vf c = vf_add(vf_load(d + h * LANES), vf_set(0)), unit = vf_of_field(vi_add(e[h], vi_set(127 - FRACTION16))); /* W4c */
        vf_store(d + h * LANES, vf_where_below(e[h], LEAST16, c, vf_mul(vf_of_int_truncated(totals[h]), unit)));      /* W4e */
    }
}

/* Rows of one instruction: A's elements, and their exponents twice in a word. */
struct at_rows16 {
    const float *a[AT_CHAINS_AT_ONCE];
    float *d[AT_CHAINS_AT_ONCE];
    uint32_t exponent[AT_CHAINS_AT_ONCE][DEPTH16];
};

/* One instruction for `count` rows from `first`, the rows of B from `from`, and `pairs` times 2 * LANES columns from n. */
static inline ALWAYS void instruction16(const struct at_rows16 *rows, int64_t first, const struct at_panel *b, int64_t from, int64_t n,
                                        const int count, const int pairs)
{
    const int64_t at = from * b->n + n;
    vs largest[ROWS16][2];
    vf unit[ROWS16][4];
    vi sum[ROWS16][4];
    UNROLLED for (int r = 0; r < count; r++)
        UNROLLED for (int p = 0; p < pairs; p++)
            largest[r][p] = vs_exponents(rows->d[first + r] + n + 2 * p * LANES);
    for (int k = 0; k < DEPTH16; k++)
        UNROLLED for (int p = 0; p < pairs; p++) {
            vs e = vs_load(b->exponent + at + k * b->n + 2 * p * LANES);
            UNROLLED for (int r = 0; r < count; r++)
                largest[r][p] = vs_max(largest[r][p], vs_add(e, vs_spread(rows->exponent[first + r][k]))); /* W2a */
        }
    UNROLLED for (int r = 0; r < count; r++)
        UNROLLED for (int v = 0; v < 2 * pairs; v++) {
            unit[r][v] = vf_power(FRACTION16, v % 2 ? vs_high(largest[r][v / 2]) : vs_low(largest[r][v / 2]));
            sum[r][v] = vi_zero();
        }
    for (int k = 0; k < DEPTH16; k++)
        UNROLLED for (int v = 0; v < 2 * pairs; v++) {
            vf column = vf_load(b->value + at + k * b->n + v * LANES);
            UNROLLED for (int r = 0; r < count; r++) {
                vf product = vf_mul(vf_set(rows->a[first + r][k]), column);
                sum[r][v] = vi_add(sum[r][v], vf_truncate(vf_mul(product, unit[r][v]))); /* W3d */
            }
        }
    UNROLLED for (int r = 0; r < count; r++)
        UNROLLED for (int p = 0; p < pairs; p++)
            finish(sum[r][2 * p], sum[r][2 * p + 1], largest[r][p], rows->d[first + r] + n + 2 * p * LANES);
}

static inline ALWAYS void block16(const struct at_rows16 *rows, int64_t count, const struct at_panel *b, int64_t k, int64_t n,
                                  const int pairs)
{
    int64_t r = 0;
    for (; r + ROWS16 <= count; r += ROWS16)
        instruction16(rows, r, b, k, n, ROWS16, pairs);
    for (; r < count; r++)
        instruction16(rows, r, b, k, n, 1, pairs);
}

static void chain16(const struct at_chain *chains, int64_t count, const struct at_panel *b, int64_t first, int64_t last)
{
    struct at_rows16 rows;
    for (int64_t k = first; k < last; k += DEPTH16) { /* E8b */
        for (int64_t r = 0; r < count; r++) {
            rows.a[r] = chains[r].a->value + k;
            rows.d[r] = chains[r].d;
            for (int i = 0; i < DEPTH16; i++)
                rows.exponent[r][i] = (uint32_t)(uint16_t)chains[r].a->exponent[k + i] * 0x00010001u;
        }
        for (int64_t n = 0; n < b->n; n += 4 * LANES)
            if (b->n - n < 4 * LANES)
                block16(&rows, count, b, k, n, 1);
            else
                block16(&rows, count, b, k, n, 2);
    }
}
