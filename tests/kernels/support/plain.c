/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "plain.h"

#include "kernels/prepare/rotate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double u = 0x1p-24; /* unit roundoff of fp32 */

static double smallest_normal(enum at_format format)
{
    return ldexp(1.0, at_formats[format].min_exponent);
}

double half_ulp(enum at_format format, double x)
{
    double normal = smallest_normal(format), magnitude = fabs(x) > normal ? fabs(x) : normal;
    return ldexp(magnitude, -at_formats[format].mantissa_bits - 1);
}

static float *decoded(const struct at_tensor *t, int64_t b, int64_t h)
{
    float *values = malloc((size_t)(t->seq * t->dim) * sizeof *values);
    at_tensor_decode_rows(t, b, h, 0, t->seq, values);
    return values;
}

void plain_head_init(struct plain_head *head, const struct at_operands *operands, int64_t b, int64_t h)
{
    *head = (struct plain_head){operands, b, h, h * operands->problem.heads_kv / operands->problem.heads_q, NULL, NULL, 0};
    head->k = decoded(&operands->k.codes, b, head->kv);
    head->v = decoded(&operands->v.codes, b, head->kv);
    for (int64_t s = 0; s < operands->problem.seq_k; s++)
        head->v_most = fmax(head->v_most, (double)at_scale_of(&operands->v.scale, b, head->kv, s, 0));
}

void plain_head_done(struct plain_head *head)
{
    free(head->k);
    free(head->v);
}

