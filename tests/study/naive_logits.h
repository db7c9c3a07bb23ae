/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STUDY_NAIVE_LOGITS_H
#define AT_TESTS_STUDY_NAIVE_LOGITS_H

#include <stdint.h>

/* KL by its definition in long double, from two sets of logits, each softened by itself: sum t (ln t - ln g). */
struct naive_kl {
    long double kl;
    long double error; /* not below its own rounding */
};
struct naive_kl naive_kl_of(const long double *truth, const long double *got, int64_t tokens);

/* ret_logits[tokens] = W x by long double; W is [tokens][width]. */
void naive_logits(const float *w, const double *x, int64_t tokens, int64_t width, long double *ret_logits);

#endif
