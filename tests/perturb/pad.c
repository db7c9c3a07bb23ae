/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "pad.h"

#include "kernels/twin/attention.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum at_status pad(struct at_operand *operand, int64_t dim, struct at_error *error)
{
    const struct at_tensor from = operand->codes;
    size_t size = at_format_size(from.format), narrow = (size_t)from.dim * size, wide = (size_t)dim * size;
    operand->codes.codes = NULL;
    if (operand->mean || operand->scale.granularity == AT_SCALE_CHANNEL)
        return at_fail(error, AT_ERR_UNSUPPORTED, "kernel: means and channel scales are not padded");
    enum at_status status = at_tensor_init(&operand->codes, from.format, from.batch, from.heads, from.seq, dim, error);
    for (int64_t row = 0; row < from.batch * from.heads * from.seq && !status; row++)
        memcpy((char *)operand->codes.codes + (size_t)row * wide, (const char *)from.codes + (size_t)row * narrow, narrow);
    return status;
}

enum at_status pad_operands(const struct at_operands *operands, struct at_operands *ret_padded, struct at_error *error)
{
    struct at_operands o = *operands;
    enum at_status status = AT_OK;
    for (o.problem.dim = 32; o.problem.dim < operands->problem.dim;)
        o.problem.dim *= 2;
    o.problem.scale = operands->problem.scale > 0 ? operands->problem.scale : 1 / sqrt((double)operands->problem.dim);
    if (o.numerics.q.rotate != AT_ROTATE_NONE || o.numerics.v.rotate != AT_ROTATE_NONE)
        status = at_fail(error, AT_ERR_UNSUPPORTED, "kernel: rotated operands are not padded");
    struct at_operand *all[3] = {&o.q, &o.k, &o.v};
    for (int i = 0; i < 3; i++)
        if (status)
            all[i]->codes.codes = NULL;
        else
            status = pad(all[i], o.problem.dim, error);
    if (status)
        pad_done(&o);
    else
        *ret_padded = o;
    return status;
}

void pad_done(struct at_operands *padded)
{
    free(padded->q.codes.codes);
    free(padded->k.codes.codes);
    free(padded->v.codes.codes);
}

enum at_status pad_attend(const struct at_operands *padded, int64_t dim, int64_t head, const struct at_rows *rows, float *o, float *lse,
                          double *p, struct at_error *error)
{
    const int64_t wide = padded->problem.dim, per_batch = padded->problem.heads_q;
    float *all = calloc((size_t)(rows->count * (wide + 2)), sizeof *all);
    if (!all)
        return at_fail(error, AT_ERR_MEMORY, "kernel: out of memory");
    struct at_attention a = {.o = all, .row_max = all + rows->count * wide, .row_sum = all + rows->count * (wide + 1), .lse = lse, .p = p};
    enum at_status status = at_twin_attend(padded, head / per_batch, head % per_batch, rows, AT_SIMD_AUTO, &a, error);
    for (int64_t i = 0; i < rows->count && !status; i++)
        memcpy(o + i * dim, all + i * wide, (size_t)dim * sizeof *o);
    free(all);
    return status;
}
