/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/switched.h"

#include "kernels/prepare/prepare.h"
#include "kernels/variants/variant.h"

#include "../support/switched.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* batch, heads q/kv, seq q/k, dim, causal, scale */
static const struct at_problem problems[] = {
    {1, 2, 1, 33, 129, 64, false, 0}, {1, 2, 2, 129, 129, 64, true, 0},  {2, 1, 1, 31, 1000, 32, false, 0},
    {1, 4, 2, 129, 31, 128, true, 0}, {1, 1, 1, 400, 400, 128, true, 0}, {1, 1, 1, 33, 33, 256, false, 0},
    {1, 2, 1, 1, 1, 32, true, 0},     {1, 3, 1, 1, 300, 64, true, 0.2},  {1, 1, 1, 300, 160, 128, true, 0},
};

enum { PROBLEMS = sizeof problems / sizeof problems[0], ROWS = 3 };

static void same_as_the_twin(struct switched_case *c, enum at_simd simd, const char *where)
{
    const struct at_problem *p = &c->problem;
    for (c->b = 0; c->b < p->batch; c->b++)
        for (c->h = 0; c->h < p->heads_q; c->h++) {
            struct run run = run_head(&c->operands, c->b, c->h, ROWS, AT_SIMD_AUTO, false);
            double lse[ROWS], *o = switched_outputs(c, simd, at_switches_all(), lse);
            for (int64_t i = 0; i < run.rows.count * p->dim; i++) {
                float got = (float)o[i];
                if (isnan(got) ? !isnan(run.a.o[i]) : memcmp(&got, &run.a.o[i], sizeof got) != 0 || (double)got != o[i])
                    fail_msg("output %" PRId64 ": %a, the twin %a; %s", i, o[i], (double)run.a.o[i], where);
            }
            for (int64_t i = 0; i < run.rows.count; i++)
                if (lse[i] != (double)run.a.lse[i])
                    fail_msg("log-sum-exp of row %" PRId64 ": %a, the twin %a; %s", i, lse[i], (double)run.a.lse[i], where);
            free(o);
            run_done(&run);
        }
}

/* argv[1]: how many random numerics; with it every variant meets every problem. */
static uint64_t random_cases = 12;
static size_t step = 4;

/* Every variant on problems, then random numerics: `each` on all of them. */
static void walk(void (*each)(struct switched_case *c, uint64_t number, const char *where))
{
    for (size_t i = 0; i < PROBLEMS; i++)
        for (size_t v = i % step; v < at_variant_count; v += step) {
            struct switched_case c;
            switched_case_open(&c, at_variants[v]->name, &problems[i], 0, ROWS, i);
            each(&c, v, at_variants[v]->name);
            switched_case_close(&c);
        }
    for (uint64_t seed = 0; seed < random_cases; seed++) {
        struct switched_case c;
        char text[AT_NUMERICS_TEXT_SIZE];
        const struct at_problem *problem = &problems[seed * 7 % PROBLEMS];
        struct at_numerics numerics = random_numerics(problem, seed, text);
        switched_case_open(&c, "fa3-fp8", problem, 0, ROWS, seed);
        at_operands_done(&c.operands);
        c.operands = prepared(problem, &numerics, &c.inputs);
        each(&c, seed, text);
        switched_case_close(&c);
    }
}

static void has_the_twins_bits(struct switched_case *c, uint64_t number, const char *where)
{
    same_as_the_twin(c, number % 8 || step > 1 ? AT_SIMD_AUTO : AT_SIMD_SCALAR, where);
}

static void all_on_gives_the_bits_of_the_twin(void **state)
{
    (void)state;
    walk(has_the_twins_bits);
}

/* A coefficient of 0: columns that no key fills, or that are masked, make NaN of a row. */
static void without_a_coefficient_too(void **state)
{
    (void)state;
    static const char *const variants[] = {"fa3-fp8:q.scale-rule=1e-25,k.scale-rule=1e-25",
                                           "fp8-two-level:q.scale-rule=1e-25,k.scale-rule=1e-25,sum=quantised",
                                           "fp8-block128:q.scale-rule=1e-25,k.scale-rule=1e-25"};
    for (size_t i = 0; i < PROBLEMS; i++)
        for (size_t v = 0; v < sizeof variants / sizeof variants[0]; v++) {
            struct switched_case c;
            switched_case_open(&c, variants[v], &problems[i], 0, ROWS, i);
            same_as_the_twin(&c, AT_SIMD_AUTO, variants[v]);
            switched_case_close(&c);
        }
}

static double norm(const double *x, int64_t dim)
{
    double sum = 0;
    for (int64_t c = 0; c < dim; c++)
        sum += x[c] * x[c];
    return sqrt(sum);
}

static double mean_norm(const float *mean, int64_t groups, int64_t dim)
{
    double most = 0, wide[256];
    for (int64_t g = 0; mean && g < groups; g++) {
        for (int64_t c = 0; c < dim; c++)
            wide[c] = (double)mean[g * dim + c];
        most = fmax(most, norm(wide, dim));
    }
    return most;
}

