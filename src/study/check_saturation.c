/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows that t is fitted to; all are asked afterwards. */
enum { FITTED = 8 };

struct saturation {
    const struct at_check_suspect *s;
    const double *v; /* [keys][dim] as the kernel reads it */
    double *o;       /* [dim] */
};

/*
 * O with the weights above cap times the running maximum clipped to that, tile by tile in the declared order; the weights of a tile are
 * rescaled with the rest when a larger maximum comes. The row sum is that of the weights before.
 */
static void saturate(const struct saturation *x, int64_t n, double cap)
{
    const struct at_check_suspect *s = x->s;
    const struct at_check_case *c = s->c;
    int64_t row = s->which[n], dim = c->c.problem.dim, keys = at_problem_keys(&c->c.problem, c->c.rows.index[row]);
    const double *p = c->truths[AT_AGAINST_DEQUANTISED].head[s->head].p + row * c->c.problem.seq_k;
    int64_t tile = c->numerics.tile_n, tiles = (keys + tile - 1) / tile;
    double running = 0;
    memset(x->o, 0, (size_t)dim * sizeof *x->o);
    for (int64_t t = 0; t < tiles; t++) {
        int64_t first = (c->numerics.order == AT_ORDER_REVERSE ? tiles - 1 - t : t) * tile;
        int64_t end = first + tile < keys ? first + tile : keys;
        for (int64_t j = first; j < end; j++)
            running = fmax(running, p[j]);
        for (int64_t j = first; j < end; j++) {
            double weight = fmin(p[j], cap * running);
            for (int64_t i = 0; i < dim; i++)
                x->o[i] += weight * x->v[j * dim + i];
        }
    }
}

static void add(const struct saturation *x, int64_t n, double octaves, struct at_check_fit *fit)
{
    const struct at_check_suspect *s = x->s;
    double rms = s->e->row[s->head * s->c->c.rows.count + s->which[n]];
    saturate(x, n, exp2(-octaves));
    at_check_fit_add(fit, s, n, x->o, rms * rms);
}

/* Sum of squared ratios over the rows that t is fitted to, evenly drawn from all. */
static double misfit(const struct saturation *x, double octaves)
{
    int64_t count = x->s->count < FITTED ? x->s->count : FITTED;
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        struct at_check_fit fit = {0};
        add(x, i * x->s->count / count, octaves, &fit);
        sum += fit.measured / fit.expected;
    }
    return sum;
}

/* The t in (0, 24) octaves with the least misfit: the best of a grid, then golden sections about it. */
static double fit(const struct saturation *x)
{
    const double step = 0.25, golden = (sqrt(5) - 1) / 2;
    double best = step, least = INFINITY;
    for (double t = step; t < 24; t += step) {
        double m = misfit(x, t);
        if (m < least) {
            least = m;
            best = t;
        }
    }
    double low = best - step, high = best + step;
    for (int i = 0; i < 24; i++) { /* to 2^-16 of the bracket */
        double a = high - golden * (high - low), b = low + golden * (high - low);
        if (misfit(x, a) < misfit(x, b))
            high = b;
        else
            low = a;
    }
    return (low + high) / 2;
}

static void judge(struct at_check_suspect *s, const struct saturation *x)
{
    double octaves = fit(x);
    struct at_check_fit all = {0};
    for (int64_t n = 0; n < s->count && (n == 0 || all.largest <= s->e->bounds.row); n++)
        add(x, n, octaves, &all);
    if (at_check_fits(s, &all))
        at_check_name(s, &all, "P saturates", "weights end at %.3g of the running maximum, which is 2^%.2f", exp2(-octaves), -octaves);
}

enum at_status at_check_try_saturation(struct at_check_suspect *s, struct at_error *error)
{
    const struct at_check_case *c = s->c;
    struct at_elements e;
    enum at_status status = at_elements_init(&e, &c->c, &c->operands, error);
    if (status)
        return status;
    struct saturation x = {s, e.v, calloc((size_t)c->c.problem.dim, sizeof(double))};
    at_elements_fill(&e, &c->c, &c->inputs, &c->operands, s->head / c->c.problem.heads_q, s->head % c->c.problem.heads_q);
    if (!x.o)
        status = at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    else
        judge(s, &x);
    free(x.o);
    at_elements_done(&e);
    return status;
}
