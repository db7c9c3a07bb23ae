/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_NAIVE_H
#define AT_TESTS_ORACLES_NAIVE_H

#include "oracles/oracle.h"

#include <mpfr.h>

/*
 * Attention as one would first write it in MPFR, every product, sum and exponential rounded to the same many bits: no bound, no cleverness,
 * nothing in common with the oracles. At 512 bits its error is below 2^-440 of sum p|v| for anything that the tests draw.
 */
struct naive {
    const struct at_oracle_head *head;
    mpfr_t *k, *v; /* K and V, exactly */
};

void naive_init(struct naive *ret_naive, const struct at_oracle_head *head);
void naive_done(struct naive *naive);

/* Row i of those asked for, which sees a key, at `bits`: ret_o[dim] and *ret_lse, initialised by the caller. */
void naive_row(const struct naive *naive, int64_t i, mpfr_prec_t bits, mpfr_t *ret_o, mpfr_t ret_lse);

/*
 * How many of row i's outputs and lse, as naive_row gives them at 512 bits, lie outside what `truth` says; prints the first of them.
 * *error (at first 0): raised to the largest |o - truth| / sum p|v| where |o - truth| is above 2^-1073, below which no double is.
 */
int64_t naive_violations(const struct naive *naive, int64_t i, const struct at_oracle_truth *truth, const char *what, double *error);

#endif
