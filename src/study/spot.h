/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SPOT_H
#define AT_STUDY_SPOT_H

#include "study/elements.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Two oracles on the same rows: each encloses the truth, so the two enclosures must meet (docs/oracles.md, "Spot checks"). */

/* Rows of each truth that the next sharper oracle solves again, drawn from all heads. */
enum { AT_SPOT_ROWS = 2 };

struct at_spot {
    const struct at_oracle *by; /* NULL: there is no sharper oracle, or nothing was compared yet */
    int64_t rows;               /* compared */
    double difference;          /* the largest between two outputs, as a fraction of sum p|v| */
    double share;               /* the largest of the two radii together that a difference takes, of outputs and log-sum-exps; <= 1 */
};

/*
 * Row i of `truth`, by `oracle`, beside row n of `sharper`, by `by`, of head (b, h) and query row s; the largest go into *spot. NaN agrees
 * with NaN alone. AT_ERR_UNDEFINED where two enclosures do not meet: the message names head, row, column, both values and radii.
 */
enum at_status at_spot_row(struct at_spot *spot, const struct at_oracle *oracle, const struct at_oracle_truth *truth, int64_t i,
                           const struct at_oracle *by, const struct at_oracle_truth *sharper, int64_t n, int64_t dim,
                           const int64_t place[3], struct at_error *error);

/*
 * Of head `head` of the case, whose truth `oracle` gave and whose elements are filled in, the rows among the AT_SPOT_ROWS that the case's
 * rows_seed and seed draw; most heads have none.
 */
enum at_status at_spot_head(struct at_spot *spot, const struct at_case *c, const struct at_elements *elements,
                            const struct at_oracle *oracle, const struct at_oracle_truth *truth, int64_t head, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
