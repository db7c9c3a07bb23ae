/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_lse.h"

#include "kernels/twin/wgmma.h"
#include "study/noise.h"

#include <math.h>
#include <stdlib.h>

/* One operand's row as codes, with e(x) of each; AT_WGMMA_ZERO for zeros. */
struct codes {
    float *value;
    int *exponent;
};

/* An accumulator without its losses, and the interval that its error lies in, in units of both scales. */
struct chain {
    double exact, low, high; /* low <= 0 <= high */
};

/* The instruction on the two formats. */
struct instruction {
    struct at_wgmma_rounding r;
    int digits; /* of a product, behind its leading one */
};

/* floor(log2 |x|); -1074 or less for 0. */
static int exponent_of(double x)
{
    int e;
    frexp(x, &e);
    return x == 0 ? -1100 : e - 1;
}

/* What x loses when it is cut toward zero from multiples of `last` to multiples of `unit`, at most. */
static double cut(double x, double last, double unit)
{
    return last < unit ? fmin(fabs(x), unit - last) : 0;
}

/* What a number in the interval loses, cut toward zero: at most `most` if it may be positive, and the other way. */
static void lose(struct chain *c, double before_low, double before_high, double most)
{
    if (before_high > 0)
        c->low -= most;
    if (before_low < 0)
        c->high += most;
}

/*
 * One instruction (docs/numerics.md, "One WGMMA"): the accumulator, whose last place is that of its significant bits, and the products,
 * whose last place is that of their codes', are cut to multiples of 2^(E - F), the sum of them to its significant bits. Where the exponent
 * depends on what was lost before, the larger one counts.
 */
static void add_products(struct chain *c, const struct instruction *in, const struct codes *a, const struct codes *b, int64_t from,
                         int64_t count)
{
    const double before_low = c->exact + c->low, before_high = c->exact + c->high;
    const double size = fmax(fabs(before_low), fabs(before_high));
    int largest = size > 0 ? exponent_of(size) : -133;
    for (int64_t i = from; i < from + count; i++) {
        const int e = a->exponent[i] + b->exponent[i];
        largest = a->value[i] != 0 && b->value[i] != 0 && e > largest ? e : largest;
    }
    largest = largest < -133 ? -133 : largest;
    const double unit = ldexp(1, largest - in->r.fraction);
    const double least = before_low > 0 || before_high < 0 ? fmin(fabs(before_low), fabs(before_high)) : 0;
    if (size > 0)
        lose(c, before_low, before_high, cut(size, ldexp(1, exponent_of(least) + 1 - in->r.significant), unit));
    for (int64_t i = from; i < from + count; i++) {
        const double term = (double)a->value[i] * (double)b->value[i];
        if (term == 0)
            continue;
        const double loss = cut(term, ldexp(1, a->exponent[i] + b->exponent[i] - in->digits), unit);
        c->low -= term > 0 ? loss : 0;
        c->high += term < 0 ? loss : 0;
        c->exact += term;
    }
    const double low = c->exact + c->low, high = c->exact + c->high;
    const double last = ldexp(1, exponent_of(fmax(fabs(low), fabs(high))) + 1 - in->r.significant);
    lose(c, low, high, cut(fmax(fabs(low), fabs(high)), unit, last));
}

static void decode(const struct at_tensor *t, int64_t b, int64_t h, int64_t row, struct codes *to, int64_t at)
{
    at_tensor_decode_rows(t, b, h, row, 1, to->value + at);
    for (int64_t i = at; i < at + t->dim; i++)
        to->exponent[i] = at_wgmma_exponent(t->format, to->value[i]);
}

static bool codes_init(struct codes *ret, int64_t count)
{
    *ret = (struct codes){calloc((size_t)count, sizeof(float)), calloc((size_t)count, sizeof(int))};
    return ret->value && ret->exponent;
}

static void codes_done(struct codes *c)
{
    free(c->value);
    free(c->exponent);
}

