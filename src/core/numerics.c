/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/numerics.h"

#include <inttypes.h>
#include <math.h>

int at_scale_block_rows(enum at_scale_granularity granularity)
{
    return granularity == AT_SCALE_BLOCK64 ? 64 : granularity == AT_SCALE_BLOCK128 ? 128 : 0;
}

int at_rotation_width(enum at_rotation rotation, int64_t dim)
{
    switch (rotation) {
    case AT_ROTATE_HADAMARD: return (int)dim;
    case AT_ROTATE_HADAMARD16: return 16;
    case AT_ROTATE_HADAMARD32: return 32;
    case AT_ROTATE_HADAMARD64: return 64;
    default: return 0;
    }
}

int at_wgmma_depth(enum at_format format)
{
    return 256 / at_formats[format].bits; /* E8c */
}

static enum at_status check_operand(const char *name, const struct at_operand_numerics *o, struct at_error *error)
{
    if (o->format == AT_FP32 || o->storage == AT_FP32)
        return at_fail(error, AT_ERR_UNSUPPORTED, "numerics: %s.format=fp32: the matrix unit reads e4m3, e5m2, fp16 or bf16", name);
    if (o->storage != o->format && !(at_formats[o->storage].bits == 8 && at_formats[o->format].bits == 16))
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "numerics: %s.storage=%s with %s.format=%s: only an 8-bit storage widened to 16 bits may differ from the format",
                       name, at_formats[o->storage].name, name, at_formats[o->format].name);
    bool given = o->scale_rule == AT_SCALE_GIVEN;
    if (given ? !(o->given_scale >= 0x1p-126f && o->given_scale <= 0x1p126f) : o->given_scale != 0)
        return at_fail(error, AT_ERR_ARGUMENT, "numerics: %s.scale-rule=%g: a given scale lies between 2^-126 and 2^126", name,
                       (double)o->given_scale);
    if (given && o->scale == AT_SCALE_NONE)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "numerics: %s.scale-rule=%g with %s.scale=none: nothing would be scaled; say %s.scale=tensor", name,
                       (double)o->given_scale, name, name);
    if (o->storage == AT_BF16 && o->scale != AT_SCALE_NONE && o->scale_rule != AT_SCALE_GIVEN)
        return at_fail(
            error, AT_ERR_ARGUMENT,
            "numerics: %s.scale=%s in bf16: scaled to bf16's largest number, 3.4e38, products overflow; say %s.scale=none or give "
            "a number as %s.scale-rule",
            name, at_scale_granularity_names[o->scale], name, name);
    return AT_OK;
}

static enum at_status check_operands(const struct at_numerics *n, struct at_error *error)
{
    enum at_status status = check_operand("q", &n->q, error);
    if (!status)
        status = check_operand("k", &n->k, error);
    if (!status)
        status = check_operand("v", &n->v, error);
    if (status)
        return status;
    bool both8 = at_formats[n->q.format].bits == 8 && at_formats[n->k.format].bits == 8;
    if (n->q.format != n->k.format && !both8)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "numerics: q.format=%s with k.format=%s: one instruction multiplies two 8-bit formats or "
                       "two equal 16-bit ones",
                       at_formats[n->q.format].name, at_formats[n->k.format].name);
    both8 = at_formats[n->p_format].bits == 8 && at_formats[n->v.format].bits == 8;
    if (n->p_format != n->v.format && !both8)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "numerics: p.format=%s with v.format=%s: one instruction multiplies two 8-bit formats or "
                       "two equal 16-bit ones",
                       at_formats[n->p_format].name, at_formats[n->v.format].name);
    if (n->q.rotate != n->k.rotate)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "numerics: q.rotate=%s with k.rotate=%s: scores keep their value only when both turn alike; "
                       "use rotate=",
                       at_rotation_names[n->q.rotate], at_rotation_names[n->k.rotate]);
    if (n->q.scale == AT_SCALE_CHANNEL || n->k.scale == AT_SCALE_CHANNEL)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "numerics: %c.scale=channel: a scale along the summed dimension does not factor out of the "
                       "dot product; channel scales are for V",
                       n->q.scale == AT_SCALE_CHANNEL ? 'q' : 'k');
    return AT_OK;
}

/* Scale blocks and counted promotion need a tile that they divide; without them the released kernels' table serves. */
static bool tiles_by_blocks(const struct at_numerics *n)
{
    return at_scale_block_rows(n->q.scale) || at_scale_block_rows(n->k.scale) || at_scale_block_rows(n->v.scale) || n->promote > 0;
}

enum { BLOCK_TILE = 128 };

