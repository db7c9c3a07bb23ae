/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_CASES_H
#define AT_TESTS_KERNELS_CASES_H

#include "kernels/prepare/prepare.h"
#include "kernels/twin/attention.h"

/* Random fp16 inputs: Q with deviation 2, K with a large channel (3), V with mean 1/2. */
struct at_qkv random_inputs(const struct at_problem *problem, uint64_t seed);

/* The numerics of `variant` (a name or a spelling). */
struct at_numerics numerics_of(const char *variant);

/* at_prepare, which must succeed. */
struct at_operands prepared(const struct at_problem *problem, const struct at_numerics *numerics, const struct at_qkv *inputs);

/* Random numerics that at_numerics_check and, for `problem`, at_numerics_resolve accept, and their spelling in ret_text. */
struct at_numerics random_numerics(const struct at_problem *problem, uint64_t seed, char ret_text[AT_NUMERICS_TEXT_SIZE]);

/* One head through the twin, `count` rows (0: all); with P when wanted. */
struct run {
    struct at_rows rows;
    struct at_attention a;
    int64_t dim, seq_k;
};

struct run run_head(const struct at_operands *operands, int64_t b, int64_t h, int64_t count, enum at_simd simd, bool with_p);
void run_done(struct run *run);

/* Bit equality of everything in row i of x with row j of y; in row sums and weights any NaN equals any NaN. */
bool same_row(const struct run *x, int64_t i, const struct run *y, int64_t j);

#endif
