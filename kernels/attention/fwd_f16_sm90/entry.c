/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/kernel.h"

#include "kernels/attention/fwd_f16_sm90/config.h"
#include "kernels/attention/fwd_f16_sm90/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* K and V of the (batch, head) pairs that are worked on together should fit in this much of the L2 cache. */
enum { CACHE_BYTES = 32 << 20 };

/*
 * What the kernel computes: FlashAttention-3's numerics in 16 bits. The rows of a tile say which masked keys are visited, whose NaN and
 * infinities in V then count; without a mask they change no bit.
 */
static struct at_numerics numerics_of(enum at_format format, const struct at_problem *p, int tile_m)
{
    const struct at_operand_numerics operand = {.format = format, .storage = format};
    return (struct at_numerics){.q = operand,
                                .k = operand,
                                .v = operand,
                                .score_format = AT_FP32,
                                .p_offset = AT_P_PLAIN,
                                .p_format = format,
                                .tile_m = tile_m,
                                .tile_n = AT_FWD_F16_KEYS(p->dim, p->causal),
                                .order = AT_ORDER_REVERSE,
                                .output = format};
}

static enum at_status check(const struct at_numerics *n, const struct at_problem *p, struct at_error *error)
{
    char asked[AT_NUMERICS_TEXT_SIZE], done[AT_NUMERICS_TEXT_SIZE];
    if (n->q.format != AT_FP16 && n->q.format != AT_BF16)
        return at_fail(error, AT_ERR_UNSUPPORTED, "fwd-f16-sm90: q.format=%s: the kernel reads fp16 or bf16", at_formats[n->q.format].name);
    if (p->dim != 64 && p->dim != 128 && p->dim != 256)
        return at_fail(error, AT_ERR_UNSUPPORTED, "fwd-f16-sm90: head dimension %d: the kernel has 64, 128 and 256", (int)p->dim);
    if (p->seq_q > INT32_MAX / 2 || p->seq_k > INT32_MAX / 2 ||
        p->batch * p->heads_q > INT32_MAX / ((p->seq_q + AT_FWD_F16_ROWS - 1) / AT_FWD_F16_ROWS + 1) / 2)
        return at_fail(error, AT_ERR_UNSUPPORTED, "fwd-f16-sm90: more rows or heads than the kernel counts in 32 bits: split the batch");
    struct at_numerics plain = *n, ours = numerics_of(n->q.format, p, p->causal ? AT_FWD_F16_ROWS : n->tile_m);
    plain.rotation_seed = 0;
    at_numerics_print(&plain, asked);
    at_numerics_print(&ours, done);
    if (strcmp(asked, done) != 0)
        return at_fail(error, AT_ERR_UNSUPPORTED, "fwd-f16-sm90: computes %s; asked is %s: run it on the twin", done, asked);
    return AT_OK;
}

/* What lies on the GPU during one attention. */
struct device_side {
    struct at_gpu *gpu;
    uint64_t q, k, v, o, row_max, row_sum, lse, counter;
};

static size_t bytes_of(const struct at_tensor *t)
{
    return (size_t)at_tensor_count(t) * at_format_size(t->format);
}

static void clear(struct device_side *d)
{
    const uint64_t addresses[] = {d->q, d->k, d->v, d->o, d->row_max, d->row_sum, d->lse, d->counter};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        at_gpu_free(d->gpu, addresses[i]);
}

static enum at_status prepare(struct device_side *d, const struct at_operands *operands, size_t rows, struct at_error *error)
{
    static const uint32_t zero = 0;
    const struct {
        uint64_t *address;
        size_t bytes;
        const void *content;
    } rooms[] = {{&d->q, bytes_of(&operands->q.codes), operands->q.codes.codes},
                 {&d->k, bytes_of(&operands->k.codes), operands->k.codes.codes},
                 {&d->v, bytes_of(&operands->v.codes), operands->v.codes.codes},
                 {&d->o, bytes_of(&operands->q.codes), NULL},
                 {&d->row_max, rows * sizeof(float), NULL},
                 {&d->row_sum, rows * sizeof(float), NULL},
                 {&d->lse, rows * sizeof(float), NULL},
                 {&d->counter, sizeof zero, &zero}};
    enum at_status status = AT_OK;
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0] && !status; i++) {
        status = at_gpu_alloc(d->gpu, rooms[i].bytes, rooms[i].address, error);
        if (!status && rooms[i].content)
            status = at_gpu_copy_in(d->gpu, *rooms[i].address, rooms[i].content, rooms[i].bytes, error);
    }
    return status;
}

