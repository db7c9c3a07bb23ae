/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void tile_init(struct tile_fixture *f, const char *variant, const struct at_problem *problem, struct at_qkv inputs, int64_t h,
               int64_t position)
{
    struct at_numerics n = numerics_of(variant);
    memset(f, 0, sizeof *f);
    f->inputs = inputs;
    f->operands = prepared(problem, &n, &f->inputs);
    assert_int_equal(at_rows_choose(&f->rows, problem->seq_q, 0, 0, NULL), AT_OK);
    f->out.p = calloc((size_t)(problem->seq_q * problem->seq_k), sizeof(double));
    assert_non_null(f->out.p);
    assert_int_equal(at_twin_head_init(&f->head, &f->operands, 0, h, &f->rows, AT_SIMD_AUTO, &f->out, NULL), AT_OK);
    assert_int_equal(at_twin_workspace_init(&f->w, &f->head, NULL), AT_OK);
    assert_int_equal(at_twin_row_init(&f->row, &f->head, position, NULL), AT_OK);
}

void tile_done(struct tile_fixture *f)
{
    at_twin_row_done(&f->row);
    at_twin_workspace_done(&f->w);
    at_twin_head_done(&f->head);
    free(f->out.p);
    at_rows_done(&f->rows);
    at_operands_done(&f->operands);
    at_qkv_done(&f->inputs);
}

void tile_load_k(struct tile_fixture *f, int64_t first, int64_t n)
{
    const struct at_tensor *k = &f->operands.k.codes;
    at_panel_load_transposed(&f->w.k, k->format, at_tensor_row(k, f->head.b, f->head.kv, first), n, k->dim);
}

void tile_load_v(struct tile_fixture *f, int64_t first, int64_t n)
{
    const struct at_tensor *v = &f->operands.v.codes;
    at_panel_load(&f->w.v, v->format, at_tensor_row(v, f->head.b, f->head.kv, first), n, v->dim);
}

void tile_score(struct tile_fixture *f, int64_t first, int64_t n)
{
    at_twin_score_tile(&f->head, &f->w, &(struct at_twin_row *){&f->row}, 1, first, n);
}

void tile_multiply(struct tile_fixture *f, float rescale, int64_t n)
{
    at_twin_multiply_tile(&f->head, &f->w, &(struct at_twin_row *){&f->row}, 1, &rescale, 0, n);
}
