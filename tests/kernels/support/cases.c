/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cases.h"

#include "core/random.h"
#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct at_qkv random_inputs(const struct at_problem *problem, uint64_t seed)
{
    struct at_qkv x;
    assert_int_equal(at_qkv_init(&x, AT_FP16, problem, NULL), AT_OK);
    struct at_tensor *tensors[] = {&x.q, &x.k, &x.v};
    for (int i = 0; i < 3; i++) {
        struct at_random key = {seed, 31 + (uint64_t)i};
        uint16_t *codes = tensors[i]->codes;
        for (int64_t e = 0; e < at_tensor_count(tensors[i]); e++) {
            double z = at_random_normal(key, (uint64_t)e);
            double value = i == 0 ? 2 * z : i == 1 ? z + (e % problem->dim == 3 ? 4.0 : 0.0) : z + 0.5;
            codes[e] = (uint16_t)at_encode(AT_FP16, (float)value, AT_OVERFLOW_IEEE);
        }
    }
    return x;
}

struct at_numerics numerics_of(const char *variant)
{
    struct at_variant_choice choice;
    struct at_error error;
    if (at_variant_choose(variant, &choice, &error))
        fail_msg("%s", error.message);
    return choice.numerics;
}

struct at_operands prepared(const struct at_problem *problem, const struct at_numerics *numerics, const struct at_qkv *inputs)
{
    struct at_operands operands;
    struct at_error error;
    if (at_prepare(problem, numerics, inputs, &operands, &error))
        fail_msg("%s", error.message);
    return operands;
}

/* A value for key i of at_numerics_key: one of the listed ones, or a figure where the list says what kind of figure. */
static void draw_pair(size_t i, uint64_t r, char *pair, size_t room)
{
    static const char *const tiles[] = {"64x32", "64x64", "128x128", "128x96", "192x160", "128x176"};
    const char *name, *values, *help;
    char list[128], *save = NULL;
    at_numerics_key(i, &name, &values, &help);
    snprintf(list, sizeof list, "%s", values);
    int count = 1, at = 0;
    for (const char *c = values; *c; c++)
        count += *c == '|';
    char *piece = strtok_r(list, "|", &save);
    for (at = (int)(r % (uint64_t)count); at > 0; at--)
        piece = strtok_r(NULL, "|", &save);
    char figure[16];
    snprintf(figure, sizeof figure, "%s", piece);
    if (strcmp(piece, "NUMBER") == 0)
        snprintf(figure, sizeof figure, "0.0%d", 1 + (int)(r >> 32 & 7));
    else if (strcmp(piece, "INTEGER") == 0)
        snprintf(figure, sizeof figure, "%d", (int)(r >> 32 & 1023));
    else if (strcmp(piece, "KEYS") == 0)
        snprintf(figure, sizeof figure, "%d", 32 << (r >> 32 & 3));
    else if (strcmp(piece, "MxN") == 0)
        snprintf(figure, sizeof figure, "%s", tiles[(r >> 32) % 6]);
    else if (strcmp(piece, "...") == 0)
        snprintf(figure, sizeof figure, "qk");
    snprintf(pair, room, "%s=%s", name, figure);
}

/* A scale from amax takes 16-bit bf16 codes to 3e38, whose products overflow: a disaster the check allows and nobody wants. */
static bool overflows(const struct at_operand_numerics *o)
{
    return o->storage == AT_BF16 && o->scale != AT_SCALE_NONE && o->scale_rule != AT_SCALE_GIVEN;
}

struct at_numerics random_numerics(const struct at_problem *problem, uint64_t seed, char ret_text[AT_NUMERICS_TEXT_SIZE])
{
    static const char *const bases[] = {"fa3-fp8",   "fa3-fp16",      "fa3-bf16",     "fp8-block128",
                                        "fp8-token", "fp8-two-level", "fp8-kv-cache", "standard-fp16"};
    struct at_random key = {seed, 41};
    struct at_numerics n = numerics_of(bases[seed % 8]), resolved;
    const char *name, *values, *help;
    size_t keys = 0;
    while (at_numerics_key(keys, &name, &values, &help))
        keys++;
    for (uint64_t i = 0, taken = 0; i < 400 && taken < 14; i++) {
        uint64_t r = at_random_bits(key, i);
        struct at_numerics changed = n;
        char pair[64];
        draw_pair(r % keys, r >> 8, pair, sizeof pair);
        if (at_numerics_apply(&changed, pair, NULL) || at_numerics_check(&changed, NULL) ||
            at_numerics_resolve(&changed, problem, &resolved, NULL) || overflows(&changed.q) || overflows(&changed.k) ||
            overflows(&changed.v))
            continue;
        n = changed;
        taken++;
    }
    at_numerics_print(&n, ret_text);
    return n;
}

struct run run_head(const struct at_operands *operands, int64_t b, int64_t h, int64_t count, enum at_simd simd, bool with_p)
{
    const struct at_problem *p = &operands->problem;
    struct run run = {.dim = p->dim, .seq_k = p->seq_k};
    struct at_error error;
    assert_int_equal(at_rows_choose(&run.rows, p->seq_q, count, 3, NULL), AT_OK);
    size_t rows = (size_t)run.rows.count;
    run.a.o = malloc(rows * (size_t)p->dim * sizeof(float));
    run.a.row_max = malloc(rows * sizeof(float));
    run.a.row_sum = malloc(rows * sizeof(float));
    run.a.lse = malloc(rows * sizeof(float));
    run.a.p = with_p ? malloc(rows * (size_t)p->seq_k * sizeof(double)) : NULL;
    assert_true(run.a.o && run.a.row_max && run.a.row_sum && run.a.lse && (run.a.p || !with_p));
    if (at_twin_attend(operands, b, h, &run.rows, simd, &run.a, &error))
        fail_msg("%s", error.message);
    return run;
}

void run_done(struct run *run)
{
    at_rows_done(&run->rows);
    free(run->a.o);
    free(run->a.row_max);
    free(run->a.row_sum);
    free(run->a.lse);
    free(run->a.p);
}

/* Equal bits, or both NaN: which NaN an fp32 sum of several leaves is not the kernel's to say. */
static bool same_double(double x, double y)
{
    return memcmp(&x, &y, sizeof x) == 0 || (x != x && y != y);
}

bool same_row(const struct run *x, int64_t i, const struct run *y, int64_t j)
{
    bool same = memcmp(x->a.o + i * x->dim, y->a.o + j * y->dim, (size_t)x->dim * sizeof(float)) == 0 &&
                memcmp(&x->a.lse[i], &y->a.lse[j], sizeof(float)) == 0 && memcmp(&x->a.row_max[i], &y->a.row_max[j], sizeof(float)) == 0 &&
                same_double((double)x->a.row_sum[i], (double)y->a.row_sum[j]);
    for (int64_t k = 0; k < x->seq_k && same && x->a.p && y->a.p; k++)
        same = same_double(x->a.p[i * x->seq_k + k], y->a.p[j * y->seq_k + k]);
    return same;
}
