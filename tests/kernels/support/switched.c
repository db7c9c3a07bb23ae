/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "switched.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void switched_case_open(struct switched_case *ret_case, const char *variant, const struct at_problem *problem, int64_t h, int64_t count,
                        uint64_t seed)
{
    struct at_numerics n = numerics_of(variant);
    *ret_case = (struct switched_case){.problem = *problem, .h = h, .inputs = random_inputs(problem, seed)};
    ret_case->operands = prepared(problem, &n, &ret_case->inputs);
    assert_int_equal(at_rows_choose(&ret_case->rows, problem->seq_q, count, 3, NULL), AT_OK);
}

void switched_case_close(struct switched_case *c)
{
    at_rows_done(&c->rows);
    at_operands_done(&c->operands);
    at_qkv_done(&c->inputs);
}

double *switched_outputs(const struct switched_case *c, enum at_simd simd, struct at_switches switches, double *ret_lse)
{
    struct at_error error;
    double *lse = malloc((size_t)c->rows.count * sizeof *lse);
    struct at_switched_output out = {malloc((size_t)(c->rows.count * c->problem.dim) * sizeof *out.o), ret_lse ? ret_lse : lse};
    assert_true(out.o && lse);
    if (at_switched_attend(&c->operands, &c->inputs, c->b, c->h, &c->rows, simd, switches, &out, &error))
        fail_msg("%s", error.message);
    free(lse);
    return out.o;
}

double exact_attention(const struct at_problem *problem, int64_t position, const double *q, const double *k, const double *v,
                       long double *ret_p, long double *ret_o)
{
    const int64_t keys = at_problem_keys(problem, position), dim = problem->dim;
    long double scale = problem->scale > 0 ? (long double)problem->scale : 1 / sqrtl((long double)dim), sum = 0, most = -INFINITY;
    long double *p = malloc((size_t)(problem->seq_k + 1) * sizeof *p);
    assert_non_null(p);
    for (int64_t j = 0; j < keys; j++) {
        p[j] = 0;
        for (int64_t c = 0; c < dim; c++)
            p[j] += (long double)q[c] * (long double)k[j * dim + c];
        p[j] *= scale;
        most = p[j] > most ? p[j] : most;
    }
    for (int64_t j = 0; j < keys; j++)
        sum += p[j] = expl(p[j] - most);
    for (int64_t c = 0; c < dim; c++)
        ret_o[c] = 0;
    for (int64_t j = 0; j < keys; j++) {
        p[j] /= sum;
        for (int64_t c = 0; c < dim; c++)
            ret_o[c] += p[j] * (long double)v[j * dim + c];
    }
    if (ret_p)
        memcpy(ret_p, p, (size_t)keys * sizeof *p);
    free(p);
    return keys ? (double)(most + logl(sum)) : -INFINITY;
}

double largest_difference(const double *x, const double *y, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++)
        most = fmax(most, fabs(x[i] - y[i]));
    return most;
}
