/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "problems.h"

#include "core/random.h"
#include "datasets/dataset.h"
#include "kernels/attention/kernel.h"
#include "kernels/prepare/prepare.h"
#include "kernels/variants/variant.h"

#include <math.h>
#include <stdio.h>

static const char *const own_kinds[OWN_KINDS] = {"large scores", "specials", "subnormals", "saturating", "extremes", "random codes"};

static int64_t between(struct at_random key, uint64_t counter, int64_t least, int64_t most)
{
    return least + (int64_t)(at_random_bits(key, counter) % (uint64_t)(most - least + 1));
}

/* Bases whose fields are then varied; each is computed by a kernel for some head dimension. */
static const char *const bases[] = {"fa3-fp16",
                                    "fa3-fp8",
                                    "fa3-bf16",
                                    "fp8-block128",
                                    "fp8-two-level",
                                    "fp8-hadamard",
                                    "fp8-e5m2",
                                    "fp8-smooth-kv",
                                    "fp16",
                                    "fp8-kv-cache",
                                    "fp8:k.format=e5m2,k.storage=e5m2,v.format=e5m2,v.storage=e5m2",
                                    "fp8:promote=128"};
enum { BASES = sizeof bases / sizeof bases[0] };

static bool both_16(const struct at_numerics *n)
{
    return at_formats[n->q.format].bits == 16;
}

/* Random numerics that a kernel computes: fields are varied one by one, and a variation that none does is taken back. */
static enum at_status choose_numerics(struct at_random key, const struct at_problem *p, int64_t base, struct at_numerics *ret_numerics,
                                      struct at_error *error)
{
    static const char *const scales[] = {"none", "tensor", "head", "block64", "block128", "token", "channel"};
    static const char *const rules[] = {"amax", "pow2", "0.01"}, *const offsets[] = {"plain", "pow2-8", "448"};
    static const char *const tiles[] = {"auto", "192x128", "192x96", "128x128", "192x160"}, *const promotions[] = {"none", "tile", "128"};
    struct at_variant_choice choice;
    enum at_status status = at_variant_choose(bases[base], &choice, error);
    if (status)
        return status;
    struct at_numerics n = choice.numerics;
    char spelled[16][64];
    int count = 0;
    snprintf(spelled[count++], 64, "q.scale=%s", scales[between(key, 20, 0, 5)]);
    snprintf(spelled[count++], 64, "v.scale=%s", scales[between(key, 21, 0, 6)]);
    snprintf(spelled[count++], 64, "k.scale=%s", scales[between(key, 22, 0, 4)]);
    snprintf(spelled[count++], 64, "q.scale-rule=%s", rules[between(key, 23, 0, 2)]);
    snprintf(spelled[count++], 64, "v.scale-rule=%s", rules[between(key, 24, 0, 2)]);
    snprintf(spelled[count++], 64, "p.offset=%s", offsets[between(key, 25, 0, 2)]);
    snprintf(spelled[count++], 64, "order=%s", between(key, 26, 0, 2) ? "reverse" : "forward");
    snprintf(spelled[count++], 64, "tile=%s", tiles[between(key, 27, 0, 4)]);
    snprintf(spelled[count++], 64, "promote=%s", promotions[between(key, 28, 0, 2)]);
    snprintf(spelled[count++], 64, "smooth=%s", between(key, 29, 0, 3) ? "none" : "kv");
    snprintf(spelled[count++], 64, "rotate=%s", between(key, 30, 0, 3) ? "none" : "hadamard");
    for (int i = 0; i < count; i++) {
        struct at_numerics varied = n, resolved;
        const struct at_kernel *kernel;
        if (between(key, 40 + (uint64_t)i, 0, 1) || (both_16(&n) && i < 6))
            continue;
        if (!at_numerics_apply(&varied, spelled[i], NULL) && !at_numerics_resolve(&varied, p, &resolved, NULL) &&
            !at_kernel_choose(&resolved, p, &kernel, NULL))
            n = varied;
    }
    status = at_numerics_resolve(&n, p, ret_numerics, error);
    const struct at_kernel *kernel;
    if (!status && at_kernel_choose(ret_numerics, p, &kernel, error)) {
        /* Under a mask the released tile of a format may be another than the kernel's. */
        status = at_numerics_apply(&n, "tile=128x128", error);
        if (!status)
            status = at_numerics_resolve(&n, p, ret_numerics, error);
    }
    return status;
}

/* Q and K so small that the coefficient from score to exponent vanishes; or so large, of different signs, that the shift is infinite. */
static float extreme(int which, struct at_random key, float x)
{
    const bool large = at_random_bits((struct at_random){key.seed, key.stream / 8 * 8}, UINT64_MAX) % 3 == 0;
    const int power = (int)between(key, UINT64_MAX, 0, 30);
    return large ? ldexpf(which ? -fabsf(x) : fabsf(x), 45 + power) : ldexpf(x, power - 85);
}

