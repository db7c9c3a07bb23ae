/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TOOLS_FA3_CASES_H
#define AT_TOOLS_FA3_CASES_H

#include "core/format.h"
#include "core/problem.h"

#include <stdint.h>
#include <stdio.h>

/*
 * Random attention problems for FlashAttention-3's kernels: case `index` is a pure function of (seed, index). Consecutive cases walk
 * through formats (e4m3 three times in five), head dimensions and masks; lengths, heads, inputs and descales are random.
 */
struct at_fa3_case {
    struct at_problem problem;
    enum at_format format; /* of Q, K and V: e4m3, fp16 or bf16 */
    const char *kind;      /* of the inputs: "normal", "outliers", "v-mean", "large scores", "shifted k" */
    void *q, *k, *v;       /* codes, [batch][row][head][column] as FlashAttention lays them out */
    float *descale[3];     /* of Q, K and V: [batch][key/value head], 1 in 16-bit formats */
};

/* A whole number from `low` to `high`, or a line that names `what`, and exit code 2. */
uint64_t at_fa3_number(const char *what, const char *text, uint64_t low, uint64_t high);

/* Opens `path` as fopen does, or says why not and exits with 2. */
FILE *at_fa3_open(const char *path, const char *mode);

/* Exits with a line when there is no memory. */
void at_fa3_case_make(struct at_fa3_case *ret_case, uint64_t seed, int64_t index);
void at_fa3_case_done(struct at_fa3_case *c);

int64_t at_fa3_count_q(const struct at_fa3_case *c); /* elements of Q, and of O */
int64_t at_fa3_count_k(const struct at_fa3_case *c);
int64_t at_fa3_count_lse(const struct at_fa3_case *c);

#endif