/* How one instruction truncates: terms to 2^-fraction of the largest, the result to `significant` bits. */
static double instruction_error(enum at_format format, double largest, double result)
{
    bool eight = at_formats[format].bits == 8;
    return (eight ? 33 * 0x1p-13 : 17 * 0x1p-25) * largest + (eight ? 0x1p-13 : 0x1p-23) * result;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* q . k in codes, and how far the chain of instructions may be from it. */
static double dot_codes(const struct at_numerics *n, const float *q, const float *k, int64_t dim, double *ret_error)
{
    int64_t depth = at_formats[n->q.format].bits == 8 ? 32 : 16;
    double floor_q = smallest_normal(n->q.format), floor_k = smallest_normal(n->k.format), sum = 0, error = 0;
    for (int64_t first = 0; first < dim; first += depth) {
        double most = 0, before = fabs(sum) + error;
        for (int64_t c = first; c < first + depth; c++) {
            sum += (double)q[c] * (double)k[c];
            if (q[c] != 0 && k[c] != 0)
                most = larger(most, larger(fabs((double)q[c]), floor_q) * larger(fabs((double)k[c]), floor_k));
        }
        error += instruction_error(n->q.format, larger(most, before), fabs(sum) + error);
    }
    *ret_error = error;
    return sum;
}

static void fill_scores(struct plain_row *row, const struct plain_head *head, int64_t position)
{
    const struct at_operands *o = head->operands;
    const struct at_problem *p = &o->problem;
    const struct at_numerics *n = &o->numerics;
    double scale = p->scale > 0 ? p->scale : 1.0 / sqrt((double)p->dim);
    int64_t groups = (p->seq_q + 127) / 128;
    const float *mean = n->q.smooth ? o->q.mean + ((head->b * p->heads_q + head->h) * groups + position / 128) * p->dim : NULL;
    float q[256];
    at_tensor_decode_rows(&o->q.codes, head->b, head->h, position, 1, q);
    for (int64_t j = 0; j < row->keys; j++) {
        double error, both = (double)at_scale_of(&o->q.scale, head->b, head->h, position, 0) *
                             (double)at_scale_of(&o->k.scale, head->b, head->kv, j, 0);
        double x = dot_codes(n, q, head->k + j * p->dim, p->dim, &error) * both;
        error *= both;
        for (int64_t c = 0; mean && c < p->dim; c++) {
            double term = (double)mean[c] * (double)o->k.values[((head->b * p->heads_kv + head->kv) * p->seq_k + j) * p->dim + c];
            x += term;
            error += (double)(p->dim + 2) * u * fabs(term);
        }
        row->score[j] = x * scale;
        row->score_bound[j] = error * scale + 8 * u * fabs(row->score[j]);
        if (n->score_format != AT_FP32)
            row->score_bound[j] += half_ulp(n->score_format, fabs(row->score[j]) + row->score_bound[j]);
    }
}

/* Token scales of V are folded into P relative to the largest of them. */
static double fold_of(const struct plain_head *head, int64_t j)
{
    const struct at_scales *s = &head->operands->v.scale;
    return s->granularity == AT_SCALE_TOKEN ? (double)at_scale_of(s, head->b, head->kv, j, 0) / head->v_most : 1;
}

/* P's unit relative to a normalised weight. */
static double unit_of(const struct at_numerics *n, double total)
{
    double offset = n->p_offset == AT_P_POW2_8 ? 256 : n->p_offset == AT_P_448 ? 448 : 1;
    return n->p_offset == AT_P_NORMALISED ? 1 : 1 / (offset * total);
}

static double fill_weights(struct plain_row *row, const struct plain_head *head)
{
    const struct at_numerics *n = &head->operands->numerics;
    double tiles = ceil((double)head->operands->problem.seq_k / n->tile_n), most = -INFINITY, reach = 16, total = 0, sum_error = 0;
    for (int64_t j = 0; j < row->keys; j++) {
        most = larger(most, row->score[j]);
        reach = larger(reach, 16 + 1.5 * (fabs(row->score[j]) + row->score_bound[j]));
    }
    for (int64_t j = 0; j < row->keys; j++)
        total += exp(row->score[j] - most);
    row->lse = most + log(total);
    double rescales = tiles * (expm1(6 * u * reach) + 9 * u);
    for (int64_t j = 0; j < row->keys; j++) {
        row->w[j] = exp(row->score[j] - most) / total;
        row->w_bound[j] = row->w[j] * (expm1(row->score_bound[j] + 6 * u * reach) + 8 * u + rescales);
        sum_error += row->w_bound[j];
    }
    double additions = (double)(2 * row->keys + 8) * u + 4 * u, unit = unit_of(n, total);
    double before = n->p_offset == AT_P_NORMALISED ? (sum_error + additions) / (1 - sum_error - additions) : 0;
    double cast = half_ulp(n->p_format, 1), least = half_ulp(n->p_format, 0) + 0x1p-126, cast_error = 0;
    double most_fold = 0;
    for (int64_t j = 0; j < row->keys; j++) {
        double w = row->w[j], fold = fold_of(head, j), up = (w + row->w_bound[j]) * (1 + before) * (1 + 4 * u);
        row->w_bound[j] = up * (1 + cast) - w + least * unit / fold * 1.01;
        cast_error += row->w_bound[j];
        most_fold = larger(most_fold, 1 / fold);
    }
    row->sum_bound = (n->row_sum == AT_SUM_QUANTISED ? cast_error : sum_error) + additions;
    row->lse_bound = -log1p(-row->sum_bound) + 8 * u * (reach + fabs(row->lse));
    return unit * most_fold;
}

/* P V in the kernel's order with the error of each truncation: `sum` and `error` [dim]; w_bound's share is kept apart in `spread`. */
struct accumulator {
    double sum[256], error[256], spread[256], size[256];
};

static void one_instruction(const struct plain_head *head, const struct plain_row *row, double unit, int64_t first, int64_t depth,
                            struct accumulator *a)
{
    const struct at_operands *o = head->operands;
    const struct at_numerics *n = &o->numerics;
    double floor_p = smallest_normal(n->p_format) * unit, floor_v = smallest_normal(n->v.format), most[256] = {0}, before[256];
    int64_t dim = o->problem.dim;
    for (int64_t c = 0; c < dim; c++)
        before[c] = fabs(a->sum[c]) + a->error[c] + a->spread[c];
    for (int64_t j = first; j < first + depth && j < row->keys; j++) {
        double up = row->w[j] + row->w_bound[j], scale = (double)at_scale_of(&o->v.scale, head->b, head->kv, j, 0);
        for (int64_t c = 0; c < dim; c++) {
            double code = (double)head->v[j * dim + c], size = fabs(code);
            if (n->v.scale == AT_SCALE_CHANNEL)
                scale = (double)at_scale_of(&o->v.scale, head->b, head->kv, j, c);
            a->sum[c] += row->w[j] * code * scale;
            a->spread[c] += row->w_bound[j] * size * scale;
            a->size[c] += up * size * scale;
            most[c] = size > 0 ? larger(most[c], larger(up, floor_p) * larger(size, floor_v) * scale) : most[c];
        }
    }
    for (int64_t c = 0; c < dim; c++)
        a->error[c] += instruction_error(n->p_format, larger(most[c], before[c]), fabs(a->sum[c]) + a->error[c] + a->spread[c]);
}

static void accumulate(const struct plain_head *head, const struct plain_row *row, double unit, struct accumulator *total)
{
    const struct at_numerics *n = &head->operands->numerics;
    int64_t seq_k = head->operands->problem.seq_k, dim = head->operands->problem.dim, tiles = (seq_k + n->tile_n - 1) / n->tile_n;
    int64_t depth = at_formats[n->p_format].bits == 8 ? 32 : 16;
    int64_t step = n->promote > 0 ? n->promote : n->tile_n;
    for (int64_t t = 0; t < tiles; t++) {
        int64_t start = (n->order == AT_ORDER_REVERSE ? tiles - 1 - t : t) * n->tile_n;
        for (int64_t c = 0; c < dim; c++)
            total->error[c] += 2 * u * (fabs(total->sum[c]) + total->error[c] + total->spread[c]);
        for (int64_t k = start; k < start + n->tile_n; k += step) {
            static _Thread_local struct accumulator part;
            struct accumulator *a = n->promote == AT_PROMOTE_NONE ? total : &part;
            memset(&part, 0, sizeof part);
            int64_t end = k + step < start + n->tile_n ? k + step : start + n->tile_n;
            for (int64_t i = k; i < end && i < row->keys; i += depth)
                one_instruction(head, row, unit, i, depth, a);
            for (int64_t c = 0; c < dim && a == &part; c++) {
                total->sum[c] += part.sum[c];
                total->size[c] += part.size[c];
                total->spread[c] += part.spread[c];
                total->error[c] += part.error[c] + 2 * u * (fabs(total->sum[c]) + total->error[c] + total->spread[c]);
            }
        }
    }
}

void plain_unrotate(double *x, int64_t dim, int width, uint64_t seed)
{
    double y[256];
    for (int64_t c = 0; c < dim; c++) {
        y[c] = 0;
        for (int64_t i = c / width * width; i < (c / width + 1) * width; i++)
            y[c] += __builtin_popcountll((unsigned long long)(i & c) & (unsigned long long)(width - 1)) % 2 ? -x[i] : x[i];
        y[c] *= (double)at_rotation_sign(seed, c) / sqrt(width);
    }
    memcpy(x, y, (size_t)dim * sizeof *x);
}

/* Bounds through the inverse rotation: entries of equal magnitude, and the fp32 roundings of the butterflies. */
static void unrotate_bound(double *bound, const double *o, int64_t dim, int width)
{
    double spread[256];
    for (int64_t c = 0; c < dim; c++) {
        spread[c] = 0;
        for (int64_t i = c / width * width; i < (c / width + 1) * width; i++)
            spread[c] += (bound[i] + (log2(width) + 3) * u * (fabs(o[i]) + bound[i])) / sqrt(width);
    }
    memcpy(bound, spread, (size_t)dim * sizeof *bound);
}

static void fill_outputs(struct plain_row *row, const struct plain_head *head, double unit)
{
    const struct at_operands *o = head->operands;
    const struct at_numerics *n = &o->numerics;
    int64_t dim = o->problem.dim;
    int width = at_rotation_width(n->v.rotate, dim);
    struct accumulator *a = calloc(1, sizeof *a);
    accumulate(head, row, unit, a);
    double divided = n->p_offset == AT_P_NORMALISED ? 0 : row->sum_bound / (1 - row->sum_bound);
    for (int64_t c = 0; c < dim; c++) {
        double mean = o->v.mean ? (double)o->v.mean[(head->b * o->problem.heads_kv + head->kv) * dim + c] : 0;
        double error = a->error[c] + a->spread[c], reach = fabs(a->sum[c]) + error, common = 8 * u * (reach + a->size[c] + fabs(mean));
        row->o[c] = a->sum[c] + mean;
        row->o_bound[c] = error + reach * divided + common;
        row->product_bound[c] = a->error[c] * (1 + divided) + common;
    }
    if (width) {
        unrotate_bound(row->product_bound, row->o, dim, width);
        unrotate_bound(row->o_bound, row->o, dim, width);
        plain_unrotate(row->o, dim, width, n->rotation_seed);
    }
    for (int64_t c = 0; c < dim; c++) {
        double output = half_ulp(n->output, fabs(row->o[c]) + row->o_bound[c]);
        row->o_bound[c] += output;
        row->product_bound[c] += output;
    }
    free(a);
}

void plain_row_init(struct plain_row *ret_row, const struct plain_head *head, int64_t position)
{
    const struct at_problem *p = &head->operands->problem;
    size_t keys = (size_t)p->seq_k, dim = (size_t)p->dim;
    struct plain_row row = {.lse = -INFINITY};
    int64_t last = position + p->seq_k - p->seq_q;
    row.keys = !p->causal ? p->seq_k : last < 0 ? 0 : last + 1 < p->seq_k ? last + 1 : p->seq_k;
    row.w = calloc(4 * keys + 3 * dim, sizeof *row.w);
    row.w_bound = row.w + keys;
    row.score = row.w + 2 * keys;
    row.score_bound = row.w + 3 * keys;
    row.o = row.w + 4 * keys;
    row.o_bound = row.o + dim;
    row.product_bound = row.o + 2 * dim;
    if (row.keys > 0) {
        fill_scores(&row, head, position);
        fill_outputs(&row, head, fill_weights(&row, head));
        if (head->operands->lse_shift) {
            double shift = (double)head->operands->lse_shift[(head->b * p->heads_q + head->h) * p->seq_q + position];
            row.lse += shift;
            row.lse_bound += 2 * u * (fabs(shift) + fabs(row.lse));
        }
        for (int64_t j = 0; j < row.keys; j++) /* the weights as handed back are divided by the sum */
            row.w_bound[j] += (row.w[j] + row.w_bound[j]) * row.sum_bound / (1 - row.sum_bound) + 8 * u * row.w[j];
    }
    *ret_row = row;
}

void plain_row_done(struct plain_row *row)
{
    free(row->w);
}

void plain_product(const struct plain_head *head, const double *p, int64_t keys, double *ret_o)
{
    const struct at_operands *o = head->operands;
    int64_t dim = o->problem.dim;
    int width = at_rotation_width(o->numerics.v.rotate, dim);
    for (int64_t c = 0; c < dim; c++) {
        ret_o[c] = o->v.mean ? (double)o->v.mean[(head->b * o->problem.heads_kv + head->kv) * dim + c] : 0;
        for (int64_t j = 0; j < keys; j++)
            ret_o[c] += p[j] * (double)head->v[j * dim + c] * (double)at_scale_of(&o->v.scale, head->b, head->kv, j, c);
    }
    if (width)
        plain_unrotate(ret_o, dim, width, o->numerics.rotation_seed);
}
