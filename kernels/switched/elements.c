/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/elements.h"

#include "kernels/prepare/rotate.h"

static void widen(const float *x, int64_t dim, double *ret_row)
{
    for (int64_t c = 0; c < dim; c++)
        ret_row[c] = (double)x[c];
}

void at_switched_operand_init(struct at_switched_operand *ret_operand, enum at_switched_which which, const struct at_operands *operands,
                              const struct at_qkv *inputs, int64_t b, int64_t h, struct at_switches switches)
{
    static const enum at_rounding quantising[] = {AT_ROUNDING_Q, AT_ROUNDING_K, AT_ROUNDING_V};
    const struct at_operand *operand = which == AT_SWITCHED_Q ? &operands->q : which == AT_SWITCHED_K ? &operands->k : &operands->v;
    const struct at_tensor *input = which == AT_SWITCHED_Q ? &inputs->q : which == AT_SWITCHED_K ? &inputs->k : &inputs->v;
    const struct at_operand_numerics *n = which == AT_SWITCHED_Q   ? &operands->numerics.q
                                          : which == AT_SWITCHED_K ? &operands->numerics.k
                                                                   : &operands->numerics.v;
    struct at_switched_operand o = {.operand = operand, .input = input, .numerics = n, .b = b, .h = h};
    o.mean_rows = which == AT_SWITCHED_Q ? AT_Q_MEAN_ROWS : input->seq;
    int64_t groups = (input->seq + o.mean_rows - 1) / o.mean_rows;
    o.mean = operand->mean ? operand->mean + (b * input->heads + h) * groups * input->dim : NULL;
    o.width = at_rotation_width(n->rotate, input->dim);
    for (int64_t c = 0; c < input->dim; c++)
        o.signs[c] = o.width ? at_rotation_sign(operands->numerics.rotation_seed, c) : 1.0f;
    o.quantised = at_switched_on(switches, quantising[which]);
    o.transformed = at_switched_on(switches, AT_ROUNDING_TRANSFORM);
    o.as_prepared = o.quantised && (o.transformed || (!o.width && !o.mean));
    *ret_operand = o;
}

void at_switched_values(const struct at_switched_operand *o, int64_t s, bool subtract, double *ret_row)
{
    const float *mean = o->mean && subtract ? o->mean + s / o->mean_rows * o->input->dim : NULL;
    int64_t dim = o->input->dim;
    float row[256], ones[256];
    at_tensor_decode_rows(o->input, o->b, o->h, s, 1, row);
    if (o->transformed) {
        if (o->width)
            at_rotate_row(row, dim, o->width, o->signs); /* E1 */
        for (int64_t c = 0; mean && c < dim; c++)
            row[c] -= mean[c]; /* E3 */
        widen(row, dim, ret_row);
        return;
    }
    widen(row, dim, ret_row);
    for (int64_t c = 0; c < dim && o->width; c++) {
        ret_row[c] *= (double)o->signs[c];
        ones[c] = 1.0f;
    }
    if (o->width)
        at_unrotate_row_double(ret_row, dim, o->width, ones); /* H is its own inverse */
    for (int64_t c = 0; mean && c < dim; c++)
        ret_row[c] -= (double)mean[c];
}

/* E5, E6 of a row that prepare did not have */
static void quantise(const struct at_switched_operand *o, int64_t s, double *row)
{
    const struct at_operand_numerics *n = o->numerics;
    enum at_overflow overflow = at_formats[n->storage].bits == 8 ? AT_OVERFLOW_SATURATE : AT_OVERFLOW_IEEE;
    for (int64_t c = 0; c < o->input->dim; c++) {
        float reciprocal = 1.0f / at_scale_of(&o->operand->scale, o->b, o->h, s, c);
        float scaled = n->scale == AT_SCALE_NONE ? (float)row[c] : (float)(row[c] * (double)reciprocal);
        row[c] = (double)at_decode(n->storage, at_encode(n->storage, scaled, overflow));
    }
}

void at_switched_row_of(const struct at_switched_operand *o, int64_t s, double *ret_row)
{
    int64_t dim = o->input->dim;
    if (o->as_prepared) {
        float codes[256];
        at_tensor_decode_rows(&o->operand->codes, o->b, o->h, s, 1, codes);
        widen(codes, dim, ret_row);
        return;
    }
    at_switched_values(o, s, true, ret_row);
    if (o->quantised) {
        quantise(o, s, ret_row);
        return;
    }
    for (int64_t c = 0; c < dim; c++)
        ret_row[c] /= (double)at_scale_of(&o->operand->scale, o->b, o->h, s, c);
}
