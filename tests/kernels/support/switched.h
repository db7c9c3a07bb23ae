/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_SWITCHED_H
#define AT_TESTS_KERNELS_SWITCHED_H

#include "kernels/switched/switched.h"

#include "cases.h"

/* One head of random inputs through the switched twin, and what a test wants of it. */
struct switched_case {
    struct at_problem problem;
    struct at_qkv inputs;
    struct at_operands operands;
    struct at_rows rows;
    int64_t b, h;
};

/* Head (0, h) of `problem` with the numerics of `variant`, `count` rows. */
void switched_case_open(struct switched_case *ret_case, const char *variant, const struct at_problem *problem, int64_t h, int64_t count,
                        uint64_t seed);
void switched_case_close(struct switched_case *c);

/* Outputs [rows][dim] (and log-sum-exps in ret_lse[rows], unless NULL) with these switches; free them. */
double *switched_outputs(const struct switched_case *c, enum at_simd simd, struct at_switches switches, double *ret_lse);

/*
 * Exact attention of query row `position` on elements of one's own, in long double.
 *   q[dim], k[seq_k][dim], v[seq_k][dim]; ret_p[seq_k] or NULL; ret_o[dim]; returns the log-sum-exp
 */
double exact_attention(const struct at_problem *problem, int64_t position, const double *q, const double *k, const double *v,
                       long double *ret_p, long double *ret_o);

/* The largest |x[i] - y[i]| of count. */
double largest_difference(const double *x, const double *y, int64_t count);

#endif
