/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STATS_POPULATION_H
#define AT_TESTS_STATS_POPULATION_H

#include "core/random.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sources of heads whose mean and quantiles are known. */
enum population {
    /*
     * Squared errors of POPULATION_ROWS x POPULATION_CHANNELS elements of a head: H R z^2, z normal for each element, R of each row and H
     * of each head log-normal of mean 1 and variances 0.302 and 0.167. Their intraclass correlations are those measured in an attention
     * kernel: 0.146 within a row, 0.047 within a head; H's standard deviation is 41 %. A head's value is the mean of its elements.
     */
    POPULATION_CORRELATED,
    POPULATION_LOG_NORMAL, /* exp(z): standard deviation 131 % of the mean, skewness 6.2 */
    POPULATION_PARETO,     /* P(X > x) = x^-3: no third moment */
    POPULATION_BOUNDED,    /* generalised extreme value distributions with location 0, scale 1 and shape -0.2, */
    POPULATION_GUMBEL,     /* 0, */
    POPULATION_FRECHET,    /* 0.2 */
};

enum { POPULATION_ROWS = 16, POPULATION_CHANNELS = 32, POPULATION_ELEMENTS = POPULATION_ROWS * POPULATION_CHANNELS };

const char *population_name(enum population population);

/* The value of head number `head`. */
double population_head(enum population population, struct at_random key, uint64_t head);

/* The elements of a head of POPULATION_CORRELATED; the mean of them is its value. */
void population_elements(struct at_random key, uint64_t head, double ret_elements[POPULATION_ELEMENTS]);

double population_mean(enum population population);

/* Quantile of the heads' values; of POPULATION_CORRELATED: empirical from population_sample heads, made once for one p. */
extern size_t population_sample;
double population_quantile(enum population population, double p);

/* Quantile of the elements of POPULATION_CORRELATED. */
double population_element_quantile(double p);

/* The shape of the extreme value populations. */
double population_shape(enum population population);

#ifdef __cplusplus
}
#endif

#endif
