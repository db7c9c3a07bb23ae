/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "population.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort_double.h>
#include <math.h>
#include <stdlib.h>

static const double head_variance = 0.16726, row_variance = 0.3019;

const char *population_name(enum population population)
{
    static const char *const names[] = {"correlated", "log-normal", "Pareto 3", "GEV -0.2", "GEV 0", "GEV 0.2"};
    return names[population];
}

double population_shape(enum population population)
{
    return population == POPULATION_BOUNDED ? -0.2 : population == POPULATION_GUMBEL ? 0 : 0.2;
}

/* Log-normal of mean 1. */
static double factor(double variance, double normal)
{
    double square = log1p(variance);
    return exp(sqrt(square) * normal - square / 2);
}

void population_elements(struct at_random key, uint64_t head, double ret_elements[POPULATION_ELEMENTS])
{
    uint64_t counter = head * (1 + POPULATION_ROWS + POPULATION_ELEMENTS);
    double level = factor(head_variance, at_random_normal(key, counter++));
    for (int row = 0, to = 0; row < POPULATION_ROWS; row++) {
        double spread = level * factor(row_variance, at_random_normal(key, counter++));
        for (int channel = 0; channel < POPULATION_CHANNELS; channel++) {
            double z = at_random_normal(key, counter++);
            ret_elements[to++] = spread * z * z;
        }
    }
}

static double extreme(double shape, double exponent)
{
    return shape == 0 ? -log(exponent) : (pow(exponent, -shape) - 1) / shape;
}

double population_head(enum population population, struct at_random key, uint64_t head)
{
    double elements[POPULATION_ELEMENTS], sum = 0;
    switch (population) {
    case POPULATION_LOG_NORMAL: return exp(at_random_normal(key, head));
    case POPULATION_PARETO: return pow(at_random_uniform(key, head), -1 / 3.0);
    case POPULATION_CORRELATED:
        population_elements(key, head, elements);
        for (int i = 0; i < POPULATION_ELEMENTS; i++)
            sum += elements[i];
        return sum / POPULATION_ELEMENTS;
    default: return extreme(population_shape(population), -log(at_random_uniform(key, head)));
    }
}

double population_mean(enum population population)
{
    switch (population) {
    case POPULATION_CORRELATED: return 1;
    case POPULATION_LOG_NORMAL: return exp(0.5);
    case POPULATION_PARETO: return 1.5;
    case POPULATION_GUMBEL: return 0.57721566490153286;
    default: return (tgamma(1 - population_shape(population)) - 1) / population_shape(population);
    }
}

size_t population_sample = 20000;

/* Order statistic of a large sample, whose error in p is sqrt(p (1 - p)/population_sample). */
static double empirical_quantile(double p)
{
    static double known_p, known;
    if (known_p == p)
        return known;
    double *value = malloc(population_sample * sizeof *value);
    if (!value)
        abort();
    struct at_random key = {99, 0};
    for (uint64_t h = 0; h < population_sample; h++)
        value[h] = population_head(POPULATION_CORRELATED, key, h);
    gsl_sort(value, 1, population_sample);
    known_p = p;
    known = value[(size_t)(p * (double)population_sample)];
    free(value);
    return known;
}

double population_quantile(enum population population, double p)
{
    switch (population) {
    case POPULATION_CORRELATED: return empirical_quantile(p);
    case POPULATION_LOG_NORMAL: return exp(at_normal_quantile(p));
    case POPULATION_PARETO: return pow(1 - p, -1 / 3.0);
    default: return extreme(population_shape(population), -log(p));
    }
}

/* P(element <= x) = E erf(sqrt(x/(2 L))), L = H R log-normal: the mean over a grid of its normal quantiles. */
static double element_below(double x)
{
    enum { GRID = 2000 };
    double square = log1p(head_variance) + log1p(row_variance), sum = 0;
    for (int i = 0; i < GRID; i++)
        sum += erf(sqrt(x / 2 * exp(square / 2 - sqrt(square) * at_normal_quantile((i + 0.5) / GRID))));
    return sum / GRID;
}

double population_element_quantile(double p)
{
    static double known_p, known;
    double low = 0, high = 1000;
    if (known_p == p)
        return known;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (element_below(middle) < p)
            low = middle;
        else
            high = middle;
    }
    known_p = p;
    return known = high;
}
