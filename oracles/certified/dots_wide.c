/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/lanes.h"

#include "oracles/mpfr/integer.h"

/* |sum q k| < 2^104 by the fit test, and so every partial sum: nothing rounds or wraps (eq. 11). */
void at_certified_dots_wide(const struct at_certified_operand *q, const struct at_certified_operand *k, int64_t keys, int64_t stride,
                            double *high, double *low)
{
    int64_t dim = k->score_dim;
    for (int64_t j = 0; j < keys; j++) {
        const int64_t *key = k->n + j / AT_CERTIFIED_PANEL * AT_CERTIFIED_PANEL * dim + j % AT_CERTIFIED_PANEL;
        for (int64_t i = 0; i < AT_CERTIFIED_ROWS; i++) {
            at_int128 sum = 0;
            for (int64_t d = 0; d < dim; d++)
                sum += (at_int128)q->n[i * dim + d] * key[d * AT_CERTIFIED_PANEL];
            high[i * stride + j] = (double)(int64_t)(sum >> 52) * 0x1p52;
            low[i * stride + j] = (double)(int64_t)(sum & (((at_int128)1 << 52) - 1));
        }
    }
}
