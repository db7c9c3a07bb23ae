/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/operands.h"

#include <stdlib.h>

int64_t at_scale_groups(enum at_scale_granularity granularity, int64_t seq, int64_t dim)
{
    int block = at_scale_block_rows(granularity);
    return block ? (seq + block - 1) / block : granularity == AT_SCALE_TOKEN ? seq : granularity == AT_SCALE_CHANNEL ? dim : 1;
}

float at_scale_of(const struct at_scales *scales, int64_t b, int64_t h, int64_t s, int64_t c)
{
    int64_t group = 0;
    switch (scales->granularity) {
    case AT_SCALE_BLOCK64:
    case AT_SCALE_BLOCK128: group = s / at_scale_block_rows(scales->granularity); break;
    case AT_SCALE_TOKEN: group = s; break;
    case AT_SCALE_CHANNEL: group = c; break;
    default: break;
    }
    return scales->value[(b * scales->heads + h) * scales->groups + group];
}

struct at_clips at_operand_clips(const struct at_operand *operand)
{
    struct at_clips sum = {0, 0};
    for (int64_t i = 0; i < operand->codes.batch * operand->codes.heads; i++) {
        sum.saturated += operand->clips[i].saturated;
        sum.underflowed += operand->clips[i].underflowed;
    }
    return sum;
}

struct at_clips at_operands_head_clips(const struct at_operands *operands, int64_t b, int64_t h)
{
    const struct at_problem *p = &operands->problem;
    int64_t kv = b * p->heads_kv + h / at_problem_group(p);
    struct at_clips q = operands->q.clips[b * p->heads_q + h], k = operands->k.clips[kv], v = operands->v.clips[kv];
    return (struct at_clips){q.saturated + k.saturated + v.saturated, q.underflowed + k.underflowed + v.underflowed};
}

static void operand_done(struct at_operand *operand)
{
    at_tensor_done(&operand->codes);
    free(operand->scale.value);
    free(operand->mean);
    free(operand->values);
    free(operand->clips);
    *operand = (struct at_operand){0};
}

void at_operands_done(struct at_operands *operands)
{
    operand_done(&operands->q);
    operand_done(&operands->k);
    operand_done(&operands->v);
    free(operands->lse_shift);
    operands->lse_shift = NULL;
}

static int64_t mean_groups(const struct at_operand *operand, bool per_block)
{
    return per_block ? (operand->codes.seq + AT_Q_MEAN_ROWS - 1) / AT_Q_MEAN_ROWS : 1;
}

static void add_operand(struct at_hasher *hasher, const struct at_operand *o, bool mean_per_block)
{
    struct at_sha256 codes = at_sha256_of_tensor(&o->codes);
    int64_t heads = o->codes.batch * o->codes.heads, scales = heads * o->scale.groups;
    int32_t granularity = (int32_t)o->scale.granularity;
    at_hasher_add(hasher, codes.hex, sizeof codes.hex);
    at_hasher_add(hasher, &granularity, sizeof granularity);
    at_hasher_add(hasher, o->scale.value, (size_t)scales * sizeof *o->scale.value);
    if (o->mean)
        at_hasher_add(hasher, o->mean, (size_t)(heads * mean_groups(o, mean_per_block) * o->codes.dim) * sizeof *o->mean);
    if (o->values)
        at_hasher_add(hasher, o->values, (size_t)at_tensor_count(&o->codes) * sizeof *o->values);
}

struct at_sha256 at_operands_sha256(const struct at_operands *operands)
{
    struct at_hasher hasher;
    int32_t turned = (int32_t)operands->numerics.v.rotate;
    uint64_t seed = turned ? operands->numerics.rotation_seed : 0;
    at_hasher_start(&hasher);
    at_hasher_add(&hasher, &turned, sizeof turned); /* V is rotated back when it is dequantised */
    at_hasher_add(&hasher, &seed, sizeof seed);
    add_operand(&hasher, &operands->q, true);
    add_operand(&hasher, &operands->k, false);
    add_operand(&hasher, &operands->v, false);
    return at_hasher_end(&hasher);
}
