/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/sm90/prepare_cuda.h"

#include "kernels/prepare/rotate.h"
#include "kernels/prepare/scale.h"
#include "kernels/prepare/sm90/config.h"
#include "kernels/prepare/sm90/launch.h"

#include <inttypes.h>
#include <math.h>

/* One of Q, K and V. */
struct tensor {
    const char *name;
    const struct at_operand_numerics *numerics;
    const struct at_device_input *input;
    const struct at_device_operand *operand;
    int64_t heads, rows; /* of a batch; of a head */
};

static int64_t tiles_of(int64_t rows)
{
    return (rows + AT_PREPARE_ROWS - 1) / AT_PREPARE_ROWS;
}

/* Divides the tensor into tiles of 128 or 64 rows, an even number of the latter: turned V has zeros up to a multiple of 128. */
static void set_tiles(struct at_prepare_arguments *a, int tile_rows)
{
    a->tile_rows = tile_rows;
    a->head_tiles = (int32_t)tiles_of(a->rows) * (AT_PREPARE_ROWS / tile_rows);
    a->tiles = a->heads * a->head_tiles;
}

enum at_status at_prepare_gpu_check(const struct at_numerics *n, const struct at_problem *p, struct at_error *error)
{
    if (p->dim != 64 && p->dim != 128 && p->dim != 256)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "prepare on the GPU: head dimension %d: the kernels have 64, 128 and 256: prepare on the CPU", (int)p->dim);
    if (n->q.smooth)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "prepare on the GPU: q.smooth=mean: the attention kernels do not take the unquantised keys that correct it: "
                       "prepare on the CPU and attend on the twin");
    int64_t rows = p->seq_q > p->seq_k ? p->seq_q : p->seq_k;
    if (rows > INT32_MAX / 2 || p->batch > INT32_MAX / 4 / p->heads_q || p->batch * p->heads_q > INT32_MAX / 4 / tiles_of(rows))
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "prepare on the GPU: %" PRId64 " batches of %" PRId64 " heads of %" PRId64
                       " rows are more than the kernels count in 32 bits: split the batch",
                       p->batch, p->heads_q, rows);
    return AT_OK;
}

/* Scales whose largest element is found across tiles. */
static bool across_tiles(const struct at_operand_numerics *n)
{
    return (n->scale == AT_SCALE_TENSOR || n->scale == AT_SCALE_HEAD) && n->scale_rule != AT_SCALE_GIVEN;
}

static bool by_columns(const struct at_operand_numerics *n)
{
    return n->smooth || (n->scale == AT_SCALE_CHANNEL && n->scale_rule != AT_SCALE_GIVEN);
}

enum at_status at_prepare_work_init(struct at_gpu *gpu, const struct at_problem *p, const struct at_numerics *n,
                                    struct at_prepare_work *ret_work, struct at_error *error)
{
    struct at_prepare_work work = {.gpu = gpu};
    const struct at_operand_numerics *of[3] = {&n->q, &n->k, &n->v};
    size_t slots = 0, columns = 0;
    enum at_status status = at_prepare_gpu_check(n, p, error);
    if (status)
        return status;
    for (int i = 0; i < 3; i++) {
        size_t tiles = (size_t)(p->batch * (i ? p->heads_kv : p->heads_q) * tiles_of(i ? p->seq_k : p->seq_q));
        slots += across_tiles(of[i]) ? tiles : 0; /* one launch may take them all */
        columns = by_columns(of[i]) && tiles > columns ? tiles : columns;
    }
    slots *= AT_PREPARE_ROWS / 64; /* the smallest tiles */
    if (slots)
        status = at_gpu_alloc(gpu, slots * sizeof(uint64_t), &work.slots, error);
    if (!status && slots)
        status = at_gpu_fill(gpu, work.slots, 0, slots * sizeof(uint64_t), error); /* no launch has the number 0 */
    if (!status && columns)
        status = at_gpu_alloc(gpu, columns * (size_t)p->dim * sizeof(float), &work.columns, error);
    if (status)
        at_prepare_work_done(&work);
    else
        *ret_work = work;
    return status;
}

