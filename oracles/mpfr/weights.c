/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/fast.h"

#include <gmp.h>
#include <limits.h>
#include <string.h>

/*
 * Weighted sums in integers. A level holds the weights of 2^(-LEVEL_BITS (b + 1)) < p / 2 <= 2^(-LEVEL_BITS b); in it every weight is
 * cut to a multiple of 2^(1 - LEVEL_BITS b - 128), so that it loses at most 2^(LEVEL_BITS - 128) of itself. Within a level the sums
 * are integers and exact; MPFR adds up what the levels give. Keys are walked level by level.
 */
enum { LEVEL_BITS = 16, LEVELS = 4096 / LEVEL_BITS + 2 };

static int level_of(struct at_mpfr_weight weight)
{
    return (1 - weight.exponent) / LEVEL_BITS;
}

/* Counting sort by level; the keys of a level keep their order. Returns how many there are; ret_ends[b]: where level b ends. */
static int64_t sort_by_level(const struct at_mpfr_weight *weight, int64_t keys, int64_t *ret_order, int64_t ret_ends[LEVELS])
{
    int64_t next[LEVELS + 1] = {0}, count = 0;
    for (int64_t j = 0; j < keys; j++) {
        if (weight[j].exponent == INT_MIN)
            continue;
        next[level_of(weight[j]) + 1]++;
        count++;
    }
    for (int b = 0; b < LEVELS; b++) {
        next[b + 1] += next[b];
        ret_ends[b] = next[b + 1];
    }
    for (int64_t j = 0; j < keys; j++)
        if (weight[j].exponent != INT_MIN)
            ret_order[next[level_of(weight[j])]++] = j;
    return count;
}

/* partial += weight * value for every column, and the weight itself in the last. Exact: flush comes before 128 bits are exceeded. */
static void add_key(struct at_mpfr_partial *partial, struct at_mpfr_weight weight, const int64_t *value, int64_t columns)
{
    int shift = (1 - weight.exponent) % LEVEL_BITS;
    at_uint128 whole = ((at_uint128)weight.high << 64 | weight.low) >> shift;
    uint64_t high = (uint64_t)(whole >> 64), low = (uint64_t)whole;
    for (int64_t c = 0; c < columns; c++) {
        int negative = value[c] < 0;
        uint64_t magnitude = negative ? -(uint64_t)value[c] : (uint64_t)value[c];
        partial[c].high[negative] += (at_uint128)high * magnitude;
        partial[c].low[negative] += (at_uint128)low * magnitude;
    }
    partial[columns].high[0] += high;
    partial[columns].low[0] += low;
}

/* sum += (high * 2^64 + low) * 2^exponent: one rounding. The integer is below 2^192. */
static void flush_one(mpfr_t sum, at_uint128 high, at_uint128 low, int exponent, mpfr_t term)
{
    if (high == 0 && low == 0)
        return;
    high += low >> 64;
    mp_limb_t limbs[3] = {(mp_limb_t)low, (mp_limb_t)high, (mp_limb_t)(high >> 64)};
    mp_size_t count = limbs[2] ? 3 : limbs[1] ? 2 : 1;
    mpz_t integer;
    mpz_roinit_n(integer, limbs, count);
    mpfr_set_z_2exp(term, integer, exponent, MPFR_RNDN);
    /* exact: 192 bits */
    mpfr_add(sum, sum, term, MPFR_RNDN);
    /* positive terms: (1 + d), |d| <= u, for each flush */
}

static void flush(struct at_mpfr_partial *partial, const struct at_mpfr_integers *integers, int level, mpfr_t term,
                  struct at_mpfr_sums *sums)
{
    int unit = 1 - LEVEL_BITS * level - 128, pieces = integers->v_pieces;
    int64_t columns = sums->dim * pieces;
    for (int64_t c = 0; c < columns; c++) {
        int exponent = unit + integers->v_span[c / pieces].low + (int)(c % pieces) * integers->v_width;
        flush_one(sums->positive[c / pieces], partial[c].high[0], partial[c].low[0], exponent, term);
        flush_one(sums->negative[c / pieces], partial[c].high[1], partial[c].low[1], exponent, term);
    }
    flush_one(sums->weight, partial[columns].high[0], partial[columns].low[0], unit, term);
    memset(partial, 0, (size_t)(columns + 1) * sizeof *partial);
}

void at_mpfr_add_weighted(struct at_mpfr_fast *fast, const struct at_mpfr_integers *integers, int64_t keys, struct at_mpfr_sums *sums)
{
    int64_t ends[LEVELS], columns = integers->dim * integers->v_pieces;
    int64_t count = sort_by_level(fast->weight, keys, fast->order, ends);
    int64_t together = (int64_t)1 << (64 - AT_PIECE_BITS); /* keys; limbs below 2^64, pieces below 2^48: sums below 2^128 */
    mpfr_t term;
    mpfr_init2(term, 192);
    memset(fast->partial, 0, (size_t)(columns + 1) * sizeof *fast->partial);
    int level = 0;
    for (int64_t i = 0, held = 0; i < count; i++) {
        while (ends[level] <= i)
            level++;
        int64_t j = fast->order[i];
        add_key(fast->partial, fast->weight[j], integers->v + j * columns, columns);
        held++;
        if (held == together || i + 1 == ends[level]) {
            flush(fast->partial, integers, level, term, sums);
            held = 0;
        }
    }
    mpfr_clear(term);
}
