/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cases.h"

#include "core/random.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"normal", "outliers", "v-mean", "large scores", "shifted k"};
enum kind { NORMAL, OUTLIERS, V_MEAN, LARGE_SCORES, SHIFTED_K, KINDS };

static int64_t between(struct at_random key, uint64_t counter, int64_t least, int64_t most)
{
    return least + (int64_t)(at_random_bits(key, counter) % (uint64_t)(most - least + 1));
}

static void *room(size_t bytes)
{
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory) {
        fprintf(stderr, "fa3: no memory for %zu bytes\n", bytes);
        exit(2);
    }
    return memory;
}

uint64_t at_fa3_number(const char *what, const char *text, uint64_t low, uint64_t high)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    if (!end || *end || errno || value < low || value > high) {
        fprintf(stderr, "fa3: %s '%s' is not a whole number from %" PRIu64 " to %" PRIu64 "\n", what, text, low, high);
        exit(2);
    }
    return value;
}

FILE *at_fa3_open(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (!file) {
        fprintf(stderr, "fa3: %s cannot be %s: %s\n", path, *mode == 'r' ? "read" : "written", strerror(errno));
        exit(2);
    }
    return file;
}

int64_t at_fa3_count_q(const struct at_fa3_case *c)
{
    return c->problem.batch * c->problem.seq_q * c->problem.heads_q * c->problem.dim;
}

int64_t at_fa3_count_k(const struct at_fa3_case *c)
{
    return c->problem.batch * c->problem.seq_k * c->problem.heads_kv * c->problem.dim;
}

int64_t at_fa3_count_lse(const struct at_fa3_case *c)
{
    return c->problem.batch * c->problem.seq_q * c->problem.heads_q;
}

/* One tensor: deviates, changed as the kind of the case says. `which`: 0 Q, 1 K, 2 V. */
static void *fill(const struct at_fa3_case *c, enum kind kind, uint64_t seed, uint64_t stream, int which)
{
    int64_t count = which ? at_fa3_count_k(c) : at_fa3_count_q(c), heads = which ? c->problem.heads_kv : c->problem.heads_q;
    struct at_random key = {seed, stream + 1 + (uint64_t)which}, rare = {seed, stream + 4 + (uint64_t)which}, shift = {seed, stream + 7};
    size_t size = at_format_size(c->format);
    char *codes = room((size_t)count * size);
    for (int64_t i = 0; i < count; i++) {
        double x = at_random_normal(key, (uint64_t)i);
        if (kind == NORMAL && c->format == AT_E4M3)
            x *= 60; /* the whole range, as a quantiser leaves it */
        if (kind == OUTLIERS && at_random_uniform(rare, (uint64_t)(2 * i)) < 1e-3)
            x += 10 * at_random_normal(rare, (uint64_t)(2 * i + 1));
        if (kind == V_MEAN && which == 2)
            x += 1;
        if (kind == LARGE_SCORES && which == 0)
            x *= 6;
        if (kind == SHIFTED_K && which == 1)
            x += 2 * at_random_normal(shift, (uint64_t)(i % (heads * c->problem.dim)));
        uint32_t code = at_encode(c->format, (float)x, AT_OVERFLOW_SATURATE);
        memcpy(codes + (size_t)i * size, &code, size);
    }
    return codes;
}

void at_fa3_case_make(struct at_fa3_case *ret_case, uint64_t seed, int64_t index)
{
    static const enum at_format formats[] = {AT_E4M3, AT_E4M3, AT_E4M3, AT_FP16, AT_BF16};
    static const int dims[] = {64, 128, 256}, groups[] = {1, 1, 2, 3, 4};
    uint64_t stream = (uint64_t)index * 16;
    struct at_random key = {seed, stream};
    enum kind kind = (enum kind)between(key, 0, 0, KINDS - 1);
    struct at_fa3_case c = {.format = formats[index % 5], .kind = kinds[kind]};
    struct at_problem *p = &c.problem;
    p->dim = dims[index / 5 % 3];
    p->causal = index / 15 % 2;
    p->batch = between(key, 1, 1, 2);
    p->heads_kv = between(key, 2, 1, 2);
    p->heads_q = p->heads_kv * groups[between(key, 3, 0, 4)];
    p->seq_q = between(key, 4, 1, 700);
    p->seq_k = between(key, 5, p->causal ? p->seq_q : 1, p->causal ? p->seq_q + 400 : 900);
    if (index % 7 == 0)
        p->seq_q = p->seq_k = 128 * between(key, 6, 2, 4);
    c.q = fill(&c, kind, seed, stream, 0);
    c.k = fill(&c, kind, seed, stream, 1);
    c.v = fill(&c, kind, seed, stream, 2);
    int64_t scales = p->batch * p->heads_kv;
    for (int i = 0; i < 3; i++) {
        c.descale[i] = room((size_t)scales * sizeof(float));
        for (int64_t j = 0; j < scales; j++) {
            double x = exp2(4 * at_random_uniform(key, (uint64_t)(16 + i * scales + j)) - 3);
            c.descale[i][j] = c.format != AT_E4M3 ? 1.0f : (float)(kind == NORMAL && i < 2 ? x / 60 : x);
        }
    }
    *ret_case = c;
}

void at_fa3_case_done(struct at_fa3_case *c)
{
    free(c->q);
    free(c->k);
    free(c->v);
    for (int i = 0; i < 3; i++)
        free(c->descale[i]);
}
