/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_RANDOM_H
#define AT_CORE_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Counter-based random numbers (Philox4x32-10; Salmon et al., SC 2011). A draw is a pure function of (seed, stream, counter), so
 * neither the thread count nor the order of evaluation changes a bit; only IEEE +, -, *, / and sqrt follow it, so neither does the
 * machine's mathematical library.
 */
struct at_random {
    uint64_t seed, stream;
};

/* 64 random bits. */
uint64_t at_random_bits(struct at_random key, uint64_t counter);

/* Uniform on (0, 1): (k + 1/2) * 2^-52 with k of 52 bits, never 0 or 1. */
double at_random_uniform(struct at_random key, uint64_t counter);

/* Standard normal deviate of at_random_uniform, by the inverse distribution function (Wichura, AS 241, 1988: about 1 part in 1e16). */
double at_random_normal(struct at_random key, uint64_t counter);

/* x with P(Z <= x) = p for 0 < p < 1, Z ~ N(0, 1); AS 241, routine PPND16. */
double at_normal_quantile(double p);

#ifdef __cplusplus
}
#endif

#endif