static enum at_status check_tiles(const struct at_numerics *given, struct at_error *error)
{
    struct at_numerics settled = *given;
    const struct at_numerics *n = &settled;
    if (settled.tile_m == AT_TILE_AUTO && settled.tile_n == AT_TILE_AUTO && tiles_by_blocks(given))
        settled.tile_m = settled.tile_n = BLOCK_TILE; /* what resolving will take: accept nothing that it would refuse */
    int depth = at_wgmma_depth(n->p_format), block = at_scale_block_rows(n->v.scale);
    if (n->tile_m < 0 || n->tile_n < 0 || (n->tile_m == AT_TILE_AUTO) != (n->tile_n == AT_TILE_AUTO) || n->tile_m % 64 || n->tile_n % depth)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "numerics: tile=%dx%d: query rows come in multiples of 64, keys in multiples of %d; or say "
                       "tile=auto",
                       n->tile_m, n->tile_n, depth);
    if (n->promote != AT_PROMOTE_NONE && n->promote != AT_PROMOTE_TILE && (n->promote < 32 || n->promote % 32))
        return at_fail(error, AT_ERR_ARGUMENT, "numerics: promote=%d: none, tile, or a multiple of 32 keys", n->promote);
    if (n->promote > 0 && n->tile_n != AT_TILE_AUTO && n->promote > n->tile_n)
        return at_fail(error, AT_ERR_ARGUMENT, "numerics: promote=%d is wider than the tile of %d keys; say promote=tile", n->promote,
                       n->tile_n);
    if (block && n->promote == AT_PROMOTE_NONE)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "numerics: v.scale=block%d with promote=none: one accumulator cannot change its scale from "
                       "block to block; say promote=%d",
                       block, block);
    bool whole_tile = n->promote == AT_PROMOTE_TILE;
    int step = whole_tile ? n->tile_n : n->promote;
    bool tile_crosses = n->tile_n != AT_TILE_AUTO && block && n->tile_n % block && block % n->tile_n;
    if (block && ((step != AT_TILE_AUTO && block % step) || tile_crosses))
        return at_fail(error, AT_ERR_ARGUMENT,
                       "numerics: v.scale=block%d with promote=%d in tiles of %d keys: an accumulation would cross a "
                       "scale block; say promote=%d and a tile that is a multiple of it",
                       block, step, n->tile_n, block);
    return AT_OK;
}

enum at_status at_numerics_check(const struct at_numerics *n, struct at_error *error)
{
    enum at_status status = check_operands(n, error);
    if (!status)
        status = check_tiles(n, error);
    if (status)
        return status;
    if (n->score_format != AT_FP32 && n->score_format != AT_FP16 && n->score_format != AT_BF16)
        return at_fail(error, AT_ERR_UNSUPPORTED, "numerics: scores=%s: fp32, fp16 or bf16", at_formats[n->score_format].name);
    if (n->output != AT_FP32 && n->output != AT_FP16 && n->output != AT_BF16)
        return at_fail(error, AT_ERR_UNSUPPORTED, "numerics: output=%s: fp32, fp16 or bf16", at_formats[n->output].name);
    if (n->p_format == AT_FP32)
        return at_fail(error, AT_ERR_UNSUPPORTED, "numerics: p.format=fp32: the matrix unit reads e4m3, e5m2, fp16 or bf16");
    if (n->p_offset == AT_P_NORMALISED && n->row_sum == AT_SUM_QUANTISED)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "numerics: p.offset=normalised with sum=quantised: P is divided by the sum before it is "
                       "quantised; say sum=unquantised");
    if (n->v.scale == AT_SCALE_TOKEN && n->row_sum == AT_SUM_QUANTISED)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "numerics: v.scale=token with sum=quantised: the token scales are folded into the quantised P, "
                       "so their sum is not the row sum; say sum=unquantised");
    return AT_OK;
}

/*
 * The forward tiles of the released kernels on sm90, query rows x keys: FA3's (flash-attention hopper/tile_size.h, commit 0251105) and, in
 * FP8 promoted per tile, those of vLLM's fork, whose second accumulator leaves fewer registers (the same file, commit 617264c).
 */
static void released_tile(struct at_numerics *n, const struct at_problem *p)
{
    bool fp8 = at_formats[n->v.format].bits == 8, two_level = n->promote == AT_PROMOTE_TILE;
    bool causal = p->causal && p->seq_q > 1; /* T6a: a single query sees every key: the kernels drop the mask */
    if (p->dim <= 64) {
        n->tile_m = 192;                                                /* T6f */
        n->tile_n = fp8 ? (two_level ? 128 : 160) : causal ? 128 : 192; /* T6b */
    } else if (p->dim <= 128) {
        n->tile_m = 128;                                                /* T6g */
        n->tile_n = fp8 ? (two_level ? 192 : 224) : causal ? 128 : 176; /* T6c */
    } else {
        n->tile_m = 128;            /* T6h */
        n->tile_n = fp8 ? 128 : 80; /* T6d */
    }
}

/* Hadamard's matrix in natural order has a power of two of columns, and blocks of it fill the row. */
static enum at_status check_rotation(const struct at_operand_numerics *o, int64_t dim, struct at_error *error)
{
    int width = at_rotation_width(o->rotate, dim), fits = 16;
    if (width == 0 || (dim % width == 0 && (width & (width - 1)) == 0))
        return AT_OK;
    while (fits < 64 && dim % (2 * fits) == 0)
        fits *= 2;
    if (width > dim && (dim & (dim - 1)) == 0)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "numerics: a Hadamard block of %d columns does not fit head dimension %" PRId64 "; say rotate=hadamard", width, dim);
    if (dim % fits)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "numerics: rotate=%s: head dimension %" PRId64 " is no multiple of 16 columns, the smallest block; say rotate=none",
                       at_rotation_names[o->rotate], dim);
    return at_fail(error, AT_ERR_ARGUMENT,
                   "numerics: rotate=%s: a Hadamard block of %d columns does not fit head dimension %" PRId64 "; say rotate=hadamard%d",
                   at_rotation_names[o->rotate], width, dim, fits);
}

enum at_status at_numerics_resolve(const struct at_numerics *numerics, const struct at_problem *p, struct at_numerics *ret_resolved,
                                   struct at_error *error)
{
    struct at_numerics n = *numerics;
    if (n.tile_m == AT_TILE_AUTO && n.tile_n == AT_TILE_AUTO) {
        if (tiles_by_blocks(&n))
            n.tile_m = n.tile_n = BLOCK_TILE; /* T6e */
        else
            released_tile(&n, p);
    }
    enum at_status status = check_rotation(&n.q, p->dim, error);
    if (!status)
        status = check_rotation(&n.v, p->dim, error);
    if (!status)
        status = at_numerics_check(&n, error);
    if (!status)
        *ret_resolved = n;
    return status;
}
