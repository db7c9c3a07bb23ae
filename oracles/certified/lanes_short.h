/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Weights times values of few bits, one chunk of keys at a time (eq. 25): each weight is cut into two short parts, whose sums of products
 * are exact, and a rest. Included by lanes_body.h. Deliberately without an include guard.
 */

/* The sum of the weights of a chunk, in 8 strands, to 2^-48. */
static inline double sum_of_chunk(const double *high)
{
    enum { STRANDS = 8, VECTORS = STRANDS / WIDTH };
    vd sum[VECTORS] = {{0}};
    double strand[STRANDS], total = 0;
    for (int j = 0; j < CHUNK; j += STRANDS)
        for (int v = 0; v < VECTORS; v++)
            sum[v] = sum[v] + load(high + j + v * WIDTH);
    memcpy(strand, sum, sizeof strand);
    for (int i = 0; i < STRANDS; i++)
        total += strand[i];
    return total;
}

/* 2^e with 2^(e - 1) <= 1.01 size < 2^e, for a normal number; 1 for 0. */
static inline double power_above(double size)
{
    int64_t bits;
    double x = 1.01 * size;
    memcpy(&bits, &x, sizeof bits);
    return size == 0 ? 1 : power_of_two((int)(bits >> 52) - 1022);
}

/* p + p_low = first + second + rest: multiples of 2^(e + bits - 53) and 2^(e + bits + reach - 107), and a double. Returns the latter. */
static inline double cut_weights(const double *high, const double *low, int bits, int reach, double *first, double *second, double *rest)
{
    double grid = power_above(sum_of_chunk(high)) * power_of_two(bits - 53), fine = grid * power_of_two(reach - 54);
    const vd magic = all(0x1.8p52 * grid), fine_magic = all(0x1.8p52 * fine);
    for (int j = 0; j < CHUNK; j += WIDTH) {
        vd p = load(high + j), a = (p + magic) - magic, left = p - a, b = (left + fine_magic) - fine_magic;
        store(first + j, a);
        store(second + j, b);
        store(rest + j, (left - b) + load(low + j));
    }
    return fine;
}

struct at_certified_cut {
    _Alignas(64) double p[ROWS * CHUNK], first[ROWS * CHUNK], second[ROWS * CHUNK], rest[ROWS * CHUNK];
    double fine[ROWS];
};

static inline void add_short_products(const struct at_certified_cut *cut, int row, const double *v, vd ret[VALUE_ROWS],
                                      vd ret_low[VALUE_ROWS])
{
    const double *first = cut->first + row * CHUNK, *second = cut->second + row * CHUNK, *rest = cut->rest + row * CHUNK;
    vd a[VALUE_ROWS], b[VALUE_ROWS], c[VALUE_ROWS];
    for (int i = 0; i < VALUE_ROWS; i++)
        a[i] = b[i] = c[i] = (vd){0};
    for (int j = 0; j < CHUNK; j++) {
        vd value = load(v + j * COLUMNS);
#pragma GCC unroll 8
        for (int i = 0; i < VALUE_ROWS; i++) {
            a[i] = EXACT_FUSED(all(first[i * CHUNK + j]), value, a[i]);
            b[i] = EXACT_FUSED(all(second[i * CHUNK + j]), value, b[i]);
            c[i] = fused(all(rest[i * CHUNK + j]), value, c[i]);
        }
    }
    for (int i = 0; i < VALUE_ROWS; i++) {
        vd left;
        ret[i] = two_sum(a[i], b[i], &left);
        ret_low[i] = left + c[i];
    }
}

static void short_values(const double *high, const double *low, int64_t stride, const double *v, const double *sizes, int bits,
                         int reach, int64_t dim, const struct at_certified_sums *sums)
{
    struct at_certified_cut cut;
    for (int i = 0; i < ROWS; i++) {
        memcpy(cut.p + i * CHUNK, high + i * stride, CHUNK * sizeof(double));
        cut.fine[i] = cut_weights(cut.p + i * CHUNK, low + i * stride, bits, reach, cut.first + i * CHUNK, cut.second + i * CHUNK,
                                  cut.rest + i * CHUNK);
    }
    for (int64_t c = 0; c < dim; c += WIDTH)
        for (int r = 0; r < ROWS; r += VALUE_ROWS) {
            const double *column = v + c / COLUMNS * CHUNK * COLUMNS + c % COLUMNS;
            vd size[VALUE_ROWS], part[VALUE_ROWS], part_low[VALUE_ROWS];
            int64_t at = r * dim + c;
            add_sizes(cut.p + r * CHUNK, column, dim, at, sums, size);
            add_short_products(&cut, r, column, part, part_low);
            for (int i = 0; i < VALUE_ROWS; i++) {
                double *missed = sums->missed + at + i * dim;
                merge(sums->value_high + at + i * dim, sums->value_low + at + i * dim, part[i], part_low[i]);
                store(missed, fused(all(cut.fine[r + i]), load(sizes + c), load(missed)));
            }
        }
}
