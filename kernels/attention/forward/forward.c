/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/forward/forward.h"

#include "kernels/attention/forward/arguments.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* K and V of the (batch, head) pairs that are worked on together should fit in this much of the L2 cache. */
enum { CACHE_BYTES = 32 << 20 };

/* A single query sees every key. */
static enum at_forward_mask mask_of(const struct at_problem *p)
{
    return p->causal && p->seq_q > 1 ? AT_FORWARD_causal : AT_FORWARD_full;
}

static enum at_forward_promotion promotion_of(const struct at_numerics *n)
{
    if (at_scale_block_rows(n->k.scale))
        return AT_FORWARD_by_block;
    return n->promote == AT_PROMOTE_NONE ? AT_FORWARD_none : AT_FORWARD_by_tile;
}

/* The rows of a tile say which masked keys are visited, whose NaN and infinities in V then count; without a mask they change no bit. */
static const struct at_forward_tile *tile_of(const struct at_forward_family *family, const struct at_numerics *n,
                                             const struct at_problem *p)
{
    for (size_t i = 0; i < family->count; i++) {
        const struct at_forward_tile *t = &family->tiles[i];
        if (t->dim == p->dim && t->keys == n->tile_n && t->promotion == promotion_of(n) && t->mask == mask_of(p) &&
            (t->mask == AT_FORWARD_full || t->rows == n->tile_m))
            return t;
    }
    return NULL;
}

static enum at_status refuse(const struct at_forward_family *family, struct at_error *error, const char *what)
{
    return at_fail(error, AT_ERR_UNSUPPORTED, "%s: %s: run it on the twin", family->name, what);
}

static enum at_status check_tile(const struct at_forward_family *family, const struct at_numerics *n, const struct at_problem *p,
                                 struct at_error *error)
{
    static const char *const promotions[] = {"one accumulator", "promotion per tile", "scales per block"};
    char known[512] = "";
    if (tile_of(family, n, p))
        return AT_OK;
    for (size_t i = 0; i < family->count; i++) {
        const struct at_forward_tile *t = &family->tiles[i];
        size_t used = strlen(known);
        if (t->dim == p->dim && t->promotion == promotion_of(n) && t->mask == mask_of(p))
            snprintf(known + used, sizeof known - used, "%s%dx%d", used ? ", " : "", t->rows, t->keys);
    }
    return at_fail(error, AT_ERR_UNSUPPORTED, "%s: tile=%dx%d for head dimension %d%s with %s: the kernel has %s: run it on the twin",
                   family->name, n->tile_m, n->tile_n, (int)p->dim, mask_of(p) == AT_FORWARD_causal ? " under a mask" : "",
                   promotions[promotion_of(n)], *known ? known : "none");
}

/* What all kernels of the family do alike. */
static enum at_status check_fields(const struct at_forward_family *family, const struct at_numerics *n, struct at_error *error)
{
    const int v_block = at_scale_block_rows(n->v.scale), k_block = at_scale_block_rows(n->k.scale);
    if (n->q.smooth)
        return refuse(family, error, "q.smooth=mean: the kernel adds nothing to the scores");
    if (n->score_format != AT_FP32)
        return refuse(family, error, "scores rounded to 16 bit");
    if (n->exp2 != AT_MUFU || n->reciprocal != AT_MUFU)
        return refuse(family, error, "exp2=exact or reciprocal=exact: the kernel has the special-function unit");
    if (n->p_offset == AT_P_NORMALISED)
        return refuse(family, error, "p.offset=normalised: the kernel sees a row once");
    if (n->row_sum != AT_SUM_UNQUANTISED)
        return refuse(family, error, "sum=quantised");
    if (n->k.scale == AT_SCALE_TOKEN || n->v.scale == AT_SCALE_TOKEN)
        return refuse(family, error, "k.scale=token or v.scale=token: the kernel has scales per head, and per block of a tile's keys");
    if (n->v.rotate)
        return refuse(family, error, "v.rotate: the kernel does not turn O back");
    if ((k_block && k_block != n->tile_n) || (v_block && (v_block != n->tile_n || !k_block)))
        return refuse(family, error, "block scales: the kernel has those of K, or of K and V, with tiles of as many keys");
    if (k_block && n->promote == AT_PROMOTE_NONE)
        return refuse(family, error, "k.scale=block128 with promote=none: the kernel promotes where it has block scales");
    if (n->promote > 0 && n->promote != n->tile_n)
        return refuse(family, error, "promote: the kernel promotes once for each tile");
    if (n->output != (family->output == AT_FP32 ? n->q.format : family->output))
        return at_fail(error, AT_ERR_UNSUPPORTED, "%s: output=%s: the kernel writes %s: run it on the twin", family->name,
                       at_formats[n->output].name, at_formats[family->output == AT_FP32 ? n->q.format : family->output].name);
    return AT_OK;
}