void at_prepare_work_done(struct at_prepare_work *work)
{
    if (work->gpu) {
        at_gpu_free(work->gpu, work->slots);
        at_gpu_free(work->gpu, work->columns);
    }
    *work = (struct at_prepare_work){.gpu = NULL};
}

/* What does not depend on how the scale is found. */
static struct at_prepare_arguments arguments_of(const struct tensor *t, const struct at_device_operands *o,
                                                const struct at_prepare_work *work)
{
    const struct at_problem *p = &o->problem;
    const struct at_operand_numerics *n = t->numerics;
    int width = at_rotation_width(n->rotate, p->dim);
    struct at_prepare_arguments a = {.input = t->input->codes,
                                     .codes = t->operand->codes,
                                     .scale = t->operand->scale,
                                     .mean = t->operand->mean,
                                     .slots = work->slots,
                                     .columns = work->columns,
                                     .rows = (int32_t)t->rows,
                                     .heads = (int32_t)(p->batch * t->heads),
                                     .share = 1,
                                     .shift_group = (int32_t)at_problem_group(p),
                                     .input_bytes = (int32_t)at_format_size(t->input->format),
                                     .width = width,
                                     .input_format = t->input->format,
                                     .storage = n->storage,
                                     .format = n->format,
                                     .rule = n->scale_rule,
                                     .turned = t->numerics == &o->numerics.v && at_formats[n->format].bits == 8,
                                     .fixed = at_scale_value(n, 0), /* with a given one, it */
                                     .largest = (float)at_formats[n->storage].max,
                                     .norm = width ? (float)(1.0 / sqrt(width)) : 1.0f, /* E1 */
                                     .softmax = at_problem_scale_fp32(p)};
    set_tiles(&a, AT_PREPARE_ROWS);
    for (int64_t c = 0; c < p->dim && width; c++)
        a.signs[c / 32] |= (uint32_t)(at_rotation_sign(o->numerics.rotation_seed, c) < 0) << c % 32;
    if (t->numerics == &o->numerics.q && o->numerics.k.smooth) {
        a.shift = o->lse_shift;
        a.shift_mean = o->k.mean;
    }
    return a;
}

/* E2, or channel scales (E4): each tile's columns, then each head's. */
static enum at_status start_columns(enum at_prepare_column column, const struct at_device_operands *o, struct at_prepare_arguments a,
                                    struct at_error *error)
{
    struct at_prepare_arguments ended = a;
    a.column = ended.column = column;
    a.source = AT_PREPARE_LOOK;
    a.mean = column == AT_PREPARE_SUM ? 0 : a.mean; /* which is what the sums are for */
    enum at_status status = at_prepare_start_alone("columns", o, &a, error);
    int64_t count = (int64_t)a.heads * o->problem.dim;
    return status
               ? status
               : at_prepare_start_end("prepare_heads", o, ended, (count + AT_PREPARE_SMALL_THREADS - 1) / AT_PREPARE_SMALL_THREADS, error);
}

/*
 * A scale of a head, of query heads that share one, or of the tensor. The pass reads its elements once where the blocks that run at once
 * hold them all; else it reads them twice.
 */
static enum at_status start_scales_across(const struct at_device_operands *o, struct at_prepare_work *work, bool tensor,
                                          struct at_prepare_arguments *a, struct at_error *error)
{
    if (++work->launches == 0)
        work->launches = 1;
    a->launch = work->launches;
    if (tensor)
        a->share = a->heads;
    a->source = AT_PREPARE_GROUP;
    set_tiles(a, AT_PREPARE_GROUP_ROWS(o->problem.dim));
    a->group_tiles = a->share * a->head_tiles;
    if (a->group_tiles <= at_prepare_blocks(o, a->tile_rows, a->tiles))
        return AT_OK;
    set_tiles(a, AT_PREPARE_ROWS);
    a->group_tiles = a->share * a->head_tiles;
    a->source = AT_PREPARE_LOOK;
    struct at_prepare_arguments look = *a;
    look.shift = 0; /* once is enough */
    enum at_status status = at_prepare_start_alone(NULL, o, &look, error);
    if (!status)
        status = at_prepare_start_end("prepare_groups", o, *a, a->heads / a->share, error);
    a->source = AT_PREPARE_READY;
    return status;
}