static enum at_status launch(const struct device_side *d, const struct at_operands *operands, struct at_error *error)
{
    const struct at_problem *p = &operands->problem;
    int keys = AT_FWD_F16_KEYS(p->dim, p->causal), row_tiles = (int)((p->seq_q + AT_FWD_F16_ROWS - 1) / AT_FWD_F16_ROWS);
    int64_t pairs = p->batch * p->heads_q, at_once = CACHE_BYTES / (p->seq_k * p->dim * 4);
    float coefficient = (float)((double)at_problem_scale_fp32(p) * 0x1.71547652b82fep+0); /* E7: times log2(e), 1.4426950408889634 */
    struct at_fwd_f16_arguments arguments = {.o = d->o,
                                             .row_max = d->row_max,
                                             .row_sum = d->row_sum,
                                             .lse = d->lse,
                                             .counter = d->counter,
                                             .batches = (int32_t)p->batch,
                                             .heads = (int32_t)p->heads_q,
                                             .group = (int32_t)at_problem_group(p),
                                             .rows = (int32_t)p->seq_q,
                                             .keys = (int32_t)p->seq_k,
                                             .row_tiles = row_tiles,
                                             .heads_at_once = (int32_t)(at_once < 1       ? 1
                                                                        : at_once < pairs ? at_once
                                                                                          : pairs),
                                             .coefficient = coefficient,
                                             .coefficient_ln2 = coefficient * 0x1.62e43p-1f /* E24: times ln 2, 0.693147182 */};
    struct at_gpu_map q, k, v;
    char kernel[64];
    enum at_status status = at_gpu_map_tensor(d->gpu, &operands->q.codes, d->q, AT_FWD_F16_ROWS, &q, error);
    if (!status)
        status = at_gpu_map_tensor(d->gpu, &operands->k.codes, d->k, keys, &k, error);
    if (!status)
        status = at_gpu_map_tensor(d->gpu, &operands->v.codes, d->v, keys, &v, error);
    if (status)
        return status;
    snprintf(kernel, sizeof kernel, "fwd_%s_d%d_%s", operands->numerics.q.format == AT_FP16 ? "f16" : "bf16", (int)p->dim,
             p->causal ? "causal" : "full");
    int64_t works = row_tiles * pairs, blocks = at_gpu_facts(d->gpu)->multiprocessors;
    const struct at_gpu_launch start = {.kernel = kernel,
                                        .blocks = (unsigned)(works < blocks ? works : blocks),
                                        .threads = AT_FWD_F16_THREADS,
                                        .shared_bytes = (size_t)AT_FWD_F16_SHARED(p->dim, p->causal),
                                        .arguments = (void *[]){&q, &k, &v, &arguments}};
    return at_gpu_launch(d->gpu, &start, error);
}

/* All of the outputs, or none: they arrive in memory of our own first. */
static enum at_status collect(const struct device_side *d, const struct at_operands *operands, size_t rows,
                              struct at_kernel_outputs *outputs, struct at_error *error)
{
    size_t o_bytes = bytes_of(&operands->q.codes), row_bytes = rows * sizeof(float);
    char *o = malloc(o_bytes + 3 * row_bytes);
    if (!o)
        return at_fail(error, AT_ERR_MEMORY, "fwd-f16-sm90: no memory for %zu bytes of outputs", o_bytes + 3 * row_bytes);
    char *row_max = o + o_bytes, *row_sum = row_max + row_bytes, *lse = row_sum + row_bytes;
    enum at_status status = at_gpu_copy_out(d->gpu, o, d->o, o_bytes, error);
    if (!status)
        status = at_gpu_copy_out(d->gpu, row_max, d->row_max, row_bytes, error);
    if (!status)
        status = at_gpu_copy_out(d->gpu, row_sum, d->row_sum, row_bytes, error);
    if (!status)
        status = at_gpu_copy_out(d->gpu, lse, d->lse, row_bytes, error);
    if (!status) {
        memcpy(outputs->o, o, o_bytes);
        memcpy(outputs->row_max, row_max, row_bytes);
        memcpy(outputs->row_sum, row_sum, row_bytes);
        memcpy(outputs->lse, lse, row_bytes);
    }
    free(o);
    return status;
}

static enum at_status attend(struct at_gpu *gpu, const struct at_operands *operands, struct at_kernel_outputs *outputs,
                             struct at_error *error)
{
    const struct at_problem *p = &operands->problem;
    struct device_side d = {.gpu = gpu};
    size_t rows = (size_t)(p->batch * p->heads_q * p->seq_q);
    enum at_status status = check(&operands->numerics, p, error);
    if (!status)
        status = prepare(&d, operands, rows, error);
    if (!status)
        status = launch(&d, operands, error);
    if (!status)
        status = collect(&d, operands, rows, outputs, error);
    clear(&d);
    return status;
}

const struct at_kernel at_kernel_fwd_f16_sm90 = {
    .name = "fwd-f16-sm90",
    .summary = "FlashAttention-3's forward numerics in fp16 and bf16: TMA, wgmma, two consumer warpgroups in turns",
    .image = &at_fwd_f16_image,
    .check = check,
    .attend = attend,
};
