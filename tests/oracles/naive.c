/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "naive.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t width_of(const struct at_oracle_head *head)
{
    return head->score_dim ? head->score_dim : head->problem->dim;
}

static mpfr_t *converted(const double *values, int64_t count)
{
    mpfr_t *x = malloc((size_t)count * sizeof *x);
    for (int64_t i = 0; i < count; i++) {
        mpfr_init2(x[i], 53);
        mpfr_set_d(x[i], values[i], MPFR_RNDN);
    }
    return x;
}

static void clear(mpfr_t *x, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        mpfr_clear(x[i]);
    free(x);
}

void naive_init(struct naive *ret_naive, const struct at_oracle_head *head)
{
    const struct at_problem *problem = head->problem;
    int64_t keys = problem->seq_k;
    *ret_naive = (struct naive){head, converted(head->k, keys * width_of(head)), converted(head->v, keys * problem->dim)};
}

void naive_done(struct naive *naive)
{
    const struct at_problem *problem = naive->head->problem;
    clear(naive->k, problem->seq_k * width_of(naive->head));
    clear(naive->v, problem->seq_k * problem->dim);
}

/* p[j] <- c q . k_j; top <- the largest. */
static void scores(const struct naive *naive, int64_t i, int64_t keys, mpfr_prec_t bits, mpfr_t *p, mpfr_t top)
{
    int64_t width = width_of(naive->head);
    mpfr_t *q = converted(naive->head->q + i * width, width), product, scale;
    mpfr_inits2(bits, product, scale, (mpfr_ptr)NULL);
    mpfr_set_d(scale, naive->head->problem->scale, MPFR_RNDN);
    if (naive->head->problem->scale == 0) {
        mpfr_set_si(scale, (long)naive->head->problem->dim, MPFR_RNDN);
        mpfr_rec_sqrt(scale, scale, MPFR_RNDN);
    }
    mpfr_set_inf(top, -1);
    for (int64_t j = 0; j < keys; j++) {
        mpfr_set_zero(p[j], 1);
        for (int64_t d = 0; d < width; d++) {
            mpfr_mul(product, q[d], naive->k[j * width + d], MPFR_RNDN);
            mpfr_add(p[j], p[j], product, MPFR_RNDN);
        }
        mpfr_mul(p[j], p[j], scale, MPFR_RNDN);
        mpfr_max(top, top, p[j], MPFR_RNDN);
    }
    clear(q, width);
    mpfr_clears(product, scale, (mpfr_ptr)NULL);
}

void naive_row(const struct naive *naive, int64_t i, mpfr_prec_t bits, mpfr_t *ret_o, mpfr_t ret_lse)
{
    int64_t dim = naive->head->problem->dim, keys = at_problem_keys(naive->head->problem, naive->head->rows[i]);
    mpfr_t *p = malloc((size_t)keys * sizeof *p), top, sum, product;
    mpfr_inits2(bits, top, sum, product, (mpfr_ptr)NULL);
    for (int64_t j = 0; j < keys; j++)
        mpfr_init2(p[j], bits);
    scores(naive, i, keys, bits, p, top);
    mpfr_set_zero(sum, 1);
    for (int64_t c = 0; c < dim; c++) {
        mpfr_set_prec(ret_o[c], bits);
        mpfr_set_zero(ret_o[c], 1);
    }
    for (int64_t j = 0; j < keys; j++) {
        mpfr_sub(p[j], p[j], top, MPFR_RNDN);
        mpfr_exp(p[j], p[j], MPFR_RNDN);
        mpfr_add(sum, sum, p[j], MPFR_RNDN);
        for (int64_t c = 0; c < dim; c++) {
            mpfr_mul(product, p[j], naive->v[j * dim + c], MPFR_RNDN);
            mpfr_add(ret_o[c], ret_o[c], product, MPFR_RNDN);
        }
    }
    for (int64_t c = 0; c < dim; c++)
        mpfr_div(ret_o[c], ret_o[c], sum, MPFR_RNDN);
    mpfr_set_prec(ret_lse, bits);
    mpfr_log(ret_lse, sum, MPFR_RNDN);
    mpfr_add(ret_lse, ret_lse, top, MPFR_RNDN);
    clear(p, keys);
    mpfr_clears(top, sum, product, (mpfr_ptr)NULL);
}

enum { BITS = 512, EXACT = 2700 };

/* Whether |high + low - truth| <= radius, evaluated exactly but for the last of 2700 bits; *ret_off: the distance. */
static bool inside(const mpfr_t truth, double high, double low, double radius, double *ret_off)
{
    mpfr_t off;
    mpfr_init2(off, EXACT);
    mpfr_sub_d(off, truth, high, MPFR_RNDA);
    mpfr_sub_d(off, off, low, MPFR_RNDA);
    mpfr_abs(off, off, MPFR_RNDN);
    bool held = mpfr_cmp_d(off, radius) <= 0;
    *ret_off = mpfr_get_d(off, MPFR_RNDA);
    mpfr_clear(off);
    return held;
}

int64_t naive_violations(const struct naive *naive, int64_t i, const struct at_oracle_truth *truth, const char *what, double *error)
{
    int64_t dim = naive->head->problem->dim, violations = 0;
    double off;
    mpfr_t *o = malloc((size_t)dim * sizeof *o), lse;
    mpfr_init(lse);
    for (int64_t c = 0; c < dim; c++)
        mpfr_init(o[c]);
    naive_row(naive, i, BITS, o, lse);
    if (!inside(lse, truth->lse[i], 0, truth->lse_radius[i], &off)) {
        printf("%s: row %" PRId64 ": lse %a is not within %a\n", what, i, truth->lse[i], truth->lse_radius[i]);
        violations++;
    }
    for (int64_t c = 0, at = i * dim; c < dim; c++, at++) {
        if (!inside(o[c], truth->o[at], truth->o_low[at], truth->radius[at], &off) && violations++ == 0)
            printf("%s: row %" PRId64 " column %" PRId64 ": %a + %a is not within %a\n", what, i, c, truth->o[at], truth->o_low[at],
                   truth->radius[at]);
        *error = off > 0x1p-1073 ? fmax(*error, off / truth->sum_abs[at]) : *error;
    }
    clear(o, dim);
    mpfr_clear(lse);
    return violations;
}
