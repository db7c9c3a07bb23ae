/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SAMPLE_H
#define AT_STUDY_SAMPLE_H

#include "metrics/metric.h"
#include "study/attend.h"
#include "study/truth.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the twin gave for some rows of a head, beside the truth of that head. */
struct at_beside {
    const struct at_case *c;
    const struct at_attended *part;
    const struct at_oracle_truth *truth; /* of all rows that the case looks at */
    const float *lse_shift; /* [seq_q] what the kernel's log-sum-exp holds beyond the truth's, for a mean of K; NULL: nothing */
};

/*
 * Row `i` of the case's rows, which is one of the part's, for the metrics; its truth is row `at` of `truth`, which may be a sharper one
 * than beside->truth. Borrows from all of them, and fills radius[dim].
 */
struct at_row_sample at_sample_row(const struct at_beside *beside, int64_t i, const struct at_oracle_truth *truth, int64_t at,
                                   double *radius);

#ifdef __cplusplus
}
#endif

#endif
