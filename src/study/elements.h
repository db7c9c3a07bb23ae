/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_ELEMENTS_H
#define AT_STUDY_ELEMENTS_H

#include "kernels/operands.h"
#include "study/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One head of a case as real numbers, for an oracle: of its inputs, or of what quantisation left of them. */
struct at_elements {
    int64_t score_dim; /* columns of q and k */
    double *q, *k, *v; /* [rows][score_dim], [seq_k][score_dim], [seq_k][dim] */
    float *row;        /* [dim] */
};

/* Room for the rows that `c` looks at, of its inputs, or, not NULL, of such operands. Free with at_elements_done. */
enum at_status at_elements_init(struct at_elements *ret_elements, const struct at_case *c, const struct at_operands *operands,
                                struct at_error *error);
void at_elements_done(struct at_elements *elements);

/* Head h of batch b: of `inputs`, or, not NULL, of `operands`. */
void at_elements_fill(const struct at_elements *elements, const struct at_case *c, const struct at_qkv *inputs,
                      const struct at_operands *operands, int64_t b, int64_t h);

/* Whether the head's elements are those of the inputs, number by number; NaN is like nothing. */
bool at_elements_are_inputs(const struct at_elements *elements, const struct at_case *c, const struct at_qkv *inputs, int64_t b, int64_t h);

/*
 * Solves, of the head that was filled in, the rows numbered which[count] among those that the case looks at. Free ret_truth with
 * at_oracle_truth_done.
 */
enum at_status at_elements_solve(const struct at_elements *elements, const struct at_case *c, const struct at_oracle *oracle,
                                 const int64_t *which, int64_t count, bool with_p, struct at_oracle_truth *ret_truth,
                                 struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
