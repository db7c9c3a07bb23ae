/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * at_ex2_approx in 32-bit arithmetic, two vectors at a time: included by lanes_loops.h. The includer's vocabulary: WIDTH lanes; vu and vi,
 * vectors of uint32_t and int32_t; look_up(), a coefficient by its row; add_where_bit(), sum + term in the 16-bit lanes whose y has bit
 * j; shift_words(), 16-bit lanes to the right. Deliberately without an include guard.
 */

#include "kernels/twin/mufu_table.h"

#include <pthread.h>

enum { ROWS_OF_TABLE = 64 };

/* The columns of at_mufu_ex2_table. */
static _Alignas(64) uint32_t ex2_c0[ROWS_OF_TABLE], ex2_c1[ROWS_OF_TABLE], ex2_c2[ROWS_OF_TABLE];
static pthread_once_t ex2_once = PTHREAD_ONCE_INIT;

static void ex2_fill(void)
{
    for (int i = 0; i < ROWS_OF_TABLE; i++) {
        ex2_c0[i] = (uint32_t)at_mufu_ex2_table[i].c0;
        ex2_c1[i] = (uint32_t)at_mufu_ex2_table[i].c1;
        ex2_c2[i] = (uint32_t)at_mufu_ex2_table[i].c2;
    }
}

static inline vu where(vi condition, vu yes, vu no)
{
    return ((vu)condition & yes) | (~(vu)condition & no);
}

static inline vu all(uint32_t x)
{
    return (vu){0} + x;
}

/* x = 2^power times 2^((row * 2^17 + l) / 2^23). */
struct at_reduced {
    vu bits, negative, exponent, l, row;
    vi power;
};

static inline struct at_reduced reduce(vu bits)
{
    struct at_reduced r = {.bits = bits, .negative = (vu)((vi)bits >> 31), .exponent = bits >> 23 & 0xff};
    vu down = where(r.exponent > 133, all(1), 134 - r.exponent);
    vu fixed = ((bits & 0x7fffff) | 0x800000) << 7 >> where(down > 31, all(31), down); /* U1b */
    vu whole = fixed >> 23, f = fixed & 0x7fffff, some = (vu)(f != 0);
    r.power = (vi)((whole ^ r.negative) - (r.negative & ~some));
    f ^= r.negative & some & 0x7fffff; /* U1c */
    r.l = f & 0x1ffff;
    r.row = f >> 17;
    return r;
}

/* c1 l is split at bit 8 of l so that nothing exceeds 32 bits. */
static inline vu evaluate(const struct at_reduced *r, vu square)
{
    vu c0 = look_up(ex2_c0, r->row), c1 = look_up(ex2_c1, r->row), c2 = look_up(ex2_c2, r->row), u = c1 * (r->l >> 8);
    vu rest = ((u & 127) << 8) + c1 * (r->l & 0xff) + c2 * square + ((c0 & 3) << 13) + 0x77e2; /* U1d */
    vu m = (c0 >> 2) + (u >> 7) + (rest >> 15);
    vi field = r->power + 127 + (vi)(m >> 24);
    vu result = (vu)field << 23 | (m & 0x7fffff);
    result = where(field <= 0, all(0), result); /* U1e */
    result = where(field >= 255, all(0x7f800000u), result);
    result = where(r->exponent > 133, ~r->negative & 0x7f800000u, result);
    return where((r->bits & 0x7fffffffu) > 0x7f800000u, all(0x7fffffffu), result);
}

/*
 * The truncated squarer of mufu.c on two vectors packed into 16-bit lanes: the partial products of bits 0 and 1 are zero, and
 * x >> (18 - i) is (x >> 2) >> (16 - i); their sum is below 2^16.
 */
static inline void ex2_block(float *x)
{
    vu low, high;
    memcpy(&low, x, sizeof low);
    memcpy(&high, x + WIDTH, sizeof high);
    const struct at_reduced a = reduce(low), b = reduce(high);
    vu y = a.l >> 2 | b.l >> 2 << 16, sum = all(0);
#pragma GCC unroll 15
    for (int j = 0; j < 15; j++)
        sum = add_where_bit(sum, shift_words(y, 14 - j), y, j);
    low = evaluate(&a, (sum & 0xffff) >> 1); /* U1a */
    high = evaluate(&b, sum >> 17);
    memcpy(x, &low, sizeof low);
    memcpy(x + WIDTH, &high, sizeof high);
}

static void ex2(float *x, int64_t n)
{
    float rest[2 * WIDTH] = {0};
    int64_t i = 0;
    pthread_once(&ex2_once, ex2_fill);
    for (; i + 2 * WIDTH <= n; i += 2 * WIDTH)
        ex2_block(x + i);
    if (i < n) {
        memcpy(rest, x + i, (size_t)(n - i) * sizeof *x);
        ex2_block(rest);
        memcpy(x + i, rest, (size_t)(n - i) * sizeof *x);
    }
}
