/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "datasets/dataset.h"
#include "kernels/prepare/prepare.h"
#include "kernels/twin/attention.h"
#include "kernels/variants/variant.h"
#include "rules/close.h"
#include "rules/unfused.h"
#include "trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Streams of the random numbers that are not the distributions' own. */
enum { STREAM_DESCALES = 101, STREAM_SPARSE, STREAM_ORDER };

float trial_round(const struct trial *trial, float x)
{
    return trial->format == AT_E4M3 ? at_decode(AT_E4M3, at_encode(AT_E4M3, x, AT_OVERFLOW_SATURATE)) : at_close_round(trial->format, x);
}

enum at_status trial_outputs_init(struct trial_outputs *ret_outputs, const struct trial *trial, struct at_error *error)
{
    struct trial_outputs outputs = {calloc((size_t)trial->outputs, sizeof(float)), calloc((size_t)trial->lines, sizeof(float))};
    if (!outputs.o || !outputs.lse) {
        trial_outputs_done(&outputs);
        return at_fail(error, AT_ERR_MEMORY, "trial %s: no memory for its outputs", trial->setting->name);
    }
    *ret_outputs = outputs;
    return AT_OK;
}

void trial_outputs_done(struct trial_outputs *outputs)
{
    free(outputs->o);
    free(outputs->lse);
    *outputs = (struct trial_outputs){NULL, NULL};
}

/* Rows of weights that the twin hands over at a time. */
enum { P_ROWS = 64 };

static enum at_status attend_head(const struct trial *t, const struct at_operands *operands, int64_t h, int64_t first, int64_t count,
                                  struct trial_outputs *outputs, float *p, double *weights, float *scratch, struct at_error *error)
{
    struct at_rows rows = {count, t->rows.index + first};
    int64_t line = h * t->rows.count + first, keys = operands->problem.seq_k;
    struct at_attention a = {.o = outputs->o + line * TRIAL_DIM,
                             .row_max = scratch,
                             .row_sum = scratch + count,
                             .lse = outputs->lse + line,
                             .p = p ? weights : NULL};
    enum at_status status = at_twin_attend(operands, 0, h, &rows, AT_SIMD_AUTO, &a, error);
    for (int64_t i = 0; p && i < count * keys; i++)
        p[line * keys + i] = (float)weights[i];
    return status;
}

enum at_status trial_attend(const struct trial *t, const struct at_operands *operands, struct trial_outputs *outputs, float *p,
                            struct at_error *error)
{
    int64_t step = p ? P_ROWS : t->rows.count;
    double *weights = p ? malloc((size_t)(P_ROWS * operands->problem.seq_k) * sizeof *weights) : NULL;
    float *scratch = malloc((size_t)(2 * t->rows.count) * sizeof *scratch);
    enum at_status status = (p && !weights) || !scratch ? at_fail(error, AT_ERR_MEMORY, "trial: no memory for rows") : AT_OK;
    for (int64_t h = 0; h < t->problem.heads_q; h++)
        for (int64_t first = 0; first < t->rows.count && !status; first += step) {
            int64_t count = t->rows.count - first < step ? t->rows.count - first : step;
            status = attend_head(t, operands, h, first, count, outputs, p, weights, scratch, error);
        }
    if (t->setting->outputs_e4m3)
        for (int64_t i = 0; i < t->outputs; i++)
            outputs->o[i] = trial_round(t, outputs->o[i]);
    free(weights);
    free(scratch);
    return status;
}

/* cudnn-frontend, test/python/sdpa/helpers.py, fill_sparse_small_int: four in five elements 0, the others integers from -2 to 2. */
static void fill_sparse(struct at_tensor *tensor, uint64_t seed, uint64_t which)
{
    struct at_random kept = {seed, STREAM_SPARSE + 10 * which}, value = {seed, STREAM_SPARSE + 10 * which + 5};
    for (int64_t i = 0; i < at_tensor_count(tensor); i++) {
        double x = floor(5 * at_random_uniform(value, (uint64_t)i)) - 2;
        float element = at_random_uniform(kept, (uint64_t)i) < 0.8 ? 0 : (float)x;
        at_encode_array(tensor->format, &element, 1, AT_OVERFLOW_IEEE, (char *)tensor->codes + (size_t)i * at_format_size(tensor->format));
    }
}

