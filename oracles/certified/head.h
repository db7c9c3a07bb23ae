/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_HEAD_H
#define AT_ORACLES_CERTIFIED_HEAD_H

#include "core/status.h"
#include "oracles/certified/lanes.h"
#include "oracles/mpfr/integer.h"
#include "oracles/oracle.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the blocks of a head share. */
struct at_certified_head {
    const struct at_oracle_head *in;
    int64_t dim, score_dim;
    int64_t finite_keys;           /* keys before the first one with a NaN or an infinity in K or V, of those that a row sees */
    int64_t *first_nonzero;        /* [dim] the first finite key whose value is not 0 in that column; finite_keys if none */
    bool *fits;                    /* [row_count] */
    struct at_span *q_span;        /* [row_count], of the rows that fit */
    int q_bits;                    /* the most bits of a query among them; -1: none fits */
    double largest_value;          /* max |v| over the finite keys */
    double scale[2];               /* c, relative error 2^-106 */
    struct at_certified_operand k; /* if a row fits */
    double *v_tail;                /* [64][dim] the last finite_keys % 64 rows of V, then zeros */
};

/*
 * Finds out which rows fit and brings K into the form that they need, with ifma among the choices if `have_ifma`. A row fits if it sees a
 * key, all that it sees is finite, its scores stay below 104 bits, and values other than 0 lie within 2^+-200.
 */
enum at_status at_certified_head_init(struct at_certified_head *ret_head, const struct at_oracle_head *in, bool have_ifma,
                                      struct at_error *error);
void at_certified_head_done(struct at_certified_head *head);

/* The cheapest exact mode for integers of q_bits and k_bits; -1: none. */
int at_certified_mode_of(int q_bits, int k_bits, int64_t score_dim, bool have_ifma);

/* Room for `count` vectors (a multiple of 8) in the form that mode and bits ask for, all zero. Free with _operand_done, failed or not. */
bool at_certified_operand_init(struct at_certified_operand *ret_operand, enum at_certified_mode mode, int bits, int64_t count,
                               int64_t score_dim);
void at_certified_operand_done(struct at_certified_operand *operand);

/* Vector j <- values[score_dim], multiples of 2^low below 2^(low + bits), or zeros if NULL; panels: as of K, else row by row. */
void at_certified_operand_set(struct at_certified_operand *operand, bool panels, int64_t j, const double *values, int low);

#ifdef __cplusplus
}
#endif

#endif
