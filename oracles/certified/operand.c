/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/operand.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DOUBLE_BITS = 53, FLOAT_BITS = 24, SLICES = AT_CERTIFIED_SLICES, EXACT_DEPTH = 47 };

/* The odd part of |value|, an integer below 2^53; 0 of 0. */
static uint64_t odd_part(double value)
{
    uint64_t bits, implicit = (uint64_t)1 << (DOUBLE_BITS - 1);
    memcpy(&bits, &value, sizeof bits);
    uint64_t mantissa = (bits & (implicit - 1)) | (bits & ((uint64_t)0x7ff << 52) ? implicit : 0);
    return mantissa ? mantissa >> __builtin_ctzll(mantissa) : 0;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

struct at_certified_form at_certified_form_of(const double *values, int64_t count)
{
    uint64_t factor = 0;
    for (int64_t i = 0; i < count && factor != 1; i++)
        factor = gcd(odd_part(values[i]), factor);
    struct at_certified_form form = {factor ? (int64_t)factor : 1, at_span_of(values, count)};
    if (factor > 1) { /* the quotient of the largest element, which is exact */
        double largest = 0;
        for (int64_t i = 0; i < count; i++)
            largest = fmax(largest, fabs(values[i]));
        form.span.high = at_top(largest / (double)factor);
    }
    return form;
}

int at_certified_form_top(const struct at_certified_form *form)
{
    return form->span.high + at_top((double)form->factor);
}

struct at_certified_plan at_certified_plan_of(int64_t score_dim)
{
    int bits = DOUBLE_BITS - at_ceil_log2(score_dim), k_width = bits / 2 + 1 < FLOAT_BITS ? bits / 2 + 1 : FLOAT_BITS;
    return (struct at_certified_plan){bits - k_width, k_width};
}

int at_certified_slices_of(const struct at_certified_form *form, int width)
{
    int slices = (form->span.high - form->span.low + width - 1) / width;
    return slices < 1 ? 1 : slices < SLICES ? slices : SLICES;
}

double at_certified_score_error(const struct at_certified_plan *plan, int depth, int q_slices, int k_slices)
{
    if (depth <= EXACT_DEPTH)
        return 0;
    double products = 0;
    for (int a = 0; a < q_slices; a++)
        products += a + k_slices <= SLICES ? k_slices : SLICES - a;
    int width = plan->q_width < plan->k_width ? plan->q_width : plan->k_width;
    return (2.01 * products * (products + 3) + 4) * 0x1p-53 + 2 * ldexp(6.1, DOUBLE_BITS - SLICES * width);
}

bool at_certified_keys_init(struct at_certified_keys *ret_keys, int slices, int width, int64_t count, int64_t score_dim)
{
    struct at_certified_keys keys = {.count = count, .score_dim = score_dim, .slices = slices, .width = width};
    keys.slice = calloc((size_t)count * (size_t)score_dim, (size_t)keys.slices * sizeof *keys.slice);
    keys.factor = calloc((size_t)count, sizeof *keys.factor);
    keys.used = calloc((size_t)count, sizeof *keys.used);
    *ret_keys = keys;
    return keys.slice && keys.factor && keys.used;
}

void at_certified_keys_done(struct at_certified_keys *keys)
{
    free(keys->slice);
    free(keys->factor);
    free(keys->used);
    *keys = (struct at_certified_keys){0};
}

/* Slice s of `value`, of a vector that is below 2^high when its factor is divided out: exact. */
static double slice_of(double value, const struct at_certified_form *form, int width, int s)
{
    return (double)at_integer(value / (double)form->factor, form->span.high - (s + 1) * width, width);
}

void at_certified_keys_set(struct at_certified_keys *keys, int64_t j, const double *values, const struct at_certified_form *form, int top)
{
    enum { PANEL = AT_CERTIFIED_PANEL };
    int64_t dim = keys->score_dim;
    for (int s = 0; s < keys->slices; s++)
        for (int64_t d = 0; d < dim; d++)
            keys->slice[((j / PANEL * keys->slices + s) * dim + d) * PANEL + j % PANEL] =
                (float)slice_of(values[d], form, keys->width, s);
    keys->used[j] = (unsigned char)at_certified_slices_of(form, keys->width);
    keys->factor[j] = ldexp((double)form->factor, form->span.high - top);
}

bool at_certified_queries_init(struct at_certified_queries *ret_queries, int slices, int width, int64_t score_dim)
{
    struct at_certified_queries queries = {.score_dim = score_dim, .slices = slices, .width = width};
    queries.slice = calloc(AT_CERTIFIED_ROWS * (size_t)score_dim, (size_t)queries.slices * sizeof *queries.slice);
    *ret_queries = queries;
    return queries.slice != NULL;
}

void at_certified_queries_done(struct at_certified_queries *queries)
{
    free(queries->slice);
    *queries = (struct at_certified_queries){0};
}

void at_certified_queries_set(struct at_certified_queries *queries, int64_t i, const double *values, const struct at_certified_form *form)
{
    int64_t dim = queries->score_dim;
    queries->used[i] = values ? at_certified_slices_of(form, queries->width) : 0;
    for (int s = 0; s < queries->slices; s++)
        for (int64_t d = 0; d < dim; d++)
            queries->slice[(s * AT_CERTIFIED_ROWS + i) * dim + d] = values ? slice_of(values[d], form, queries->width, s) : 0;
}
