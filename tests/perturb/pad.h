/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_PERTURB_PAD_H
#define AT_TESTS_PERTURB_PAD_H

#include "core/rows.h"
#include "kernels/operands.h"

/*
 * Kernels for head dimensions that the twin has not: the row is filled with zeros up to a dimension that it has. Columns of zeros change no
 * score and no other column; the softmax scale stays that of the given dimension.
 */

/* Borrows all but codes, which are the caller's own to free with pad_done. Refuses rotations, means and scales along the columns. */
enum at_status pad_operands(const struct at_operands *operands, struct at_operands *ret_padded, struct at_error *error);
void pad_done(struct at_operands *padded);

/* The twin on padded operands of query head `head` (b * query heads + h), o[rows][dim] for the `dim` that was given; p may be NULL. */
enum at_status pad_attend(const struct at_operands *padded, int64_t dim, int64_t head, const struct at_rows *rows, float *o, float *lse,
                          double *p, struct at_error *error);

#endif
