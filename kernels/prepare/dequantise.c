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
    for (int64_t i = 0; i < row_count; i++) {
        int64_t group = (b * p->heads_q + h) * q_groups + rows[i] / AT_Q_MEAN_ROWS;
        dequantise_row(&operands->q, b, h, rows[i], operands->q.mean ? operands->q.mean + group * dim : NULL, ret_q + i * dim);
    }
    const float *v_mean = operands->v.mean ? operands->v.mean + (b * p->heads_kv + kv) * dim : NULL;
#pragma omp parallel for schedule(static)
    for (int64_t s = 0; s < p->seq_k; s++) {
        dequantise_row(&operands->k, b, kv, s, NULL, ret_k + s * dim);
        dequantise_row(&operands->v, b, kv, s, v_mean, ret_v + s * dim);
        if (width)
            at_unrotate_row_double(ret_v + s * dim, dim, width, signs);
    }
}
