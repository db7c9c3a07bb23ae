/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "problems.h"

#include "core/random.h"
#include "kernels/variants/variant.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NORMAL, OUTLIERS, SPECIALS, SUBNORMALS, TINY, SATURATING, CONSTANT, ZERO, MINUS_ZERO, ANY_BITS, KINDS };
static const char *const kinds[KINDS] = {"normal",     "outliers", "specials", "subnormals", "tiny",
                                         "saturating", "constant", "zero",     "minus zero", "any bits"};

static int64_t between(struct at_random key, uint64_t counter, int64_t least, int64_t most)
{
    return least + (int64_t)(at_random_bits(key, counter) % (uint64_t)(most - least + 1));
}

static float element(int kind, struct at_random key, uint64_t i)
{
    float x = (float)at_random_normal(key, 2 * i);
    double u = at_random_uniform(key, 2 * i + 1);
    switch (kind) {
    case OUTLIERS: return u < 1e-3 ? 100 * x : x;
    case SPECIALS: return u < 1e-3 ? NAN : u < 1.5e-3 ? INFINITY : u < 2e-3 ? -INFINITY : u < 0.1 ? -0.0f : x;
    case SUBNORMALS: return u < 0.3 ? x * 0x1p-130f : u < 0.6 ? x * 0x1p-18f : x * 0x1p-9f;
    case TINY: return x * 0x1p-119f; /* the scale is the least there is, or just above */
    case SATURATING: return u < 0.5 ? x * 400 : u < 0.9 ? x * 60000 : x * 0x1p125f;
    case CONSTANT: return -0x1.8p-3f;
    case ZERO: return u < 0.5 ? 0.0f : -0.0f;
    case MINUS_ZERO: return -0.0f;
    default: return x;
    }
}

static void fill(struct at_tensor *t, int kind, struct at_random key)
{
    size_t count = (size_t)at_tensor_count(t), size = at_format_size(t->format);
    for (size_t i = 0; i < count; i++) {
        /* What is not a special kind does not become one by a narrow format. */
        uint32_t code = kind == ANY_BITS
                            ? (uint32_t)at_random_bits(key, i)
                            : at_encode(t->format, element(kind, key, i), kind == SPECIALS ? AT_OVERFLOW_IEEE : AT_OVERFLOW_SATURATE);
        memcpy((char *)t->codes + i * size, &code, size); /* little endian, as the GPU */
    }
}

/*
 * What at_prepare_factor's bounds are for: of each row one element, so that rotation of whole rows gives it everywhere, whose quotient by
 * `scale` lies half-way between two numbers of the storage format, or just above where the norm's rounding of a subnormal hides it.
 */
static void fill_ties(struct at_tensor *t, const struct at_operand_numerics *o, float scale, struct at_random key)
{
    const uint64_t bits = o->storage == AT_E5M2 ? 3 : o->storage == AT_E4M3 ? 4 : 11; /* of a significand, the leading one included */
    const int64_t rows = at_tensor_count(t) / t->dim;
    float *x = memset(t->codes, 0, (size_t)at_tensor_count(t) * sizeof *x);
    for (int64_t r = 0; r < rows; r++) {
        uint64_t odd = (uint64_t)1 << bits | (at_random_bits(key, 3 * (uint64_t)r) & (((uint64_t)1 << bits) - 1)) | 1;
        double tie = ldexp((double)odd, -4 - (int)bits); /* 1/16 to 1/8: a normal number of each format */
        double element = tie * (double)scale * sqrt((double)t->dim) + (scale < 1 ? 0x1p-149 : 0);
        int64_t column = between(key, 3 * (uint64_t)r + 1, 0, t->dim - 1);
        x[r * t->dim + column] = (float)(at_random_bits(key, 3 * (uint64_t)r + 2) & 1 ? -element : element);
    }
}

/* A problem for it, with the least scale there is or one of the largest. */
static bool has_ties(int64_t index)
{
    return index % 4 == 3;
}

static void choose_ties(struct at_random key, struct at_numerics *n)
{
    struct at_operand_numerics *o[3] = {&n->q, &n->k, &n->v};
    bool least = between(key, 100, 0, 2);
    for (int i = 0; i < 3; i++) {
        o[i]->scale = AT_SCALE_HEAD;
        o[i]->scale_rule = least && o[i]->storage != AT_BF16 && between(key, 101, 0, 1) ? AT_SCALE_AMAX : AT_SCALE_GIVEN;
        o[i]->given_scale = o[i]->scale_rule == AT_SCALE_GIVEN ? (least ? 0x1p-126f : 0x1.8p125f) : 0;
        o[i]->rotate = AT_ROTATE_HADAMARD;
        o[i]->smooth = AT_SMOOTH_NONE;
    }
}

