/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_TRUTH_H
#define AT_STUDY_TRUTH_H

#include "core/hash.h"
#include "kernels/operands.h"
#include "study/spot.h"
#include "study/work.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The oracle's answers for all heads of one case: of its inputs, or of what quantisation left of them. */
struct at_truths {
    int64_t heads;                /* batch x query heads */
    struct at_oracle_truth *head; /* [heads], with P; a borrowed one belongs to the inputs' truths */
    bool *borrowed;               /* [heads] */
    int64_t *head_time_ns;        /* [heads] of the oracle alone, also when borrowed */
    struct at_sha256 operands;    /* of the operands; "" for the inputs */
    struct at_sha256 sha256;      /* of o, o_low, radius, lse and lse_radius, head by head */
    int precision_bits;
    double radius_log2;     /* largest; -infinity when every radius is 0 */
    int64_t undefined_rows; /* without a finite truth */
    int64_t time_ns;
    struct at_spot spot; /* of heads that are not borrowed; with no other, the lender's */
};

/*
 * Solves every head of `c`. With `operands` NULL: of `inputs`. Else of the dequantised operands; a head whose elements are all those of
 * `inputs` (16-bit inputs, unscaled 16-bit operands) borrows from `original`, which must outlive the result. Stops between rows when asked
 * to, and fails where a spot check contradicts the oracle (study/spot.h). Free with at_truths_done.
 */
enum at_status at_truths_solve(const struct at_case *c, const struct at_oracle *oracle, const struct at_qkv *inputs,
                               const struct at_operands *operands, const struct at_truths *original, struct at_work *progress,
                               struct at_truths *ret_truths, struct at_error *error);

void at_truths_done(struct at_truths *truths);

/* Whether the row has a finite truth. */
bool at_truth_defined(const struct at_oracle_truth *truth, int64_t row, int64_t dim);

/*
 * The radius about the leading doubles of a row's outputs, which alone are compared: their trailing doubles belong to it. Rounded up.
 *   ret_radius[dim]
 */
void at_truth_radius(const struct at_oracle_truth *truth, int64_t row, int64_t dim, double *ret_radius);

#ifdef __cplusplus
}
#endif

#endif
