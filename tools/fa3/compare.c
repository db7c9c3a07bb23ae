/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * fa3_compare SEED COUNT FILE: predicts the outputs of the same cases with the twin and compares them with those that run.cu wrote, bit by
 * bit: for each case O (16 bits, [batch][row][head][column]) and the log-sum-exps (fp32, [batch][head][row]). Exits with 1 when a bit
 * differs, with 2 when nothing could be compared.
 */
#include "cases.h"

#include "kernels/twin/attention.h"
#include "kernels/variants/variant.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(const char *what)
{
    fprintf(stderr, "fa3_compare: %s\n", what);
    exit(2);
}

/* [batch][row][head][column] to the twin's [batch][head][row][column]. */
static struct at_tensor tensor_of(const struct at_fa3_case *c, const void *codes, int64_t seq, int64_t heads)
{
    struct at_tensor t;
    size_t row = (size_t)c->problem.dim * at_format_size(c->format);
    if (at_tensor_init(&t, c->format, c->problem.batch, heads, seq, c->problem.dim, NULL))
        stop("no memory");
    for (int64_t b = 0; b < c->problem.batch; b++)
        for (int64_t h = 0; h < heads; h++)
            for (int64_t s = 0; s < seq; s++)
                memcpy((char *)t.codes + (size_t)((b * heads + h) * seq + s) * row,
                       (const char *)codes + (size_t)((b * seq + s) * heads + h) * row, row);
    return t;
}

static struct at_scales scales_of(const struct at_fa3_case *c, const float *descale, int64_t heads)
{
    const struct at_problem *p = &c->problem;
    struct at_scales s = {AT_SCALE_HEAD, p->batch, heads, 1, malloc((size_t)(p->batch * heads) * sizeof(float))};
    if (!s.value)
        stop("no memory");
    for (int64_t i = 0; i < p->batch * heads; i++)
        s.value[i] = descale[i / heads * p->heads_kv + i % heads / (heads / p->heads_kv)];
    return s;
}

static struct at_operands operands_of(const struct at_fa3_case *c)
{
    static const char *const variants[AT_FORMAT_COUNT] = {[AT_E4M3] = "fa3-fp8", [AT_FP16] = "fa3-fp16", [AT_BF16] = "fa3-bf16"};
    const struct at_problem *p = &c->problem;
    struct at_variant_choice choice;
    struct at_error error;
    struct at_operands o = {.problem = *p};
    if (at_variant_choose(variants[c->format], &choice, &error) || at_numerics_resolve(&choice.numerics, p, &o.numerics, &error))
        stop(error.message);
    o.q.codes = tensor_of(c, c->q, p->seq_q, p->heads_q);
    o.k.codes = tensor_of(c, c->k, p->seq_k, p->heads_kv);
    o.v.codes = tensor_of(c, c->v, p->seq_k, p->heads_kv);
    o.q.scale = scales_of(c, c->descale[0], p->heads_q);
    o.k.scale = scales_of(c, c->descale[1], p->heads_kv);
    o.v.scale = scales_of(c, c->descale[2], p->heads_kv);
    return o;
}

struct counts {
    int64_t outputs, differing, lses, differing_lses;
};