enum at_status at_forward_check(const struct at_forward_family *family, const struct at_numerics *n, const struct at_problem *p,
                                struct at_error *error)
{
    if (p->dim != 64 && p->dim != 128 && p->dim != 256)
        return at_fail(error, AT_ERR_UNSUPPORTED, "%s: head dimension %" PRId64 ": the kernel has 64, 128 and 256", family->name, p->dim);
    enum at_status status = check_fields(family, n, error);
    if (!status)
        status = check_tile(family, n, p, error);
    if (status)
        return status;
    int64_t row_tiles = (p->seq_q + AT_FORWARD_CONSUMER_ROWS - 1) / AT_FORWARD_CONSUMER_ROWS; /* at most */
    if (p->seq_q > INT32_MAX / 2 || p->seq_k > INT32_MAX / 2 || p->batch > INT32_MAX / 2 / row_tiles / p->heads_q)
        return at_fail(error, AT_ERR_UNSUPPORTED, "%s: more rows or heads than the kernel counts in 32 bits: split the batch",
                       family->name);
    return AT_OK;
}

static struct at_forward_arguments arguments_of(const struct at_forward_tile *tile, const struct at_device_operands *o,
                                                const struct at_device_outputs *out)
{
    const struct at_problem *p = &o->problem;
    const struct at_numerics *n = &o->numerics;
    int64_t pairs = p->batch * p->heads_q, at_once = CACHE_BYTES / (p->seq_k * p->dim * 2 * (int64_t)at_format_size(n->k.format));
    int q_block = n->q.scale == AT_SCALE_TOKEN ? 1 : at_scale_block_rows(n->q.scale);
    struct at_forward_arguments a = {.o = out->o,
                                     .row_max = out->row_max,
                                     .row_sum = out->row_sum,
                                     .lse = out->lse,
                                     .work = out->work,
                                     .q_scale = o->q.scale,
                                     .k_scale = o->k.scale,
                                     .v_mean = o->v.mean,
                                     .lse_shift = o->lse_shift,
                                     .q_scales = (int32_t)at_scale_groups(n->q.scale, p->seq_q, p->dim),
                                     .q_scale_rows = q_block ? q_block : INT32_MAX,
                                     .tiles = (int32_t)((p->seq_k + tile->keys - 1) / tile->keys),
                                     .batches = (int32_t)p->batch,
                                     .heads = (int32_t)p->heads_q,
                                     .group = (int32_t)at_problem_group(p),
                                     .rows = (int32_t)p->seq_q,
                                     .keys = (int32_t)p->seq_k,
                                     .row_tiles = (int32_t)((p->seq_q + tile->rows - 1) / tile->rows),
                                     .tile_step = n->order == AT_ORDER_REVERSE ? -1 : 1,
                                     /* E7: times log2(e), 1.4426950408889634 */
                                     .log2_scale = (float)((double)at_problem_scale_fp32(p) * 0x1.71547652b82fep+0),
                                     .factor = 1};
    a.heads_at_once = (int32_t)(at_once < 1 ? 1 : at_once < pairs ? at_once : pairs);
    if (n->v.scale == AT_SCALE_CHANNEL)
        a.v_column_scale = o->v.scale;
    else if (at_scale_block_rows(n->v.scale))
        a.v_tile_scale = o->v.scale;
    else
        a.v_scale = o->v.scale;
    if (n->p_offset == AT_P_POW2_8) {
        a.offset = 8; /* E11 */
        a.factor = 0x1p-8f;
    } else if (n->p_offset == AT_P_448) {
        a.offset = 0x1.19d5dap+3f; /* E11: log2(448), 8.80735492 */
        a.factor = 1.0f / 448.0f;  /* E24 */
    }
    return a;
}