static enum at_status make_inputs(struct trial *t, struct at_error *error)
{
    if (!strcmp(t->setting->inputs, "sparse-integers")) {
        enum at_status status = at_qkv_init(&t->inputs, t->setting->format, &t->problem, error);
        if (!status) {
            fill_sparse(&t->inputs.q, t->seed, 0);
            fill_sparse(&t->inputs.k, t->seed, 1);
            fill_sparse(&t->inputs.v, t->seed, 2);
        }
        return status;
    }
    struct at_distribution_choice choice;
    enum at_status status = at_distribution_choose(t->setting->inputs, &choice, error);
    return status ? status : at_distribution_generate(&choice, &t->problem, t->setting->format, t->seed, &t->inputs, error);
}

static void draw_descales(struct at_operand *operand, uint64_t seed, uint64_t which)
{
    struct at_random key = {seed, STREAM_DESCALES + 10 * which};
    for (int64_t h = 0; h < operand->scale.heads; h++)
        operand->scale.value[h] = (float)(2 * at_random_uniform(key, (uint64_t)h));
}

static enum at_status make_operands(struct trial *t, const char *variant, struct at_operands *ret_operands, struct at_error *error)
{
    struct at_variant_choice choice;
    enum at_status status = at_variant_choose(variant, &choice, error);
    return status ? status : at_prepare(&t->problem, &choice.numerics, &t->inputs, ret_operands, error);
}

/* The elements of one head of `tensor`, rounded to `format`. Owned by the caller; NULL without memory. */
static float *head_values(const struct at_tensor *tensor, int64_t h, enum at_format format)
{
    int64_t count = tensor->seq * tensor->dim;
    float *values = malloc((size_t)count * sizeof *values);
    if (!values)
        return NULL;
    at_tensor_decode_rows(tensor, 0, h, 0, tensor->seq, values);
    for (int64_t i = 0; i < count; i++)
        values[i] = at_close_round(format, values[i]);
    return values;
}

enum { BLOCK = 128 };

/* Unfused attention of all heads: of the operands with their scales, or of the inputs. */
static enum at_status attend_unfused(const struct trial *t, const struct at_unfused *how, bool operands, struct trial_outputs *outputs,
                                     struct at_error *error)
{
    enum at_status status = AT_OK;
    const struct at_operands *x = &t->operands;
    for (int64_t h = 0; h < t->problem.heads_q && !status; h++) {
        int64_t kv = h / at_problem_group(&t->problem), rows = t->problem.seq_q;
        float *q = head_values(operands ? &x->q.codes : &t->inputs.q, h, how->format);
        float *k = head_values(operands ? &x->k.codes : &t->inputs.k, kv, how->format);
        float *v = head_values(operands ? &x->v.codes : &t->inputs.v, kv, how->format);
        struct at_unfused_head head = {&t->problem, q, k, v, 1, 1, 1};
        if (operands) {
            head.q_descale = at_scale_of(&x->q.scale, 0, h, 0, 0);
            head.k_descale = at_scale_of(&x->k.scale, 0, kv, 0, 0);
            head.v_descale = at_scale_of(&x->v.scale, 0, kv, 0, 0);
        }
        if (!q || !k || !v)
            status = at_fail(error, AT_ERR_MEMORY, "trial %s: no memory for a head", t->setting->name);
        int64_t blocks = status ? 0 : (rows + BLOCK - 1) / BLOCK;
#pragma omp parallel for schedule(dynamic)
        for (int64_t b = 0; b < blocks; b++) {
            int64_t first = b * BLOCK, count = rows - first < BLOCK ? rows - first : BLOCK, line = h * rows + first;
            enum at_status done = at_unfused_attend(how, &head, first, count, outputs->o + line * TRIAL_DIM, outputs->lse + line, error);
#pragma omp critical
            status = done ? done : status;
        }
        free(q);
        free(k);
        free(v);
    }
    return status;
}

