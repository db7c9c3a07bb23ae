/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_TENSOR_H
#define AT_CORE_TENSOR_H

#include "core/format.h"
#include "core/problem.h"
#include "core/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A dense 4-d tensor of codes, owned, layout b h s d (d fastest). */
struct at_tensor {
    enum at_format format;
    int64_t batch, heads, seq, dim;
    void *codes; /* batch * heads * seq * dim codes of at_format_size(format) bytes each */
};

/* The three inputs of attention, each b h s d; K and V have the key/value heads. */
struct at_qkv {
    struct at_tensor q, k, v;
};

/* Allocates codes, all zero. Refuses sizes < 1 and products beyond size_t. Free with at_tensor_done. */
enum at_status at_tensor_init(struct at_tensor *ret_tensor, enum at_format format, int64_t batch, int64_t heads, int64_t seq, int64_t dim,
                              struct at_error *error);

/* Frees the codes; an already freed or all-zero tensor is fine. */
void at_tensor_done(struct at_tensor *tensor);

void at_qkv_done(struct at_qkv *qkv);

/* Allocates q, k and v for `problem`, all in `format`; on failure nothing is held. */
enum at_status at_qkv_init(struct at_qkv *ret_qkv, enum at_format format, const struct at_problem *problem, struct at_error *error);

int64_t at_tensor_count(const struct at_tensor *tensor);

/* The codes of row (b, h, s): dim codes. Owned by the tensor. */
const void *at_tensor_row(const struct at_tensor *tensor, int64_t b, int64_t h, int64_t s);

/* Decodes `rows` consecutive rows from (b, h, s) into ret_values[rows * dim]. */
void at_tensor_decode_rows(const struct at_tensor *tensor, int64_t b, int64_t h, int64_t s, int64_t rows, float *ret_values);

/* Number of NaN and of infinite elements. */
void at_tensor_count_nonfinite(const struct at_tensor *tensor, int64_t *ret_nan, int64_t *ret_infinite);

#ifdef __cplusplus
}
#endif

#endif