/* What has to come before the tensor's codes, which the next launch of `batch` makes. */
static enum at_status prepare(const struct tensor *t, const struct at_device_operands *o, struct at_prepare_work *work,
                              struct at_prepare_batch *batch, struct at_error *error)
{
    const struct at_operand_numerics *n = t->numerics;
    struct at_prepare_arguments a = arguments_of(t, o, work);
    enum at_status status = AT_OK;
    if (n->smooth)
        status = start_columns(AT_PREPARE_SUM, o, a, error);
    if (status)
        return status;
    switch (n->scale) {
    case AT_SCALE_BLOCK64: a.source = AT_PREPARE_BLOCK64; break;
    case AT_SCALE_BLOCK128: a.source = AT_PREPARE_TILE; break;
    case AT_SCALE_TOKEN: a.source = AT_PREPARE_TOKEN; break;
    case AT_SCALE_TENSOR:
    case AT_SCALE_HEAD:
        a.share = n->scale == AT_SCALE_HEAD && n == &o->numerics.q ? (int32_t)at_problem_group(&o->problem) : 1;
        a.fixed_count = 1;
        if (across_tiles(n))
            status = start_scales_across(o, work, n->scale == AT_SCALE_TENSOR, &a, error);
        break;
    case AT_SCALE_CHANNEL:
        a.fixed_count = (int32_t)o->problem.dim;
        if (n->scale_rule == AT_SCALE_GIVEN)
            break;
        status = start_columns(AT_PREPARE_MOST, o, a, error);
        a.source = AT_PREPARE_CHANNEL;
        break;
    default: break;
    }
    return status ? status : at_prepare_add_codes(o, &a, batch, error);
}

static enum at_status check_place(const struct tensor *t, struct at_error *error)
{
    if (t->input->codes % 16 == 0)
        return AT_OK;
    return at_fail(error, AT_ERR_ARGUMENT, "prepare on the GPU: %s at %#" PRIx64 ": it must lie at a multiple of 16", t->name,
                   t->input->codes);
}

/* Tensors one after the other, then the last of the launches that make their codes. What is refused is refused before the first launch. */
static enum at_status prepare_these(const int *which, int count, const struct at_device_inputs *inputs, const struct at_device_operands *o,
                                    struct at_prepare_work *work, struct at_error *error)
{
    const struct at_problem *p = &o->problem;
    const struct tensor tensors[3] = {{"Q", &o->numerics.q, &inputs->q, &o->q, p->heads_q, p->seq_q},
                                      {"K", &o->numerics.k, &inputs->k, &o->k, p->heads_kv, p->seq_k},
                                      {"V", &o->numerics.v, &inputs->v, &o->v, p->heads_kv, p->seq_k}};
    struct at_prepare_batch batch = {.count = 0};
    enum at_status status = at_prepare_gpu_check(&o->numerics, p, error);
    for (int i = 0; i < count && !status; i++)
        status = check_place(&tensors[which[i]], error);
    for (int i = 0; i < count && !status; i++)
        status = prepare(&tensors[which[i]], o, work, &batch, error);
    return status ? status : at_prepare_start_codes(o, &batch, error);
}

enum at_status at_prepare_one_on_gpu(int which, const struct at_device_inputs *inputs, const struct at_device_operands *o,
                                     struct at_prepare_work *work, struct at_error *error)
{
    return prepare_these(&which, 1, inputs, o, work, error);
}

enum at_status at_prepare_on_gpu(const struct at_device_inputs *inputs, const struct at_device_operands *o, struct at_prepare_work *work,
                                 struct at_error *error)
{
    static const int order[3] = {1, 0, 2}; /* K's mean comes before the shift of Q's rows; turned codes last (struct at_prepare_batch) */
    return prepare_these(order, 3, inputs, o, work, error);
}