/* The elements of one head: of the inputs, or of the operands where the scales are not the inputs' own. */
static float *true_values(const struct trial *t, const struct at_tensor *input, const struct at_operand *operand, int64_t h)
{
    bool own = !t->setting->descales;
    float *values = head_values(own ? input : &operand->codes, h, AT_FP32);
    for (int64_t i = 0; !own && values && i < input->seq * input->dim; i++)
        values[i] *= at_scale_of(&operand->scale, 0, h, 0, 0);
    return values;
}

static void true_row(const float *q, const float *k, const float *v, int64_t keys, double *scores, double o[TRIAL_DIM])
{
    double largest = -INFINITY, sum = 0;
    memset(o, 0, TRIAL_DIM * sizeof *o);
    for (int64_t j = 0; j < keys; j++) {
        double dot = 0;
        for (int64_t c = 0; c < TRIAL_DIM; c++)
            dot += (double)q[c] * (double)k[j * TRIAL_DIM + c];
        scores[j] = dot / sqrt(TRIAL_DIM);
        largest = fmax(largest, scores[j]);
    }
    for (int64_t j = 0; j < keys; j++)
        sum += scores[j] = exp(scores[j] - largest);
    for (int64_t j = 0; j < keys; j++)
        for (int64_t c = 0; c < TRIAL_DIM; c++)
            o[c] += scores[j] / sum * (double)v[j * TRIAL_DIM + c];
}

/* Relative RMSE of some rows against attention in double. */
static enum at_status measure(struct trial *t, struct at_error *error)
{
    enum { ROWS = 32 };
    int64_t step = (t->rows.count + ROWS - 1) / ROWS;
    double *scores = malloc((size_t)t->problem.seq_k * sizeof *scores), error2 = 0, truth2 = 0;
    for (int64_t h = 0; h < t->problem.heads_q; h++) {
        int64_t kv = h / at_problem_group(&t->problem);
        float *q = true_values(t, &t->inputs.q, &t->operands.q, h), *k = true_values(t, &t->inputs.k, &t->operands.k, kv);
        float *v = true_values(t, &t->inputs.v, &t->operands.v, kv);
        for (int64_t i = 0; scores && q && k && v && i < t->rows.count; i += step) {
            double o[TRIAL_DIM];
            true_row(q + i * TRIAL_DIM, k, v, at_problem_keys(&t->problem, i), scores, o);
            for (int64_t c = 0; c < TRIAL_DIM; c++) {
                double e = (double)t->correct.o[(h * t->rows.count + i) * TRIAL_DIM + c] - o[c];
                error2 += e * e;
                truth2 += o[c] * o[c];
            }
        }
        free(q);
        free(k);
        free(v);
    }
    free(scores);
    t->error = sqrt(error2 / truth2);
    return truth2 > 0 ? AT_OK : at_fail(error, AT_ERR_MEMORY, "trial %s: no truth to measure the kernel by", t->setting->name);
}

/* The 16-bit kernel on the inputs, with outputs of the trial's format. */
static enum at_status attend_16(struct trial *t, struct trial_outputs *outputs, struct at_error *error)
{
    struct at_operands operands = {0};
    enum at_status status = make_operands(t, t->format == AT_BF16 ? "fa3-bf16" : "fa3-fp16", &operands, error);
    status = status ? status : trial_attend(t, &operands, outputs, NULL, error);
    at_operands_done(&operands);
    return status;
}

