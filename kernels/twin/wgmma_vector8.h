/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The chain of instructions on 8-bit operands, once for every vector width: included by wgmma_vector.h. Deliberately without an include
 * guard.
 *
 * A truncating fused multiply-add does a term's product, its alignment and its sum in one: an accumulator of M = 2^(E - F + 23) is, in
 * fp32, a multiple of 2^(E - F), and stays one while it is in [M, 2 M); adding a positive product and rounding toward zero adds the
 * product truncated to 2^(E - F). Positive terms go to one accumulator, negative ones to its mirror image, so each column of B is kept
 * as max(b, 0) and min(b, 0) and a negative element of A swaps them. 33 terms below 4 * 2^E stay below M = 2^10 * 2^E. Both
 * accumulators together are then the exact sum, and clearing low bits truncates it to 14; that also makes the subnormals of an
 * accumulator alone multiples of 2^-139, whose M is half of what E says.
 *
 * E is found first, as bytes: zeros have AT_PANEL_NOTHING, so that a sum below AT_PANEL_SOMETHING is that of no product.
 */

enum { DEPTH8 = 32, FRACTION8 = 13, ROWS_OF_LARGEST = 4 };

/* Rows of one instruction: A's elements, their exponents four times in a word, and the largest exponents of a block's products. */
struct at_rows8 {
    const float *a[AT_CHAINS_AT_ONCE];
    float *d[AT_CHAINS_AT_ONCE];
    bool negative[AT_CHAINS_AT_ONCE];
    uint32_t exponent[AT_CHAINS_AT_ONCE][DEPTH8];
    _Alignas(64) int8_t largest[AT_CHAINS_AT_ONCE][AT_PANEL_BLOCK];
};

static void rows8_set(struct at_rows8 *rows, int64_t r, const struct at_panel_row *a, int64_t k)
{
    uint32_t signs = 0;
    rows->a[r] = a->value + k;
    for (int i = 0; i < DEPTH8; i++) {
        int e = a->exponent[k + i] < AT_PANEL_NOTHING ? AT_PANEL_NOTHING : a->exponent[k + i]; /* W2c */
        rows->exponent[r][i] = (uint32_t)(uint8_t)e * 0x01010101u;
        signs |= bits_of(a->value[k + i]);
    }
    rows->negative[r] = signs >> 31;
}

/* The largest exponents of the products of `count` rows from `first`, -128 where no product is nonzero. */
static inline ALWAYS void largest8(struct at_rows8 *rows, int64_t first, const int8_t *exponent, const int count)
{
    vb largest[ROWS_OF_LARGEST];
    UNROLLED for (int r = 0; r < count; r++)
        largest[r] = vb_set(INT8_MIN);
    for (int k = 0; k < DEPTH8; k++) {
        vb e = vb_load(exponent + k * AT_PANEL_BLOCK);
        UNROLLED for (int r = 0; r < count; r++)
            largest[r] = vb_max(largest[r], vb_add(e, vb_spread(rows->exponent[first + r][k]))); /* W2a */
    }
    UNROLLED for (int r = 0; r < count; r++)
        vb_store(rows->largest[first + r], vb_least_below(largest[r], AT_PANEL_SOMETHING));
}

/* One instruction for `count` rows from `first` and `vectors` vectors of columns; `swap`: A may have negative elements. */
static inline ALWAYS void instruction8(const struct at_rows8 *rows, int64_t first, const float *part, int64_t n, const int count,
                                       const int vectors, const bool swap)
{
    vf positive[ROWS8][4], negative[ROWS8][4];
    UNROLLED for (int r = 0; r < count; r++)
        UNROLLED for (int v = 0; v < vectors; v++) {
            vf c = vf_load(rows->d[first + r] + n + v * LANES);
            vi field = vi_max(vi_field(c), vi_add(vb_widen(rows->largest[first + r] + v * LANES), vi_set(127)));
            vf start = vf_of_field(vi_add(field, vi_set(23 - FRACTION8))); /* W3a */
            positive[r][v] = vf_add_truncated(start, vf_max(c, vf_set(0))); /* W3e */
            negative[r][v] = vf_sub_truncated(vf_min(c, vf_set(0)), start);
        }
    for (int k = 0; k < DEPTH8; k++, part += 2 * AT_PANEL_BLOCK)
        UNROLLED for (int r = 0; r < count; r++) {
            float a = rows->a[first + r][k];
            uint32_t other = swap ? bits_of(a) >> 31 << AT_PANEL_BLOCK_LOG2 : 0;
            const float *above = part + other, *below = part + (other ^ AT_PANEL_BLOCK);
            UNROLLED for (int v = 0; v < vectors; v++) {
                positive[r][v] = vf_fma_truncated(vf_set(a), vf_load(above + v * LANES), positive[r][v]); /* W3c */
                negative[r][v] = vf_fma_truncated(vf_set(a), vf_load(below + v * LANES), negative[r][v]); /* W3d */
            }
        }
    UNROLLED for (int r = 0; r < count; r++)
        UNROLLED for (int v = 0; v < vectors; v++)
            vf_store(rows->d[first + r] + n + v * LANES, vf_clear(vf_add(positive[r][v], negative[r][v]), 0x3ff)); /* W4e */
}

_Static_assert(ROWS8 <= 2, "block8 looks at the first and the last row's signs");

static inline ALWAYS void block8(struct at_rows8 *rows, int64_t count, const float *part, const int8_t *exponent, int64_t n,
                                 const int vectors)
{
    int64_t r = 0;
    for (; r + ROWS_OF_LARGEST <= count; r += ROWS_OF_LARGEST)
        largest8(rows, r, exponent, ROWS_OF_LARGEST);
    for (; r < count; r++)
        largest8(rows, r, exponent, 1);
    for (r = 0; r + ROWS8 <= count; r += ROWS8)
        if (rows->negative[r] | rows->negative[r + ROWS8 - 1])
            instruction8(rows, r, part, n, ROWS8, vectors, true);
        else
            instruction8(rows, r, part, n, ROWS8, vectors, false);
    for (; r < count; r++)
        instruction8(rows, r, part, n, 1, vectors, true);
}

static void chain8(const struct at_chain *chains, int64_t count, const struct at_panel *b, int64_t first, int64_t last)
{
    struct at_rows8 rows;
    for (int64_t r = 0; r < count; r++)
        rows.d[r] = chains[r].d;
    for (int64_t n = 0; n < b->n; n += 4 * LANES)
        for (int64_t k = first; k < last; k += DEPTH8) { /* E8b */
            int64_t at = (n / AT_PANEL_BLOCK * b->k + k) * AT_PANEL_BLOCK + n % AT_PANEL_BLOCK;
            const float *part = b->part + (n / AT_PANEL_BLOCK * b->k + k) * 2 * AT_PANEL_BLOCK + n % AT_PANEL_BLOCK;
            for (int64_t r = 0; r < count; r++)
                rows8_set(&rows, r, chains[r].a, k);
            if (b->n - n < 4 * LANES)
                block8(&rows, count, part, b->narrow + at, n, 2);
            else
                block8(&rows, count, part, b->narrow + at, n, 4);
        }
}
