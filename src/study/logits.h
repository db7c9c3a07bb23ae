/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_LOGITS_H
#define AT_STUDY_LOGITS_H

#include "core/status.h"
#include "datasets/readout.h"
#include "study/token_change.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Logits of outputs beside logits of their truth, z = W o in double precision, and what changed between them. */

/* A row of outputs: `width` of the readout, of one head or of all heads one after the other. */
struct at_output_row {
    const double *truth; /* [width] */
    const float *got;    /* [width] */
    double radius;       /* not below the Euclidean norm of the bounds on the truth's own errors; NaN counts as infinite */
};

/*
 * rows[count] against W: ret_changes[count]. A truth or an output that is not finite gives the change that its header says. Threads share
 * the tokens and change no bit. Costs 2 tokens * width multiply-adds for each row, rounded up to AT_LOGITS_ROWS rows.
 */
enum at_status at_logits_compare(const struct at_readout *readout, const struct at_output_row *rows, int64_t count,
                                 struct at_token_change *ret_changes, struct at_error *error);

/* Rows that share one look at W. */
enum { AT_LOGITS_ROWS = 16 };

/* Bytes that at_logits_compare takes beside the readout. */
double at_logits_bytes(int64_t tokens, int64_t width, int threads);

#ifdef __cplusplus
}
#endif

#endif
