/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/kernel.h"

#include "kernels/attention/fwd_f16_sm90/config.h"
#include "kernels/attention/fwd_f16_sm90/image.h"

#include <stdio.h>
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

static enum at_status map(const struct at_device_operands *o, const struct at_device_operand *operand, int64_t heads, int64_t seq,
                          int box_rows, struct at_gpu_map *ret_map, struct at_error *error)
{
    const struct at_problem *p = &o->problem;
    const struct at_tensor tensor = {.format = o->numerics.q.format, .batch = p->batch, .heads = heads, .seq = seq, .dim = p->dim};
    return at_gpu_map_tensor(o->gpu, &tensor, operand->codes, box_rows, ret_map, error);
}

static enum at_status start(const struct at_device_operands *o, const struct at_device_outputs *out, struct at_error *error)
{
    const struct at_problem *p = &o->problem;
    int keys = AT_FWD_F16_KEYS(p->dim, p->causal), row_tiles = (int)((p->seq_q + AT_FWD_F16_ROWS - 1) / AT_FWD_F16_ROWS);
    int64_t pairs = p->batch * p->heads_q, at_once = CACHE_BYTES / (p->seq_k * p->dim * 4);
    float coefficient = (float)((double)at_problem_scale_fp32(p) * 0x1.71547652b82fep+0); /* E7: times log2(e), 1.4426950408889634 */
    struct at_fwd_f16_arguments arguments = {.o = out->o,
                                             .row_max = out->row_max,
                                             .row_sum = out->row_sum,
                                             .lse = out->lse,
                                             .counter = out->work,
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
    enum at_status status = map(o, &o->q, p->heads_q, p->seq_q, AT_FWD_F16_ROWS, &q, error);
    if (!status)
        status = map(o, &o->k, p->heads_kv, p->seq_k, keys, &k, error);
    if (!status)
        status = map(o, &o->v, p->heads_kv, p->seq_k, keys, &v, error);
    if (status)
        return status;
    snprintf(kernel, sizeof kernel, "fwd_%s_d%d_%s", o->numerics.q.format == AT_FP16 ? "f16" : "bf16", (int)p->dim,
             p->causal ? "causal" : "full");
    int64_t works = row_tiles * pairs, blocks = at_gpu_facts(o->gpu)->multiprocessors;
    const struct at_gpu_launch launch = {.kernel = kernel,
                                         .blocks = (unsigned)(works < blocks ? works : blocks),
                                         .threads = AT_FWD_F16_THREADS,
                                         .shared_bytes = (size_t)AT_FWD_F16_SHARED(p->dim, p->causal),
                                         .arguments = (void *[]){&q, &k, &v, &arguments}};
    return at_gpu_start(o->gpu, &launch, error);
}

const struct at_kernel at_kernel_fwd_f16_sm90 = {
    .name = "fwd-f16-sm90",
    .summary = "FlashAttention-3's forward numerics in fp16 and bf16: TMA, wgmma, two consumer warpgroups in turns",
    .image = &at_fwd_f16_image,
    .check = check,
    .start = start,
};
