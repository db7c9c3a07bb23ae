/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_TILE_H
#define AT_TESTS_KERNELS_TILE_H

#include "kernels/twin/head.h"

#include "cases.h"

/* One row of one head with a thread's memory, ready for a single tile. */
struct tile_fixture {
    struct at_qkv inputs;
    struct at_operands operands;
    struct at_rows rows;
    struct at_attention out;
    struct at_twin_head head;
    struct at_twin_workspace w;
    struct at_twin_row row;
};

/* `inputs` are taken over; row `position` of head h. */
void tile_init(struct tile_fixture *f, const char *variant, const struct at_problem *problem, struct at_qkv inputs, int64_t h,
               int64_t position);
void tile_done(struct tile_fixture *f);

/* Unpacks the n keys, or values, from `first`. */
void tile_load_k(struct tile_fixture *f, int64_t first, int64_t n);
void tile_load_v(struct tile_fixture *f, int64_t first, int64_t n);

/* Scores of the n keys from `first`; the product with the values of the first n keys. */
void tile_score(struct tile_fixture *f, int64_t first, int64_t n);
void tile_multiply(struct tile_fixture *f, float rescale, int64_t n);

#endif