/* A problem for the tuned kernels: 16 bits in, e4m3 out, whole rows rotated or none, no tile with rows that do not exist. */
static bool has_tuned(int64_t index)
{
    return index % 4 == 1;
}

static void choose_tuned(struct at_random key, int64_t most_rows, struct at_problem *p, struct at_numerics *n)
{
    struct at_operand_numerics *o[3] = {&n->q, &n->k, &n->v};
    p->seq_q = 128 * between(key, 110, 1, 1 + most_rows / 256);
    p->seq_k = between(key, 111, 0, 1) ? p->seq_q : 128 * between(key, 112, 1, 1 + most_rows / 256);
    enum at_rotation rotate = between(key, 113, 0, 2) ? AT_ROTATE_HADAMARD : AT_ROTATE_NONE;
    for (int i = 0; i < 3; i++) {
        o[i]->format = o[i]->storage = AT_E4M3;
        o[i]->rotate = rotate;
        o[i]->smooth = AT_SMOOTH_NONE;
        o[i]->scale = o[i]->scale == AT_SCALE_CHANNEL ? AT_SCALE_HEAD : o[i]->scale;
    }
    n->p_format = AT_E4M3;
}

static void choose_operand(struct at_random key, uint64_t counter, bool channels, struct at_operand_numerics *o)
{
    static const enum at_scale_granularity scales[] = {AT_SCALE_NONE,     AT_SCALE_TENSOR, AT_SCALE_HEAD, AT_SCALE_BLOCK64,
                                                       AT_SCALE_BLOCK128, AT_SCALE_TOKEN,  AT_SCALE_HEAD, AT_SCALE_CHANNEL};
    static const float given[] = {0x1.8p-3f, 1.0f, 0x1p-126f, 0x1p126f, 0.01f};
    o->scale = scales[between(key, counter, 0, channels ? 7 : 6)];
    o->scale_rule = o->scale == AT_SCALE_NONE ? AT_SCALE_AMAX : (enum at_scale_rule)(between(key, counter + 1, 0, 5) % 3);
    if (o->storage == AT_BF16 && o->scale != AT_SCALE_NONE)
        o->scale_rule = AT_SCALE_GIVEN;
    o->given_scale = o->scale_rule == AT_SCALE_GIVEN ? given[between(key, counter + 2, 0, 4)] : 0;
}

static void choose_formats(struct at_random key, struct at_numerics *n)
{
    static const enum at_format narrow[] = {AT_E4M3, AT_E5M2}, wide[] = {AT_FP16, AT_BF16};
    struct at_operand_numerics *o[3] = {&n->q, &n->k, &n->v};
    bool wide_qk = between(key, 20, 0, 3) == 0, wide_v = between(key, 21, 0, 3) == 0;
    enum at_format common = wide[between(key, 22, 0, 1)];
    for (uint64_t i = 0; i < 3; i++) {
        bool is_wide = i < 2 ? wide_qk : wide_v;
        o[i]->format = o[i]->storage = is_wide ? i < 2 ? common : wide[between(key, 23, 0, 1)] : narrow[between(key, 24 + i, 0, 1)];
        if (is_wide && between(key, 27 + i, 0, 1))
            o[i]->storage = narrow[between(key, 30 + i, 0, 1)];
    }
    n->p_format = n->v.format;
}

/* Problems whose tensors one launch may take. */
static bool alike(struct at_random key)
{
    return between(key, 75, 0, 2) == 0;
}

static void choose_numerics(struct at_random key, struct at_numerics *n)
{
    choose_formats(key, n);
    choose_operand(key, 40, false, &n->q);
    choose_operand(key, 50, false, &n->k);
    choose_operand(key, 60, true, &n->v);
    n->q.rotate = n->k.rotate = (enum at_rotation)(between(key, 70, 0, 2 * AT_ROTATION_COUNT - 1) % AT_ROTATION_COUNT);
    n->v.rotate = (enum at_rotation)between(key, 71, 0, AT_ROTATION_COUNT - 1);
    n->q.smooth = AT_SMOOTH_NONE;
    n->k.smooth = between(key, 72, 0, 1) ? AT_SMOOTH_NONE : AT_SMOOTH_MEAN;
    n->v.smooth = between(key, 73, 0, 1) ? AT_SMOOTH_NONE : AT_SMOOTH_MEAN;
    n->rotation_seed = at_random_bits(key, 74);
    if (alike(key)) { /* of whole rows or not at all, so that the narrow kernels take all three at once */
        n->q.rotate = n->k.rotate = n->v.rotate = between(key, 76, 0, 2) ? AT_ROTATE_HADAMARD : AT_ROTATE_NONE;
        n->k.smooth = n->v.smooth = AT_SMOOTH_NONE;
        choose_operand(key, 40, false, &n->k);
        choose_operand(key, 40, false, &n->v);
    }
    int block = at_scale_block_rows(n->v.scale);
    n->promote = block ? block : AT_PROMOTE_NONE;
    n->row_sum = AT_SUM_UNQUANTISED;
    n->tile_m = n->tile_n = AT_TILE_AUTO;
}

