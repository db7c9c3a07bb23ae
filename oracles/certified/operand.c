/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/head.h"

#include <stdlib.h>
#include <string.h>

enum { WHOLE_BITS = 52, HALF_BITS = 53, IFMA_BITS = 51, SCORE_BITS = 104 };

int at_certified_mode_of(int q_bits, int k_bits, int64_t score_dim, bool have_ifma)
{
    int terms = at_ceil_log2(score_dim), all = q_bits + k_bits + terms;
    if (q_bits > AT_INTEGER_BITS || k_bits > AT_INTEGER_BITS || all > SCORE_BITS)
        return -1;
    if (all <= WHOLE_BITS)
        return AT_CERTIFIED_WHOLE;
    if (have_ifma && q_bits <= IFMA_BITS && k_bits <= IFMA_BITS && terms <= 10)
        return AT_CERTIFIED_IFMA;
    return (q_bits + 1) / 2 + (k_bits + 1) / 2 + terms <= HALF_BITS ? AT_CERTIFIED_HALVES : AT_CERTIFIED_WIDE;
}

bool at_certified_operand_init(struct at_certified_operand *ret_operand, enum at_certified_mode mode, int bits, int64_t count,
                               int64_t score_dim)
{
    size_t elements = (size_t)count * (size_t)score_dim;
    struct at_certified_operand operand = {.mode = mode, .bits = bits, .count = count, .score_dim = score_dim, .half = (bits + 1) / 2};
    bool integers = mode == AT_CERTIFIED_WIDE || mode == AT_CERTIFIED_IFMA;
    operand.a = integers ? NULL : calloc(elements, sizeof(double));
    operand.b = mode == AT_CERTIFIED_HALVES ? calloc(elements, sizeof(double)) : NULL;
    operand.n = integers ? calloc(elements, sizeof(int64_t)) : NULL;
    operand.sum = mode == AT_CERTIFIED_IFMA ? calloc((size_t)count, sizeof(int64_t)) : NULL;
    *ret_operand = operand;
    return (integers || operand.a) && (mode != AT_CERTIFIED_HALVES || operand.b) && (!integers || operand.n) &&
           (mode != AT_CERTIFIED_IFMA || operand.sum);
}

void at_certified_operand_done(struct at_certified_operand *operand)
{
    free(operand->a);
    free(operand->b);
    free(operand->n);
    free(operand->sum);
    *operand = (struct at_certified_operand){0};
}

static void put(struct at_certified_operand *operand, int64_t at, int64_t integer)
{
    int64_t lower = integer & (((int64_t)1 << operand->half) - 1);
    switch (operand->mode) {
    case AT_CERTIFIED_WHOLE: operand->a[at] = (double)integer; break;
    case AT_CERTIFIED_HALVES:
        operand->a[at] = (double)((integer - lower) >> operand->half);
        operand->b[at] = (double)lower;
        break;
    case AT_CERTIFIED_IFMA: operand->n[at] = integer + ((int64_t)1 << IFMA_BITS); break;
    case AT_CERTIFIED_WIDE: operand->n[at] = integer; break;
    }
}

void at_certified_operand_set(struct at_certified_operand *operand, bool panels, int64_t j, const double *values, int low)
{
    int64_t dim = operand->score_dim, panel = AT_CERTIFIED_PANEL, total = 0;
    for (int64_t d = 0; d < dim; d++) {
        int64_t at = panels ? (j / panel * dim + d) * panel + j % panel : j * dim + d;
        int64_t integer = values ? at_integer(values[d], low, AT_INTEGER_BITS) : 0;
        put(operand, at, integer);
        total += operand->mode == AT_CERTIFIED_IFMA ? integer : 0;
    }
    if (operand->mode == AT_CERTIFIED_IFMA)
        operand->sum[j] = panels ? total + dim * ((int64_t)1 << IFMA_BITS) : total;
}
