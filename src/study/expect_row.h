/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_EXPECT_ROW_H
#define AT_STUDY_EXPECT_ROW_H

#include "kernels/switched/elements.h"
#include "oracles/oracle.h"
#include "study/expect.h"
#include "study/noise.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Inside the expected error: one query row. Q, K and V are in units of their scales, rotated and smoothed, rounded or not. */

struct at_expect_head {
    const struct at_operands *operands;
    const struct at_rows *rows;
    const struct at_oracle_truth *truth; /* of this head, with P */
    int64_t b, h, kv;
    struct at_switched_operand q, k, v;
    double v_most; /* the largest of token scales of V */
};

/*
 * Query head `index` (b * query heads + h). All that is given must outlive it.
 *   rows: as many as the truth has; quantised: of Q, K and V those roundings are performed, which then are no noise
 */
void at_expect_head_init(struct at_expect_head *ret_head, const struct at_operands *operands, const struct at_qkv *inputs,
                         const struct at_rows *rows, const struct at_oracle_truth *truth, int64_t index, struct at_switches quantised);

/* What is expected of each row, ret_rows[rows], zeros before; 0 without a finite truth. Rows are shared among threads. */
enum at_status at_expect_head_rows(const struct at_expect_head *head, struct at_work *progress, struct at_expectation *ret_rows,
                                   struct at_error *error);

struct at_expect_key {
    const double *k, *k_noise, *v; /* [dim]; k_noise: expected squares */
    const double *v_shared;        /* [dim] mean error that rows of V with a common mean share, in units of V */
    double v_noise;                /* expected square of the whole row of V, in units of V */
    double k_scale;
};

/* Random signs with which Q's noise, which all keys share, is drawn. */
enum { AT_EXPECT_DRAWS = 4 };

struct at_expect_row {
    const double *p;                        /* [seq_k] true weights */
    int64_t keys;                           /* that it sees */
    double most;                            /* the largest weight */
    double q[256], q_square[256], o[256];   /* in units of its scale; squared; the truth rotated, without V's mean */
    double q_noise[AT_EXPECT_DRAWS][256];   /* drawn */
    double drawn[AT_EXPECT_DRAWS][256];     /* what each draw does to the output */
    double score_error[256];                /* what the mean loss of the scores' accumulator does to the output */
    double shared[256];                     /* by errors that rows of V share */
    double lost[256];                       /* by weights that become 0 */
    struct at_noise_sum sum[256];           /* the accumulator of P V */
    double sum_error[256], sum_square[256]; /* of finished accumulations, in units of V times P */
    double score_unit, p_unit, q_scale;     /* of a score in natural units; of P as it is cast */
    double square[AT_ROUNDING_COUNT];
    bool defined;
};

void at_expect_row_init(struct at_expect_row *row, const struct at_expect_head *head, int64_t i);

/* The keys from `first`; `last`: they end a tile. */
void at_expect_row_add(struct at_expect_row *row, const struct at_expect_head *head, const struct at_expect_key *keys, int64_t first,
                       int64_t count, bool last);

void at_expect_row_finish(struct at_expect_row *row, const struct at_expect_head *head, struct at_expectation *ret_expectation);

#ifdef __cplusplus
}
#endif

#endif