static void choose_problem(struct at_random key, int64_t index, int64_t most_rows, int64_t most_heads, struct at_problem *p)
{
    static const int dims[] = {64, 128, 256}, groups[] = {1, 1, 2, 4};
    int64_t group = groups[between(key, 1, 0, 3)];
    *p = (struct at_problem){.dim = dims[index % 3]};
    p->heads_kv = between(key, 2, 1, 3);
    while (p->heads_kv * group > most_heads)
        p->heads_kv > 1 ? p->heads_kv-- : (group /= 2);
    p->heads_q = p->heads_kv * group;
    p->batch = between(key, 3, 1, most_heads / p->heads_q < 3 ? most_heads / p->heads_q : 3);
    p->seq_q = between(key, 4, 0, 5) ? between(key, 5, 1, most_rows) : between(key, 5, 1, 3);
    p->seq_k = between(key, 6, 0, 5) ? between(key, 7, 1, most_rows) : 128 * between(key, 7, 1, 1 + most_rows / 256);
    p->scale = between(key, 8, 0, 3) ? 0 : 0.125;
}

enum at_status prepare_case_make(uint64_t seed, int64_t index, int64_t most_rows, int64_t most_heads, struct prepare_case *ret_case,
                                 struct at_error *error)
{
    struct at_random key = {seed, (uint64_t)index * 8};
    struct at_variant_choice choice;
    struct prepare_case c = {.what = ""};
    char text[AT_NUMERICS_TEXT_SIZE];
    const int all_formats = AT_FORMAT_COUNT;
    choose_problem(key, index, most_rows, most_heads, &c.problem);
    enum at_status status = at_variant_choose("fa3-fp8", &choice, error);
    if (status)
        return status;
    choose_numerics(key, &choice.numerics);
    if (has_ties(index))
        choose_ties(key, &choice.numerics);
    if (has_tuned(index))
        choose_tuned(key, most_rows, &c.problem, &choice.numerics);
    status = at_numerics_resolve(&choice.numerics, &c.problem, &c.numerics, error);
    struct at_tensor *t[3] = {&c.inputs.q, &c.inputs.k, &c.inputs.v};
    int length = snprintf(c.what, sizeof c.what, "d %d, batch %d, heads %d/%d, rows %d, keys %d", (int)c.problem.dim, (int)c.problem.batch,
                          (int)c.problem.heads_q, (int)c.problem.heads_kv, (int)c.problem.seq_q, (int)c.problem.seq_k);
    for (uint64_t i = 0; i < 3 && !status; i++) {
        const struct at_operand_numerics *o = i == 0 ? &c.numerics.q : i == 1 ? &c.numerics.k : &c.numerics.v;
        enum at_format format = (enum at_format)between(key, alike(key) ? 80 : 80 + i, 0, all_formats - 1);
        if (has_ties(index) || has_tuned(index))
            format = has_ties(index) ? AT_FP32 : between(key, alike(key) ? 83 : 83 + i, 0, 1) ? AT_FP16 : AT_BF16;
        int kind = (int)between(key, 90 + i, 0, KINDS - 1);
        status = at_tensor_init(t[i], format, c.problem.batch, i ? c.problem.heads_kv : c.problem.heads_q,
                                i ? c.problem.seq_k : c.problem.seq_q, c.problem.dim, error);
        const struct at_random own = {seed, (uint64_t)index * 8 + 1 + i};
        if (!status && has_ties(index))
            fill_ties(t[i], o, o->given_scale > 1 ? o->given_scale : 0x1p-126f, own);
        else if (!status)
            fill(t[i], kind, own);
        length += snprintf(c.what + length, sizeof c.what - (size_t)length, ", %c %s %s", "QKV"[i], at_formats[format].name,
                           has_ties(index) ? "ties" : kinds[kind]);
    }
    at_numerics_print(&c.numerics, text);
    char *rest = strstr(text, ",scores=");
    if (rest)
        *rest = '\0';
    snprintf(c.what + length, sizeof c.what - (size_t)length, ", %s", text);
    if (status)
        at_qkv_done(&c.inputs);
    else
        *ret_case = c;
    return status;
}
