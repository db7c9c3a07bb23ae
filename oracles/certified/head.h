/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_HEAD_H
#define AT_ORACLES_CERTIFIED_HEAD_H

#include "core/status.h"
#include "oracles/certified/lanes.h"
#include "oracles/certified/operand.h"
#include "oracles/oracle.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A query row. */
struct at_certified_query {
    bool fits;
    int slices;
    struct at_certified_form form;
    double scale[2]; /* c times its factor, relative error 2^-106 */
};

/* What the blocks of a head share. */
struct at_certified_head {
    const struct at_oracle_head *in;
    int64_t dim, score_dim;
    int64_t finite_keys;              /* keys before the first one with a NaN or an infinity in K or V */
    int64_t *first_nonzero;           /* [dim] the first finite key whose value is not 0 in that column; finite_keys if none */
    struct at_certified_query *query; /* [row_count] */
    int64_t fitting;                  /* rows that fit */
    int64_t *order;                   /* [fitting] those that need fewer slices first */
    struct at_certified_plan plan;
    int q_slices;                     /* the most that a row needs */
    struct at_certified_keys k;
    struct at_span k_span;            /* of the finite keys; high: of their forms */
    double v_factor;                  /* the largest odd integer that divides all values */
    double *v;                        /* [keys / 128][dim / 8][128][8] V / v_factor, with zeros after its last row */
    bool v_short;                     /* V is for short_values; only then: */
    int v_bits, v_reach;
    double *v_sizes;                  /* [keys / 128][dim] */
    double largest_value;             /* max |v| over the finite keys */
};

/*
 * Finds out which rows fit and brings K and V into the form that they need. A row fits if it sees a key, all that it sees is finite, the
 * unit of its scores lies within 2^+-300, and values other than 0 within 2^+-200.
 */
enum at_status at_certified_head_init(struct at_certified_head *ret_head, const struct at_oracle_head *in, struct at_error *error);
void at_certified_head_done(struct at_certified_head *head);

/* The exponent of the unit of row i's scores before its scale, and the bound on a difference of two of them in that unit. */
int at_certified_head_unit(const struct at_certified_head *head, int64_t i);
double at_certified_head_score_error(const struct at_certified_head *head, int64_t i);

#ifdef __cplusplus
}
#endif

#endif