/* Of one row: ln sum p_j e^(error_j) at both ends, sum p_j = 1. */
static void sum_row(const struct at_operands *o, const struct at_oracle_truth *truth, int64_t i, int64_t keys, double *low, double *high,
                    double *ret_low, double *ret_high)
{
    const double *p = truth->p + i * o->problem.seq_k;
    double least = 0, most = 0, sum[2] = {0, 0};
    for (int64_t j = 0; j < keys; j++) {
        least = fmin(least, low[j]);
        most = fmax(most, high[j]);
    }
    for (int64_t j = 0; j < keys; j++) {
        sum[0] += p[j] * exp(low[j] - least);
        sum[1] += p[j] * exp(high[j] - most);
    }
    *ret_low = keys ? fmin(log(sum[0]) + least, 0) : 0;
    *ret_high = keys ? fmax(log(sum[1]) + most, 0) : 0;
}

struct scorer {
    const struct at_operands *operands;
    int64_t b, h;
    struct codes keys; /* of the head, [seq_k][dim] */
};

static void score_row(const struct scorer *s, struct codes *q, const struct at_oracle_truth *truth, int64_t i, int64_t position,
                      double *scratch, double *ret_low, double *ret_high)
{
    const struct at_operands *o = s->operands;
    const struct at_problem *p = &o->problem;
    const struct at_numerics *n = &o->numerics;
    const int64_t keys = at_problem_keys(p, position), kv = s->h / at_problem_group(p), dim = p->dim;
    const struct instruction in = {at_wgmma_rounding_of(n->q.format),
                                   at_formats[n->q.format].mantissa_bits + at_formats[n->k.format].mantissa_bits};
    const double scale = (p->scale > 0 ? p->scale : 1 / sqrt((double)dim)) * (double)at_scale_of(&o->q.scale, s->b, s->h, position, 0);
    double *low = scratch, *high = scratch + p->seq_k;
    decode(&o->q.codes, s->b, s->h, position, q, 0);
    for (int64_t j = 0; j < keys; j++) {
        const struct codes k = {s->keys.value + j * dim, s->keys.exponent + j * dim};
        const double unit = scale * (double)at_scale_of(&o->k.scale, s->b, kv, j, 0);
        struct chain c = {0, 0, 0};
        for (int64_t from = 0; from < dim; from += in.r.depth)
            add_products(&c, &in, q, &k, from, dim - from < in.r.depth ? dim - from : in.r.depth);
        low[j] = c.low * unit;
        high[j] = c.high * unit;
        if (n->score_format != AT_FP32) { /* E10: half a unit of what is rounded */
            const double half = at_noise_unit(n->score_format, fabs(c.exact * unit) + fmax(-low[j], high[j])) / 2;
            low[j] -= half;
            high[j] += half;
        }
    }
    sum_row(o, truth, i, keys, low, high, ret_low, ret_high);
}

enum at_status at_check_lse_scores(const struct at_operands *operands, const struct at_rows *rows, const struct at_oracle_truth *truth,
                                   int64_t head, double *ret_low, double *ret_high, struct at_error *error)
{
    const struct at_problem *p = &operands->problem;
    struct scorer s = {operands, head / p->heads_q, head % p->heads_q, {NULL, NULL}};
    bool room = codes_init(&s.keys, p->seq_k * p->dim);
    for (int64_t j = 0; j < p->seq_k && room; j++)
        decode(&operands->k.codes, s.b, s.h / at_problem_group(p), j, &s.keys, j * p->dim);
#pragma omp parallel
    {
        struct codes q;
        double *scratch = calloc((size_t)(2 * p->seq_k), sizeof *scratch);
        bool mine = codes_init(&q, p->dim) && scratch && room;
#pragma omp for schedule(dynamic, 4)
        for (int64_t i = 0; i < rows->count; i++)
            if (mine)
                score_row(&s, &q, truth, i, rows->index[i], scratch, &ret_low[i], &ret_high[i]);
        if (!mine) {
#pragma omp critical
            room = false;
        }
        free(scratch);
        codes_done(&q);
    }
    codes_done(&s.keys);
    return room ? AT_OK : at_fail(error, AT_ERR_MEMORY, "check: out of memory for %lld keys", (long long)p->seq_k);
}
