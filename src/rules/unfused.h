/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_RULES_UNFUSED_H
#define AT_RULES_UNFUSED_H

#include "core/format.h"
#include "core/problem.h"
#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Attention as a tensor library computes it, one operation after the other, each result rounded to the tensors' type: what the rules'
 * sources take for their reference (fp32) and for their low-precision baseline. After attention_ref in Dao-AILab/flash-attention,
 * hopper/test_util.py, commit 0251105, and ref_paged_attn in vLLM's test_flash_attn.py, commit 0001b99.
 */
struct at_unfused {
    enum at_format format;   /* of every intermediate tensor */
    bool scale_on_k;         /* the softmax scale multiplies K (reorder_ops), else Q */
    enum at_format p_format; /* the normalised probabilities pass through it: `format` for no cast; e4m3 in FA3's baseline for FP8 */
    enum at_format output;
};

/* One query head. Borrowed; elements of q, k and v are numbers of `format`. */
struct at_unfused_head {
    const struct at_problem *problem;      /* mask, scale, lengths, dim */
    const float *q, *k, *v;                /* [seq_q][dim], [seq_k][dim], [seq_k][dim] */
    float q_descale, k_descale, v_descale; /* multiplied first and rounded to `format`; 1 for none */
};

/*
 * Rows first .. first + count - 1 of O = softmax(scale Q K^T + mask) V into ret_o[count][dim], numbers of `output`, and the natural
 * log-sum-exp of the scores into ret_lse[count]. Sums are fp32 in the order of their index. A row without keys: 0 and -infinity.
 */
enum at_status at_unfused_attend(const struct at_unfused *unfused, const struct at_unfused_head *head, int64_t first, int64_t count,
                                 float *ret_o, float *ret_lse, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
