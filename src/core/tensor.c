/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/tensor.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum at_status at_tensor_init(struct at_tensor *ret_tensor, enum at_format format, int64_t batch, int64_t heads, int64_t seq, int64_t dim,
                              struct at_error *error)
{
    int64_t count = 0, bytes = 0;
    if (batch < 1 || heads < 1 || seq < 1 || dim < 1 || __builtin_mul_overflow(batch, heads, &count) ||
        __builtin_mul_overflow(count, seq, &count) || __builtin_mul_overflow(count, dim, &count) ||
        __builtin_mul_overflow(count, (int64_t)at_format_size(format), &bytes))
        return at_fail(error, AT_ERR_ARGUMENT, "tensor %" PRId64 "x%" PRId64 "x%" PRId64 "x%" PRId64 ": not a usable shape", batch, heads,
                       seq, dim);
    void *codes = calloc((size_t)bytes, 1);
    if (!codes)
        return at_fail(error, AT_ERR_MEMORY, "tensor %" PRId64 "x%" PRId64 "x%" PRId64 "x%" PRId64 ": no memory for %" PRId64 " bytes",
                       batch, heads, seq, dim, bytes);
    *ret_tensor = (struct at_tensor){format, batch, heads, seq, dim, codes};
    return AT_OK;
}

void at_tensor_done(struct at_tensor *tensor)
{
    free(tensor->codes);
    tensor->codes = NULL;
}

void at_qkv_done(struct at_qkv *qkv)
{
    at_tensor_done(&qkv->q);
    at_tensor_done(&qkv->k);
    at_tensor_done(&qkv->v);
}

enum at_status at_qkv_init(struct at_qkv *ret_qkv, enum at_format format, const struct at_problem *p, struct at_error *error)
{
    struct at_qkv made = {0};
    enum at_status status = at_tensor_init(&made.q, format, p->batch, p->heads_q, p->seq_q, p->dim, error);
    if (!status)
        status = at_tensor_init(&made.k, format, p->batch, p->heads_kv, p->seq_k, p->dim, error);
    if (!status)
        status = at_tensor_init(&made.v, format, p->batch, p->heads_kv, p->seq_k, p->dim, error);
    if (status)
        at_qkv_done(&made);
    else
        *ret_qkv = made;
    return status;
}

int64_t at_tensor_count(const struct at_tensor *t)
{
    return t->batch * t->heads * t->seq * t->dim;
}

const void *at_tensor_row(const struct at_tensor *t, int64_t b, int64_t h, int64_t s)
{
    int64_t element = ((b * t->heads + h) * t->seq + s) * t->dim;
    return (const char *)t->codes + (size_t)element * at_format_size(t->format);
}

void at_tensor_decode_rows(const struct at_tensor *t, int64_t b, int64_t h, int64_t s, int64_t rows, float *ret_values)
{
    at_decode_array(t->format, at_tensor_row(t, b, h, s), (size_t)(rows * t->dim), ret_values);
}

void at_tensor_count_nonfinite(const struct at_tensor *t, int64_t *ret_nan, int64_t *ret_infinite)
{
    int64_t nan = 0, infinite = 0, count = at_tensor_count(t);
    float values[256];
    for (int64_t i = 0; i < count; i += 256) {
        int64_t n = count - i < 256 ? count - i : 256;
        at_decode_array(t->format, (const char *)t->codes + (size_t)i * at_format_size(t->format), (size_t)n, values);
        for (int64_t j = 0; j < n; j++) {
            nan += isnan(values[j]) != 0;
            infinite += isinf(values[j]) != 0;
        }
    }
    *ret_nan = nan;
    *ret_infinite = infinite;
}