/* The elements of head (c->b, c->h): of the inputs, or, `dequantised`, of the operands. */
static void elements(const struct switched_case *c, bool dequantised, double *q, double *k, double *v)
{
    const struct at_problem *p = &c->problem;
    const struct at_tensor *tensors[] = {&c->inputs.k, &c->inputs.v};
    double *const into[] = {k, v};
    float row[256];
    if (dequantised) {
        at_operands_dequantise(&c->operands, c->b, c->h, c->rows.index, c->rows.count, q, k, v);
        return;
    }
    for (int64_t i = 0; i < c->rows.count; i++) {
        at_tensor_decode_rows(&c->inputs.q, c->b, c->h, c->rows.index[i], 1, row);
        for (int64_t d = 0; d < p->dim; d++)
            q[i * p->dim + d] = (double)row[d];
    }
    for (int t = 0; t < 2; t++)
        for (int64_t j = 0; j < p->seq_k; j++) {
            at_tensor_decode_rows(tensors[t], c->b, c->h / at_problem_group(p), j, 1, row);
            for (int64_t d = 0; d < p->dim; d++)
                into[t][j * p->dim + d] = (double)row[d];
        }
}

/*
 * With these switches, exact attention on the elements up to double precision. Bound: every element went through at most log2(d) + 6
 * roundings of 2^-53 times the norm of its row and its mean (rotation keeps norms), a dot product through d more, the coefficient through
 * 4; the exponent is then off by at most (d + 2 log2(d) + 20) 2^-53 log2(e) scale |q| |k|, doubled since the maximum's is subtracted, and
 * by 2^-53 of the shift. at_exp2 has 2^-50, the sums 2^-53 for every key and tile. Each weight is off by that relative to itself, and so
 * is their sum.
 */
static double worst; /* of the differences */

static void is_exact(struct switched_case *c, struct at_switches switches, bool dequantised, const char *where)
{
    const struct at_problem *p = &c->problem;
    const int64_t dim = p->dim, groups = (p->seq_q + AT_Q_MEAN_ROWS - 1) / AT_Q_MEAN_ROWS;
    const double scale = p->scale > 0 ? p->scale : 1 / sqrt((double)dim), steps = (double)dim + 2 * log2((double)dim) + 20;
    const double q_mean = mean_norm(c->operands.q.mean, p->batch * p->heads_q * groups, dim);
    const double k_mean = mean_norm(c->operands.k.mean, p->batch * p->heads_kv, dim);
    const double v_mean = mean_norm(c->operands.v.mean, p->batch * p->heads_kv, dim);
    double *q = malloc((size_t)(c->rows.count * dim) * sizeof *q), *k = malloc((size_t)(p->seq_k * dim) * sizeof *k), lse[ROWS];
    double *v = malloc((size_t)(p->seq_k * dim) * sizeof *v), k_size = 0, v_size = 0;
    elements(c, dequantised, q, k, v);
    for (int64_t j = 0; j < p->seq_k; j++) {
        k_size = fmax(k_size, norm(k + j * dim, dim) + k_mean);
        v_size = fmax(v_size, norm(v + j * dim, dim) + v_mean);
    }
    double *o = switched_outputs(c, AT_SIMD_AUTO, switches, lse);
    for (int64_t i = 0; i < c->rows.count; i++) {
        long double truth[256];
        const double of_lse = exact_attention(p, c->rows.index[i], q + i * dim, k, v, NULL, truth);
        const double exponent = 2 * (steps * scale * (norm(q + i * dim, dim) + q_mean) * k_size + 20) * 0x1p-53;
        const double weights = exponent + 0x1p-50 + (double)(2 * p->seq_k + 40) * 0x1p-53;
        for (int64_t d = 0; d < dim; d++) {
            double error = (double)fabsl((long double)o[i * dim + d] - truth[d]);
            if (!(error <= 3 * weights * v_size))
                fail_msg("output %g, exact %g, bound %g; %s", o[i * dim + d], (double)truth[d], 3 * weights * v_size, where);
            worst = fmax(worst, error);
        }
        if (!dequantised && lse[i] != of_lse && !(fabs(lse[i] - of_lse) <= 2 * weights + fabs(of_lse) * 0x1p-48 + 0x1p-46))
            fail_msg("log-sum-exp %.17g, exact %.17g; %s", lse[i], of_lse, where);
    }
    free(o);
    free(q);
    free(k);
    free(v);
}

static void none_is_exact(struct switched_case *c, uint64_t number, const char *where)
{
    c->b = (int64_t)number % c->problem.batch;
    c->h = (int64_t)number % c->problem.heads_q;
    is_exact(c, (struct at_switches){0}, false, where);
}

static void all_off_is_exact_attention(void **state)
{
    (void)state;
    walk(none_is_exact);
    print_message("largest error with all roundings off: %g\n", worst);
}

/* Q, K and V are quantised and nothing else is rounded: exact attention on what prepare left of them. */
static void quantisation_alone_is_attention_on_the_operands(void **state)
{
    (void)state;
    struct at_switches switches = {at_switches_only(AT_ROUNDING_Q).on | at_switches_only(AT_ROUNDING_K).on |
                                   at_switches_only(AT_ROUNDING_V).on | at_switches_only(AT_ROUNDING_TRANSFORM).on};
    for (size_t i = 0; i < PROBLEMS; i++)
        for (size_t v = i % step; v < at_variant_count; v += step) {
            struct switched_case c;
            switched_case_open(&c, at_variants[v]->name, &problems[i], problems[i].heads_q - 1, ROWS, i);
            if (!c.operands.q.mean)
                is_exact(&c, switches, true, at_variants[v]->name);
            switched_case_close(&c);
        }
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        random_cases = strtoull(argv[1], NULL, 10);
        step = 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_on_gives_the_bits_of_the_twin),
        cmocka_unit_test(without_a_coefficient_too),
        cmocka_unit_test(all_off_is_exact_attention),
        cmocka_unit_test(quantisation_alone_is_attention_on_the_operands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