static enum at_status map(const struct at_device_operands *o, uint64_t codes, struct at_tensor tensor, int box_rows,
                          struct at_gpu_map *ret_map, struct at_error *error)
{
    tensor.batch = o->problem.batch;
    return at_gpu_map_tensor(o->gpu, &tensor, codes, box_rows, ret_map, error);
}

enum at_status at_forward_start(const struct at_forward_family *family, const struct at_device_operands *o,
                                const struct at_device_outputs *out, struct at_error *error)
{
    static const char *const promotions[] = {"none", "by_tile", "by_block"}, *const masks[] = {"full", "causal"};
    static const char *const formats[AT_FORMAT_COUNT] = {[AT_E4M3] = "e4m3", [AT_E5M2] = "e5m2", [AT_FP16] = "f16", [AT_BF16] = "bf16"};
    const struct at_problem *p = &o->problem;
    const struct at_numerics *n = &o->numerics;
    const struct at_forward_tile *t = tile_of(family, n, p);
    if (!t)
        return check_tile(family, n, p, error);
    int size = (int)at_format_size(n->q.format);
    struct at_forward_arguments arguments = arguments_of(t, o, out);
    struct at_tensor q = {.format = n->q.format, .heads = p->heads_q, .seq = p->seq_q, .dim = p->dim};
    struct at_tensor k = {.format = n->k.format, .heads = p->heads_kv, .seq = p->seq_k, .dim = p->dim}, v = k;
    v.format = n->v.format;
    if (size == 1) { /* turned */
        v.seq = p->dim;
        v.dim = at_device_v_columns(p);
    }
    struct at_tensor made = {.format = n->output, .heads = p->heads_q, .seq = p->seq_q, .dim = p->dim};
    struct at_gpu_map maps[4];
    enum at_status status = map(o, o->q.codes, q, t->rows, &maps[0], error);
    if (!status)
        status = map(o, o->k.codes, k, t->keys, &maps[1], error);
    if (!status)
        status = map(o, o->v.codes, v, size == 1 ? t->dim : t->keys, &maps[2], error);
    if (!status)
        status = map(o, out->o, made, AT_FORWARD_CONSUMER_ROWS, &maps[3], error);
    if (status)
        return status;
    char kernel[96];
    snprintf(kernel, sizeof kernel, "fwd_%s_%s_%s_d%d_%dx%d_%s_%s%s", formats[n->q.format], formats[n->k.format], formats[n->v.format],
             t->dim, t->rows, t->keys, promotions[t->promotion], masks[t->mask], family->suffix ? family->suffix : "");
    int64_t works = arguments.row_tiles * p->batch * p->heads_q, blocks = at_gpu_facts(o->gpu)->multiprocessors;
    const struct at_gpu_launch launch = {.image = family->image,
                                         .kernel = kernel,
                                         .blocks = (unsigned)(works < blocks ? works : blocks),
                                         .threads = 128u * (unsigned)(t->rows / AT_FORWARD_CONSUMER_ROWS + !family->alone),
                                         .shared_bytes = (size_t)AT_FORWARD_SHARED(t->dim, t->rows, t->keys, t->stages, size),
                                         .arguments = (void *[]){&maps[0], &maps[1], &maps[2], &maps[3], &arguments}};
    return at_gpu_start(o->gpu, &launch, error);
}
