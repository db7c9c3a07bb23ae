/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Scores by exact products of slices (eq. 11): included by lanes_body.h. Deliberately without an include guard. */

enum { DOT_KEYS = DOT_VECTORS * WIDTH };

/* Integers of at most 2^53 in all partial sums: no operation rounds. */
static inline void slice_products(const double *row, const float *panel, int64_t dim, vd sum[DOT_ROWS][DOT_VECTORS])
{
    for (int i = 0; i < DOT_ROWS; i++)
        for (int v = 0; v < DOT_VECTORS; v++)
            sum[i][v] = (vd){0};
    for (int64_t d = 0; d < dim; d++) {
        vd key[DOT_VECTORS];
#pragma GCC unroll 8
        for (int v = 0; v < DOT_VECTORS; v++)
            key[v] = load_floats(panel + d * AT_CERTIFIED_PANEL + v * WIDTH);
#pragma GCC unroll 8
        for (int i = 0; i < DOT_ROWS; i++) {
            vd query = all(row[i * dim + d]);
#pragma GCC unroll 8
            for (int v = 0; v < DOT_VECTORS; v++)
                sum[i][v] = EXACT_FUSED(query, key[v], sum[i][v]);
        }
    }
}

/* high + low += sum * factor: high takes multiples of 4, low what is left, at most 2 for each call. */
static inline void join(vd sum, vd factor, vd *high, vd *low)
{
    const vd magic = all(0x1.8p54);
    vd product = sum * factor, rest = fused(sum, factor, -product), coarse = (product + magic) - magic;
    *high = *high + coarse;
    *low = *low + ((product - coarse) + rest);
}

/* Rows `first` on and keys j on, DOT_ROWS and DOT_KEYS of them. */
static inline void dots_of_few(const struct at_certified_queries *q, const struct at_certified_keys *k, int64_t j, int first,
                                 vd high[DOT_ROWS][DOT_VECTORS], vd low[DOT_ROWS][DOT_VECTORS])
{
    enum { PANEL = AT_CERTIFIED_PANEL };
    int64_t dim = k->score_dim;
    int q_used = 0, k_used = 0;
    for (int i = 0; i < DOT_ROWS; i++)
        q_used = q->used[first + i] > q_used ? q->used[first + i] : q_used;
    for (int i = 0; i < DOT_KEYS; i++)
        k_used = k->used[j + i] > k_used ? k->used[j + i] : k_used;
    for (int a = 0; a < q_used; a++)
        for (int b = 0; b < k_used && a + b < AT_CERTIFIED_SLICES; b++) {
            const double *row = q->slice + (a * AT_CERTIFIED_ROWS + first) * dim;
            const float *panel = k->slice + (j / PANEL * k->slices + b) * dim * PANEL + j % PANEL;
            vd sum[DOT_ROWS][DOT_VECTORS], shift = all(power_of_two(-(a * q->width + b * k->width)));
            slice_products(row, panel, dim, sum);
#pragma GCC unroll 8
            for (int v = 0; v < DOT_VECTORS; v++) {
                vd factor = load(k->factor + j + v * WIDTH) * shift;
#pragma GCC unroll 8
                for (int i = 0; i < DOT_ROWS; i++)
                    join(sum[i][v], factor, &high[i][v], &low[i][v]);
            }
        }
}

static void dots(const struct at_certified_queries *q, const struct at_certified_keys *k, int64_t from, int64_t end, int64_t stride,
                 double *to_high, double *to_low)
{
    const vd magic = all(0x1.8p54);
    for (int64_t j = from; j < end; j += DOT_KEYS)
        for (int first = 0; first < AT_CERTIFIED_ROWS; first += DOT_ROWS) {
            vd high[DOT_ROWS][DOT_VECTORS] = {{{0}}}, low[DOT_ROWS][DOT_VECTORS] = {{{0}}};
            dots_of_few(q, k, j, first, high, low);
            for (int i = 0; i < DOT_ROWS; i++)
                for (int v = 0; v < DOT_VECTORS; v++) {
                    vd carry = (low[i][v] + magic) - magic;
                    int64_t at = (first + i) * stride + j + v * WIDTH;
                    store(to_high + at, high[i][v] + carry);
                    store(to_low + at, low[i][v] - carry);
                }
        }
}