static float element(int kind, int which, struct at_random key, uint64_t i)
{
    float x = (float)at_random_normal(key, 2 * i);
    double u = at_random_uniform(key, 2 * i + 1);
    if (kind == LARGE_SCORES && which == 0)
        return 20 * x;
    if (kind == EXTREMES && which < 2)
        return extreme(which, key, x);
    if (kind == SUBNORMALS)
        return u < 0.5 ? x * 0x1p-20f : x;
    if (kind == SATURATING && u < 1e-3)
        return 1e5f * x;
    if (kind == SPECIALS && u < 1e-5)
        return u < 3e-6 ? NAN : u < 6e-6 ? INFINITY : -INFINITY;
    return x;
}

enum at_status problem_inputs(int kind, const struct at_problem *p, struct job job, struct at_qkv *ret_qkv, struct at_error *error)
{
    enum at_status status = at_qkv_init(ret_qkv, AT_FP32, p, error);
    struct at_tensor *tensors[] = {&ret_qkv->q, &ret_qkv->k, &ret_qkv->v};
    for (int t = 0; t < 3 && !status; t++) {
        const struct at_random key = {job.seed, (uint64_t)job.index * 8 + 1 + (uint64_t)t};
        float *x = tensors[t]->codes;
#pragma omp parallel for schedule(static)
        for (int64_t i = 0; i < at_tensor_count(tensors[t]); i++)
            x[i] = element(kind, t, key, (uint64_t)i);
    }
    return status;
}

/* All codes, NaN among them, in the place of those that prepare made. */
static void scatter_codes(struct at_operands *o, struct job job)
{
    struct at_tensor *tensors[] = {&o->q.codes, &o->k.codes, &o->v.codes};
    for (int t = 0; t < 3; t++) {
        const struct at_random key = {job.seed, (uint64_t)job.index * 8 + 5 + (uint64_t)t};
        size_t size = at_format_size(tensors[t]->format);
        for (int64_t i = 0; i < at_tensor_count(tensors[t]); i++) {
            uint64_t bits = at_random_bits(key, (uint64_t)i);
            /* Few in 16 bits, where most random codes are large: sums would all be NaN. */
            if (size == 1 && (t < 2 || bits >> 32 & 1))
                ((uint8_t *)tensors[t]->codes)[i] = (uint8_t)(bits >> 8 & 1023 ? bits & 0xf7 : bits);
            else if (size == 2 && !(bits >> 20 & 4095))
                ((uint16_t *)tensors[t]->codes)[i] = (uint16_t)bits;
        }
    }
}

enum at_status problem_make(struct job job, struct at_operands *ret_operands, char what[PROBLEM_TEXT_SIZE], struct at_error *error)
{
    static const int dims[] = {64, 128, 256}, groups[] = {1, 1, 2, 4};
    struct at_random key = {job.seed, (uint64_t)job.index * 8};
    int64_t kind = between(key, 0, 0, (int64_t)at_distribution_count + OWN_KINDS - 1), own = kind - (int64_t)at_distribution_count;
    int64_t pairs = between(key, 1, 1, job.heads);
    struct at_problem p = {.heads_kv = between(key, 2, 1, pairs < 3 ? pairs : 3), .dim = dims[job.index / BASES % 3]};
    struct at_numerics n;
    struct at_qkv qkv;
    struct at_distribution_choice choice;
    char text[AT_NUMERICS_TEXT_SIZE];
    p.batch = pairs / p.heads_kv;
    p.heads_q = p.heads_kv * groups[between(key, 3, 0, 3)];
    p.seq_q = between(key, 4, 1, job.rows);
    p.seq_k = between(key, 5, 1, job.keys);
    p.causal = job.index / BASES / 3 % 2;
    enum at_status status = choose_numerics(key, &p, job.index % BASES, &n, error);
    if (status)
        return status;
    at_numerics_print(&n, text);
    snprintf(what, PROBLEM_TEXT_SIZE, "%s, d %d, %s, batch %d, heads %d/%d, rows %d, keys %d, %.300s",
             own < 0 ? at_distributions[kind]->name : own_kinds[own], (int)p.dim, p.causal ? "causal" : "not causal", (int)p.batch,
             (int)p.heads_q, (int)p.heads_kv, (int)p.seq_q, (int)p.seq_k, text);
    if (own >= 0)
        status = problem_inputs((int)own, &p, job, &qkv, error);
    else
        status = at_distribution_choose(at_distributions[kind]->name, &choice, error);
    if (!status && own < 0)
        status = at_distribution_generate(&choice, &p, AT_BF16, job.seed + (uint64_t)job.index, &qkv, error);
    if (!status)
        status = at_prepare(&p, &n, &qkv, ret_operands, error);
    if (!status && own == CODES)
        scatter_codes(ret_operands, job);
    at_qkv_done(&qkv);
    return status;
}
