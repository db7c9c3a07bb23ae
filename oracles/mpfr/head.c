/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/fast.h"

#include <stdlib.h>

static void convert_keys(const struct at_mpfr_integers *integers, const double *k)
{
    int64_t dim = integers->score_dim;
    #pragma omp parallel for schedule(static)
    for (int64_t j = 0; j < integers->keys; j++) {
        struct at_span span = at_span_of(k + j * dim, dim);
        integers->k_span[j] = span;
        if (span.high - span.low <= AT_INTEGER_BITS)
            for (int64_t d = 0; d < dim; d++)
                integers->k[j * dim + d] = at_integer(k[j * dim + d], span.low, AT_INTEGER_BITS);
    }
}

/* Chooses into how many pieces the elements of V are cut; v_pieces stays 0 if even the most pieces do not hold some column. */
static void cut_values(struct at_mpfr_integers *integers, const double *v)
{
    int longest = 1;
    at_spans_of_columns(v, integers->keys, integers->dim, integers->v_span);
    for (int64_t c = 0; c < integers->dim; c++) {
        int bits = integers->v_span[c].high - integers->v_span[c].low;
        longest = bits > longest ? bits : longest;
    }
    int pieces = (longest + AT_PIECE_BITS - 1) / AT_PIECE_BITS;
    if (pieces > AT_PIECES_MAX)
        return;
    integers->v_pieces = pieces;
    integers->v_width = (longest + pieces - 1) / pieces;
}

static void convert_values(const struct at_mpfr_integers *integers, const double *v)
{
    int64_t dim = integers->dim, pieces = integers->v_pieces;
    #pragma omp parallel for schedule(static)
    for (int64_t j = 0; j < integers->keys; j++)
        for (int64_t c = 0; c < dim; c++)
            for (int64_t i = 0; i < pieces; i++)
                integers->v[(j * dim + c) * pieces + i] =
                    at_integer(v[j * dim + c], integers->v_span[c].low + (int)i * integers->v_width, integers->v_width);
}

enum at_status at_mpfr_integers_init(struct at_mpfr_integers *ret_integers, const double *k, const double *v, int64_t keys, int64_t dim,
                                     int64_t score_dim, struct at_error *error)
{
    size_t rows = keys > 0 ? (size_t)keys : 1, columns = (size_t)dim;
    struct at_mpfr_integers integers = {
        .keys = keys,
        .dim = dim,
        .score_dim = score_dim,
        .k = malloc(rows * (size_t)score_dim * sizeof(int64_t)),
        .k_span = malloc(rows * sizeof(struct at_span)),
        .v_span = malloc(columns * sizeof(struct at_span)),
    };
    bool held = integers.k && integers.k_span && integers.v_span;
    if (held)
        cut_values(&integers, v);
    if (held && integers.v_pieces > 0) {
        integers.v = malloc(rows * columns * (size_t)integers.v_pieces * sizeof(int64_t));
        held = integers.v != NULL;
    }
    if (!held) {
        at_mpfr_integers_done(&integers);
        return at_fail(error, AT_ERR_MEMORY, "oracle mpfr: no memory for the integers of one head; use fewer keys or free some memory");
    }
    convert_keys(&integers, k);
    if (integers.v_pieces > 0)
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
