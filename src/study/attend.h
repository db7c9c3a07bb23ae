/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_ATTEND_H
#define AT_STUDY_ATTEND_H

#include "core/hash.h"
#include "kernels/operands.h"
#include "kernels/twin/attention.h"
#include "study/work.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One variant on one case with the twin: prepare, attend head by head, digest. What attest run measures and attest verify repeats. */
struct at_attend {
    const struct at_rows *rows; /* query rows looked at; borrowed */
    enum at_simd simd;
    struct at_operands operands;
    int64_t time_ns; /* of prepare and attend so far */
};

/* `numerics` are resolved for `problem`; `inputs` need not outlive the call. Free with at_attend_done. */
enum at_status at_attend_prepare(const struct at_problem *problem, const struct at_numerics *numerics, const struct at_qkv *inputs,
                                 const struct at_rows *rows, enum at_simd simd, struct at_attend *ret_attend, struct at_error *error);

/* What one call of the twin gave: of query head h of batch b the rows [first, first + count) of those looked at. */
struct at_attended {
    int64_t b, h, first, count;
    const struct at_attention *out; /* of these rows; lent until the call returns */
};
typedef void at_attend_each(void *context, const struct at_attended *part);

/*
 * Attends all rows of all heads in their order and hands each part to `each`; stops between parts when asked to.
 *   weights: whether `each` wants P; it changes no bit of the rest
 *   ret_output: of O (fp32 values), row max, row sum and LSE, head by head: the store's output_sha256
 */
enum at_status at_attend_heads(struct at_attend *attend, bool weights, at_attend_each *each, void *context, const struct at_work *progress,
                               struct at_sha256 *ret_output, struct at_error *error);

void at_attend_done(struct at_attend *attend);

#ifdef __cplusplus
}
#endif

#endif
