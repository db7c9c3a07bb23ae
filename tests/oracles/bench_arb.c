/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "bench_arb.h"

#ifdef AT_HAVE_ARB
#ifdef HAVE_FLINT_ARB_H
#include <flint/arb.h>
#else
#include <arb.h>
#endif

static arb_ptr converted(const double *values, int64_t count)
{
    arb_ptr x = _arb_vec_init(count);
    for (int64_t i = 0; i < count; i++)
        arb_set_d(x + i, values[i]);
    return x;
}

static void attend(const struct at_problem *problem, arb_srcptr q, arb_srcptr k, arb_srcptr v, slong bits, arb_ptr p, arb_ptr o)
{
    int64_t dim = problem->dim, keys = problem->seq_k, top = 0;
    arb_t scale, sum, best;
    arb_init(scale);
    arb_init(sum);
    arb_init(best);
    arb_set_si(scale, dim);
    arb_rsqrt(scale, scale, bits);
    for (int64_t j = 0; j < keys; j++) {
        arb_dot(p + j, NULL, 0, q, 1, k + j * dim, 1, dim, bits);
        arb_mul(p + j, p + j, scale, bits);
        top = arf_cmp(arb_midref(p + j), arb_midref(p + top)) > 0 ? j : top;
    }
    arb_set(best, p + top);
    for (int64_t j = 0; j < keys; j++) {
        arb_sub(p + j, p + j, best, bits);
        arb_exp(p + j, p + j, bits);
        arb_add(sum, sum, p + j, bits);
    }
    for (int64_t c = 0; c < dim; c++) {
        arb_dot(o + c, NULL, 0, p, 1, v + c, dim, keys, bits);
        arb_div(o + c, o + c, sum, bits);
    }
    arb_clear(scale);
    arb_clear(sum);
    arb_clear(best);
}

double bench_arb(const struct at_oracle_head *head, int64_t rows, int64_t bits, double (*now)(void))
{
    int64_t dim = head->problem->dim, keys = head->problem->seq_k;
    arb_ptr q = converted(head->q, rows * dim), k = converted(head->k, keys * dim), v = converted(head->v, keys * dim);
    arb_ptr p = _arb_vec_init(keys), o = _arb_vec_init(dim);
    double start = now();
    for (int64_t i = 0; i < rows; i++)
        attend(head->problem, q + i * dim, k, v, bits, p, o);
    double seconds = now() - start;
    _arb_vec_clear(q, rows * dim);
    _arb_vec_clear(k, keys * dim);
    _arb_vec_clear(v, keys * dim);
    _arb_vec_clear(p, keys);
    _arb_vec_clear(o, dim);
    flint_cleanup();
    return seconds;
}
#else
double bench_arb(const struct at_oracle_head *head, int64_t rows, int64_t bits, double (*now)(void))
{
    (void)head;
    (void)rows;
    (void)bits;
    (void)now;
    return -1;
}
#endif
