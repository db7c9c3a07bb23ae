/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/search.h"

#include <gsl/gsl_multimin.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_siman.h>
#include <math.h>
#include <string.h>

/*
 * Stands for "undefined" and for infinities: of infinite ones GSL's simplex refuses to begin, and a difference of two is NaN, with which
 * annealing would never leave a point. exp(-2e300 / T) is a plain 0: gsl_siman compares its argument first.
 */
#define WORST 1e300

struct search {
    at_stats_objective *objective;
    void *context;
    size_t dims, left; /* left: evaluations */
    double best, *best_x;
};

/* Into [0, 1], as a ray is reflected at both ends: a step over the edge is a step back, and no edge collects points. */
static double folded(double x)
{
    double rest = fmod(fabs(x), 2);
    return rest > 1 ? 2 - rest : rest;
}

static double evaluate(struct search *s, const double *x)
{
    double inside[AT_SEARCH_DIMS];
    if (s->left == 0)
        return WORST; /* neither of the two can be told to stop; what is left of its steps costs nothing */
    s->left--;
    for (size_t i = 0; i < s->dims; i++)
        inside[i] = folded(x[i]);
    double value = s->objective(s->context, inside);
    value = isnan(value) || value > WORST ? WORST : value < -WORST ? -WORST : value;
    if (value < s->best) {
        s->best = value;
        memcpy(s->best_x, inside, s->dims * sizeof *inside);
    }
    return value;
}

/* gsl_siman copies points byte by byte and hands its functions nothing else. */
struct point {
    struct search *search;
    double x[AT_SEARCH_DIMS];
};

static double energy(void *point)
{
    struct point *p = point;
    return evaluate(p->search, p->x);
}

/* One coordinate, or each with probability 1/2, moves by N(0, step^2). */
static void step(const gsl_rng *rng, void *point, double size)
{
    struct point *p = point;
    size_t only = gsl_rng_uniform_int(rng, 2 * p->search->dims);
    for (size_t i = 0; i < p->search->dims; i++)
        if (only >= p->search->dims ? gsl_rng_uniform(rng) < 0.5 : i == only)
            p->x[i] = folded(p->x[i] + gsl_ran_gaussian(rng, size));
}

static enum at_status conclude(const struct search *s, double *ret_value)
{
    if (s->best >= WORST)
        return AT_ERR_UNDEFINED;
    *ret_value = s->best <= -WORST ? -INFINITY : s->best;
    return AT_OK;
}

enum at_status at_stats_anneal(at_stats_objective *objective, void *context, size_t dims, double *x, size_t evaluations,
                               const struct at_annealing *annealing, double *ret_value)
{
    double best_x[AT_SEARCH_DIMS];
    struct search s = {objective, context, dims, evaluations, INFINITY, best_x};
    struct point point = {.search = &s};
    enum { AT_ONE_TEMPERATURE = 8 };
    double temperatures = ceil((double)evaluations / AT_ONE_TEMPERATURE);
    const gsl_siman_params_t params = {.n_tries = 1,
                                       .iters_fixed_T = AT_ONE_TEMPERATURE,
                                       .step_size = annealing->step,
                                       .k = 1,
                                       .t_initial = annealing->hot,
                                       .mu_t = pow(annealing->hot / annealing->cold, 1 / temperatures),
                                       .t_min = annealing->cold};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    if (!rng)
        return AT_ERR_MEMORY;
    gsl_rng_set(rng, annealing->seed);
    memcpy(point.x, x, dims * sizeof *x);
    gsl_siman_solve(rng, &point, energy, step, NULL, NULL, NULL, NULL, NULL, sizeof point, params);
    gsl_rng_free(rng);
    enum at_status status = conclude(&s, ret_value);
    if (!status)
        memcpy(x, best_x, dims * sizeof *x);
    return status;
}

static double of_vector(const gsl_vector *x, void *search)
{
    double plain[AT_SEARCH_DIMS];
    struct search *s = search;
    for (size_t i = 0; i < s->dims; i++)
        plain[i] = gsl_vector_get(x, i);
    return evaluate(s, plain);
}

/* Shrinks the simplex until it is small, or nothing is left to spend. */
static void iterate(gsl_multimin_fminimizer *minimizer, const struct search *s)
{
    const double small = 0x1p-20; /* of the unit cube */
    while (s->left > 0 && gsl_multimin_fminimizer_iterate(minimizer) == 0 && gsl_multimin_fminimizer_size(minimizer) > small)
        ;
}

enum at_status at_stats_simplex(at_stats_objective *objective, void *context, size_t dims, double *x, size_t evaluations, double size,
                                double *ret_value)
{
    double best_x[AT_SEARCH_DIMS];
    struct search s = {objective, context, dims, evaluations, INFINITY, best_x};
    gsl_multimin_function function = {.f = of_vector, .n = dims, .params = &s};
    gsl_vector *start = gsl_vector_alloc(dims), *sizes = gsl_vector_alloc(dims);
    gsl_multimin_fminimizer *minimizer = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, dims);
    enum at_status status = start && sizes && minimizer ? AT_OK : AT_ERR_MEMORY;
    for (size_t i = 0; i < dims && !status; i++) {
        gsl_vector_set(start, i, x[i]);
        gsl_vector_set(sizes, i, x[i] + size <= 1 ? size : -size);
    }
    if (!status && gsl_multimin_fminimizer_set(minimizer, &function, start, sizes) == 0)
        iterate(minimizer, &s);
    if (minimizer)
        gsl_multimin_fminimizer_free(minimizer);
    gsl_vector_free(sizes);
    gsl_vector_free(start);
    if (!status)
        status = conclude(&s, ret_value);
    if (!status)
        memcpy(x, best_x, dims * sizeof *x);
    return status;
}
