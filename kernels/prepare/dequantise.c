/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/prepare.h"
#include "kernels/prepare/rotate.h"

/* Row s of head (b, h): code * scale (exact in double), plus the mean of its group where `mean` is given. */
static void dequantise_row(const struct at_operand *o, int64_t b, int64_t h, int64_t s, const float *mean, double *ret_row)
{
    float codes[256];
    at_tensor_decode_rows(&o->codes, b, h, s, 1, codes);
    for (int64_t c = 0; c < o->codes.dim; c++) {
        ret_row[c] = (double)codes[c] * (double)at_scale_of(&o->scale, b, h, s, c);
        if (mean)
            ret_row[c] += (double)mean[c];
    }
}

static void widen_row(const float *values, int64_t dim, double *ret_row)
{
    for (int64_t c = 0; c < dim; c++)
        ret_row[c] = (double)values[c];
}

int64_t at_operands_score_dim(const struct at_operands *operands)
{
    return operands->q.mean ? 2 * operands->problem.dim : operands->problem.dim;
}

void at_operands_dequantise(const struct at_operands *operands, int64_t b, int64_t h, const int64_t *rows, int64_t row_count, double *ret_q,
                            double *ret_k, double *ret_v)
{
    const struct at_problem *p = &operands->problem;
    const struct at_numerics *n = &operands->numerics;
    int64_t dim = p->dim, kv = h / at_problem_group(p), q_groups = (p->seq_q + AT_Q_MEAN_ROWS - 1) / AT_Q_MEAN_ROWS;
    int width = at_rotation_width(n->v.rotate, dim);
    float signs[256];
    for (int64_t c = 0; c < dim; c++)
        signs[c] = width ? at_rotation_sign(n->rotation_seed, c) : 1.0f;
    int64_t score_dim = at_operands_score_dim(operands);
    for (int64_t i = 0; i < row_count; i++) {
        int64_t group = (b * p->heads_q + h) * q_groups + rows[i] / AT_Q_MEAN_ROWS;
        dequantise_row(&operands->q, b, h, rows[i], NULL, ret_q + i * score_dim);
        if (operands->q.mean)
            widen_row(operands->q.mean + group * dim, dim, ret_q + i * score_dim + dim);
    }
    const float *v_mean = operands->v.mean ? operands->v.mean + (b * p->heads_kv + kv) * dim : NULL;
#pragma omp parallel for schedule(static)
    for (int64_t s = 0; s < p->seq_k; s++) {
        dequantise_row(&operands->k, b, kv, s, NULL, ret_k + s * score_dim);
        if (operands->q.mean)
            widen_row(operands->k.values + ((b * p->heads_kv + kv) * p->seq_k + s) * dim, dim, ret_k + s * score_dim + dim);
        dequantise_row(&operands->v, b, kv, s, v_mean, ret_v + s * dim);
        if (width)
            at_unrotate_row_double(ret_v + s * dim, dim, width, signs);
    }
}
