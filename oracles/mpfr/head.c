/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/fast.h"

#include <limits.h>
#include <stdlib.h>

static void convert_keys(const struct at_mpfr_integers *integers, const double *k)
{
    int64_t dim = integers->dim;
    #pragma omp parallel for schedule(static)
    for (int64_t j = 0; j < integers->keys; j++) {
        struct at_span span = at_span_of(k + j * dim, dim, 1);
        integers->k_span[j] = span;
        if (span.high - span.low <= AT_SPAN_MAX)
            for (int64_t d = 0; d < dim; d++)
                integers->k[j * dim + d] = at_integer(k[j * dim + d], span.low);
    }
}

static void convert_values(const struct at_mpfr_integers *integers, const double *v)
{
    int64_t dim = integers->dim;
    #pragma omp parallel for schedule(static)
    for (int64_t j = 0; j < integers->keys; j++)
        for (int64_t c = 0; c < dim; c++)
            integers->v[j * dim + c] = at_integer(v[j * dim + c], integers->v_span[c].low);
}

enum at_status at_mpfr_integers_init(struct at_mpfr_integers *ret_integers, const double *k, const double *v, int64_t keys, int64_t dim,
                                     struct at_error *error)
{
    size_t rows = keys > 0 ? (size_t)keys : 1, columns = (size_t)dim;
    struct at_mpfr_integers integers = {
        .keys = keys,
        .dim = dim,
        .k = malloc(rows * columns * sizeof(int64_t)),
        .k_span = malloc(rows * sizeof(struct at_span)),
        .v = malloc(rows * columns * sizeof(int64_t)),
        .v_span = malloc(columns * sizeof(struct at_span)),
    };
    if (!integers.k || !integers.k_span || !integers.v || !integers.v_span) {
        at_mpfr_integers_done(&integers);
        return at_fail(error, AT_ERR_MEMORY, "oracle mpfr: no memory for the integers of one head");
    }
    convert_keys(&integers, k);
    for (int64_t c = 0; c < dim; c++) {
        integers.v_span[c] = at_span_of(v + c, keys, dim);
        int bits = integers.v_span[c].high - integers.v_span[c].low;
        integers.v_bits = bits > integers.v_bits ? bits : integers.v_bits;
    }
    if (integers.v_bits <= AT_SPAN_MAX)
        convert_values(&integers, v);
    *ret_integers = integers;
    return AT_OK;
}

void at_mpfr_integers_done(struct at_mpfr_integers *integers)
{
    free(integers->k);
    free(integers->k_span);
    free(integers->v);
    free(integers->v_span);
    *integers = (struct at_mpfr_integers){0};
}