static enum at_status make_references(struct trial *t, struct at_error *error)
{
    enum at_format operand = t->operands.numerics.q.format, wide = at_formats[operand].bits == 8 ? AT_BF16 : operand;
    struct at_unfused fp32 = {AT_FP32, false, AT_FP32, t->format}, bf16 = {AT_BF16, false, AT_BF16, t->format};
    struct at_unfused plain = {wide, true, operand, t->format};
    enum at_status status = AT_OK;
    for (int r = 0; r < AT_REFERENCE_COUNT && !status; r++)
        status = trial_outputs_init(&t->reference[r], t, error);
    status = status ? status : trial_outputs_init(&t->baseline, t, error);
    status = status ? status : attend_unfused(t, &fp32, true, &t->reference[AT_REFERENCE_OPERANDS], error);
    status = status ? status : attend_unfused(t, &fp32, false, &t->reference[AT_REFERENCE_INPUTS], error);
    status = status ? status : attend_unfused(t, &bf16, false, &t->reference[AT_REFERENCE_BF16], error);
    status = status ? status : attend_16(t, &t->reference[AT_REFERENCE_KERNEL_16], error);
    return status ? status : attend_unfused(t, &plain, true, &t->baseline, error);
}

/* What defects read: V as the kernel reads it, and an order of the rows. */
static enum at_status make_material(struct trial *t, struct at_error *error)
{
    int64_t heads = t->problem.heads_kv, keys = t->problem.seq_k;
    t->v = malloc((size_t)(heads * keys * TRIAL_DIM) * sizeof *t->v);
    t->p = malloc((size_t)(t->lines * keys) * sizeof *t->p);
    t->order = malloc((size_t)t->lines * sizeof *t->order);
    if (!t->v || !t->p || !t->order)
        return at_fail(error, AT_ERR_MEMORY, "trial %s: no memory for the weights", t->setting->name);
    for (int64_t h = 0; h < heads; h++) {
        float scale = at_scale_of(&t->operands.v.scale, 0, h, 0, 0), *v = t->v + h * keys * TRIAL_DIM;
        at_tensor_decode_rows(&t->operands.v.codes, 0, h, 0, keys, v);
        for (int64_t i = 0; i < keys * TRIAL_DIM; i++)
            v[i] *= scale;
    }
    for (int64_t i = 0; i < t->lines; i++) {
        int64_t j = (int64_t)(at_random_bits((struct at_random){t->seed, STREAM_ORDER}, (uint64_t)i) % (uint64_t)(i + 1));
        t->order[i] = t->order[j];
        t->order[j] = i;
    }
    return AT_OK;
}

enum at_status trial_init(struct trial *ret_trial, const struct trial_setting *s, uint64_t seed, struct at_error *error)
{
    struct trial t = {.setting = s, .seed = seed, .problem = {1, s->heads, s->heads_kv, s->seq_q, s->seq_k, TRIAL_DIM, s->causal, 0}};
    enum at_status status = at_rows_choose(&t.rows, s->seq_q, 0, seed, error);
    status = status ? status : make_inputs(&t, error);
    status = status ? status : make_operands(&t, s->variant, &t.operands, error);
    t.format = s->outputs_e4m3 ? AT_E4M3 : t.operands.numerics.output;
    t.lines = s->heads * s->seq_q;
    t.outputs = t.lines * TRIAL_DIM;
    if (!status && s->descales) {
        draw_descales(&t.operands.q, seed, 0);
        draw_descales(&t.operands.k, seed, 1);
        draw_descales(&t.operands.v, seed, 2);
    }
    status = status ? status : trial_outputs_init(&t.correct, &t, error);
    status = status ? status : make_material(&t, error);
    status = status ? status : trial_attend(&t, &t.operands, &t.correct, t.p, error);
    status = status ? status : make_references(&t, error);
    status = status ? status : measure(&t, error);
    if (status)
        trial_done(&t);
    else
        *ret_trial = t;
    return status;
}

void trial_done(struct trial *t)
{
    for (struct trial_memo *memo = t->memo, *next; memo; memo = next) {
        next = memo->next;
        trial_outputs_done(&memo->outputs);
        free(memo);
    }
    for (int r = 0; r < AT_REFERENCE_COUNT; r++)
        trial_outputs_done(&t->reference[r]);
    trial_outputs_done(&t->correct);
    trial_outputs_done(&t->baseline);
    free(t->p);
    free(t->v);
    free(t->order);
    at_rows_done(&t->rows);
    at_operands_done(&t->operands);
    at_qkv_done(&t->inputs);
}
