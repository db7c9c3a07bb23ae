/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Exact scores in doubles (eq. 11): included by lanes_body.h. Deliberately without an include guard. */

/* Integers below 2^52 in all partial sums: no operation rounds. */
static void whole(const struct at_certified_operand *q, const struct at_certified_operand *k, int64_t keys, int64_t stride, double *high,
                  double *low)
{
    enum { VECTORS = AT_CERTIFIED_PANEL / WIDTH };
    int64_t dim = k->score_dim;
    for (int64_t j = 0; j < keys; j += AT_CERTIFIED_PANEL)
        for (int r = 0; r < AT_CERTIFIED_ROWS; r += DOT_ROWS) {
            const double *panel = k->a + j * dim, *row = q->a + r * dim;
            vd sum[DOT_ROWS][VECTORS] = {{{0}}};
            for (int64_t d = 0; d < dim; d++)
                for (int v = 0; v < VECTORS; v++) {
                    vd key = load(panel + d * AT_CERTIFIED_PANEL + v * WIDTH);
                    for (int i = 0; i < DOT_ROWS; i++)
                        sum[i][v] = EXACT_FUSED(all(row[i * dim + d]), key, sum[i][v]);
                }
            for (int i = 0; i < DOT_ROWS; i++)
                for (int v = 0; v < VECTORS; v++) {
                    store(high + (r + i) * stride + j + v * WIDTH, (vd){0});
                    store(low + (r + i) * stride + j + v * WIDTH, sum[i][v]);
                }
        }
}

/* s = part[0] 2^(m + n) + part[1] 2^m + part[2] 2^n + part[3], all integers of at most 2^53, as a multiple of 2^52 and the rest. */
static void join(const double part[4], int m, int n, double *ret_high, double *ret_low)
{
    __extension__ typedef __int128 wide;
    wide s = (((wide)1 << (m + n)) * (int64_t)part[0]) + (((wide)1 << m) * (int64_t)part[1]) + (((wide)1 << n) * (int64_t)part[2]) +
             (int64_t)part[3];
    *ret_high = (double)(int64_t)(s >> 52) * 0x1p52;
    *ret_low = (double)(int64_t)(s & (((wide)1 << 52) - 1));
}

/* q = qa 2^m + qb, k = ka 2^n + kb: four dot products of integers, partial sums at most 2^53. */
static void halves(const struct at_certified_operand *q, const struct at_certified_operand *k, int64_t keys, int64_t stride, double *high,
                   double *low)
{
    int64_t dim = k->score_dim;
    for (int64_t j = 0; j < keys; j += WIDTH)
        for (int r = 0; r < AT_CERTIFIED_ROWS; r += HALF_ROWS) {
            int64_t panel = j / AT_CERTIFIED_PANEL * AT_CERTIFIED_PANEL * dim + j % AT_CERTIFIED_PANEL;
            vd sum[HALF_ROWS][4] = {{{0}}};
            for (int64_t d = 0; d < dim; d++) {
                vd a = load(k->a + panel + d * AT_CERTIFIED_PANEL), b = load(k->b + panel + d * AT_CERTIFIED_PANEL);
                for (int i = 0; i < HALF_ROWS; i++) {
                    vd qa = all(q->a[(r + i) * dim + d]), qb = all(q->b[(r + i) * dim + d]);
                    sum[i][0] = EXACT_FUSED(qa, a, sum[i][0]);
                    sum[i][1] = EXACT_FUSED(qa, b, sum[i][1]);
                    sum[i][2] = EXACT_FUSED(qb, a, sum[i][2]);
                    sum[i][3] = EXACT_FUSED(qb, b, sum[i][3]);
                }
            }
            for (int i = 0; i < HALF_ROWS; i++)
                for (int l = 0; l < WIDTH; l++) {
                    const double part[4] = {sum[i][0][l], sum[i][1][l], sum[i][2][l], sum[i][3][l]};
                    int64_t at = (r + i) * stride + j + l;
                    join(part, q->half, k->half, &high[at], &low[at]);
                }
        }
}
