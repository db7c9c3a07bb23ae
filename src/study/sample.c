/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/sample.h"

#include <math.h>

/*
 * The dequantised K lacks K's mean, the kernel's log-sum-exp holds lse_shift for it: adding the same number to the truth leaves the
 * kernel's own error. The addition rounds once.
 */
static void shift_lse(struct at_row_sample *sample, float shift)
{
    sample->truth_lse += (double)shift;
    if (isfinite(sample->truth_lse))
        sample->lse_radius = nextafter(sample->lse_radius + fabs(sample->truth_lse) * 0x1p-53, INFINITY);
}

struct at_row_sample at_sample_row(const struct at_beside *beside, int64_t i, const struct at_oracle_truth *truth, int64_t at,
                                   double *radius)
{
    const struct at_problem *p = &beside->c->problem;
    const struct at_attention *out = beside->part->out;
    int64_t dim = p->dim, j = i - beside->part->first, s = beside->c->rows.index[i];
    at_truth_radius(truth, at, dim, radius);
    struct at_row_sample sample = {.dim = dim,
                                   .got = out->o + j * dim,
                                   .truth = truth->o + at * dim,
                                   .radius = radius,
                                   .sum_abs = truth->sum_abs + at * dim,
                                   .got_lse = out->lse[j],
                                   .truth_lse = truth->lse[at],
                                   .lse_radius = truth->lse_radius[at],
                                   .keys = at_problem_keys(p, s),
                                   .got_p = out->p + j * p->seq_k,
                                   .truth_p = truth->p + at * p->seq_k};
    if (beside->lse_shift)
        shift_lse(&sample, beside->lse_shift[s]);
    return sample;
}
