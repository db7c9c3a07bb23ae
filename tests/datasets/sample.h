/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_DATASETS_SAMPLE_H
#define AT_TESTS_DATASETS_SAMPLE_H

#include "datasets/dataset.h"

/*
 * Statistical checks at a fixed seed. A bound of SIGMAS standard errors is exceeded by chance once in 1.7 million draws of a normal
 * estimate, so a failure at the pinned seeds means a wrong distribution.
 */
#define SIGMAS 5.0

/* Inputs of `spelling`, or a failed test. Free with at_qkv_done. */
struct at_qkv sample_make(const char *spelling, const struct at_problem *problem, enum at_format format, uint64_t seed);

/* All elements, exactly. Caller frees. */
double *sample_values(const struct at_tensor *tensor);

/* SHA-256 of the fp32 inputs of a small causal problem with grouped queries, seed 1; and the same bits from 1, 2 and 3 threads. */
void sample_assert_pinned(const char *spelling, const char *sha256);

/* Mean, and variance with the fourth central moment, within SIGMAS standard errors. */
void sample_assert_moments(const double *values, int64_t count, double mean, double variance, double fourth);

/* Kolmogorov-Smirnov against N(mean, sd^2) at a false alarm rate of 1e-6. Sorts `values`. */
void sample_assert_normal(double *values, int64_t count, double mean, double sd);

/* `hits` of `count` independent trials of probability p, within SIGMAS binomial standard errors. */
void sample_assert_share(int64_t hits, int64_t count, double p);

/* scale * q.k of query row (b, h, i) and key j, in double. */
double sample_score(const struct at_problem *problem, const struct at_qkv *qkv, int64_t b, int64_t h, int64_t i, int64_t j);

/* scale * q.k of query row (b, h, i) and every key, in double. */
void sample_scores(const struct at_problem *problem, const struct at_qkv *qkv, int64_t b, int64_t h, int64_t i, double *ret_scores);

/* How far rounding q and k into their format can have moved sample_score (nats). */
double sample_score_bound(const struct at_problem *problem, const struct at_qkv *qkv, int64_t b, int64_t h, int64_t i, int64_t j);

#endif