static void compare_head(const struct at_operands *o, int64_t b, int64_t h, const uint16_t *got, const float *got_lse, struct counts *n)
{
    const struct at_problem *p = &o->problem;
    size_t rows_size = (size_t)p->seq_q * sizeof(float);
    struct at_attention a = {malloc(rows_size * (size_t)p->dim), malloc(rows_size), malloc(rows_size), malloc(rows_size), NULL, 0, 0};
    struct at_rows rows;
    struct at_error error;
    if (!a.o || !a.row_max || !a.row_sum || !a.lse)
        stop("no memory");
    if (at_rows_choose(&rows, p->seq_q, 0, 0, &error) || at_twin_attend(o, b, h, &rows, AT_SIMD_AUTO, &a, &error))
        stop(error.message);
    for (int64_t s = 0; s < p->seq_q; s++) {
        for (int64_t d = 0; d < p->dim; d++)
            n->differing += at_encode(o->numerics.output, a.o[s * p->dim + d], AT_OVERFLOW_IEEE) !=
                            got[((b * p->seq_q + s) * p->heads_q + h) * p->dim + d];
        n->differing_lses += memcmp(&a.lse[s], &got_lse[(b * p->heads_q + h) * p->seq_q + s], sizeof(float)) != 0;
    }
    n->outputs += p->seq_q * p->dim;
    n->lses += p->seq_q;
    at_rows_done(&rows);
    free(a.o);
    free(a.row_max);
    free(a.row_sum);
    free(a.lse);
}

/* Names the file, with what the system says of it or else what is wrong. */
static void stop_reading(FILE *file, const char *path, const char *else_what)
{
    fprintf(stderr, "fa3_compare: %s %s%s\n", path, ferror(file) ? "cannot be read: " : "", ferror(file) ? strerror(errno) : else_what);
    exit(2);
}

static struct counts compare_case(const struct at_fa3_case *c, FILE *file, const char *path)
{
    size_t count = (size_t)at_fa3_count_q(c), lses = (size_t)at_fa3_count_lse(c);
    uint16_t *got = malloc(count * sizeof *got);
    float *got_lse = malloc(lses * sizeof *got_lse);
    struct counts n = {0};
    if (!got || !got_lse)
        stop("no memory");
    if (fread(got, sizeof *got, count, file) != count || fread(got_lse, sizeof *got_lse, lses, file) != lses)
        stop_reading(file, path, "ends too early: were the outputs made from the same seed and count?");
    struct at_operands o = operands_of(c);
    for (int64_t b = 0; b < c->problem.batch; b++)
        for (int64_t h = 0; h < c->problem.heads_q; h++)
            compare_head(&o, b, h, got, got_lse, &n);
    at_operands_done(&o);
    free(got);
    free(got_lse);
    return n;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        stop("usage: fa3_compare SEED COUNT FILE");
    struct counts all = {0};
    uint64_t seed = at_fa3_number("SEED", argv[1], 0, UINT64_MAX);
    int64_t cases = (int64_t)at_fa3_number("COUNT", argv[2], 1, INT32_MAX);
    FILE *file = at_fa3_open(argv[3], "rb");
    for (int64_t i = 0; i < cases; i++) {
        struct at_fa3_case c;
        at_fa3_case_make(&c, seed, i);
        const struct at_problem *p = &c.problem;
        struct counts n = compare_case(&c, file, argv[3]);
        printf("%3" PRId64 " %-5s d %3" PRId64 " %-10s batch %" PRId64 " heads %" PRId64 "/%" PRId64 " rows %3" PRId64 " keys %3" PRId64
               " %-12s: %" PRId64 " of %" PRId64 " outputs, %" PRId64 " of %" PRId64 " log-sum-exps differ\n",
               i, at_formats[c.format].name, p->dim, p->causal ? "causal" : "not causal", p->batch, p->heads_q, p->heads_kv, p->seq_q,
               p->seq_k, c.kind, n.differing, n.outputs, n.differing_lses, n.lses);
        all.outputs += n.outputs;
        all.differing += n.differing;
        all.lses += n.lses;
        all.differing_lses += n.differing_lses;
        at_fa3_case_done(&c);
    }
    if (fgetc(file) != EOF || ferror(file))
        stop_reading(file, argv[3], "holds more than these cases");
    printf("%" PRId64 " cases: %" PRId64 " of %" PRId64 " outputs, %" PRId64 " of %" PRId64 " log-sum-exps differ\n", cases, all.differing,
           all.outputs, all.differing_lses, all.lses);
    fclose(file);
    return all.differing || all.differing_lses;
}
