/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/switched.h"

#include "kernels/prepare/rotate.h"
#include "kernels/variants/variant.h"

#include "../support/cases.h"

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
    {1, 2, 1, 33, 129, 64, false, 0}, {1, 2, 2, 129, 129, 64, true, 0},    {2, 1, 1, 31, 1000, 32, false, 0},
    {1, 4, 2, 129, 31, 128, true, 0}, {1, 1, 1, 1000, 1000, 128, true, 0}, {1, 1, 1, 33, 33, 256, false, 0},
    {1, 2, 1, 1, 1, 32, true, 0},     {1, 3, 1, 1, 300, 64, true, 0.2},    {1, 1, 1, 300, 160, 128, true, 0},
};

enum { PROBLEMS = sizeof problems / sizeof problems[0], ROWS = 3 };

struct switched {
    struct at_switched_output out;
};

static struct switched attend(const struct at_operands *operands, const struct at_qkv *inputs, int64_t b, int64_t h,
                              const struct at_rows *rows, enum at_simd simd, struct at_switches switches)
{
    struct switched s = {
        {malloc((size_t)(rows->count * operands->problem.dim) * sizeof(double)), malloc((size_t)rows->count * sizeof(double))}};
    struct at_error error;
    assert_true(s.out.o && s.out.lse);
    if (at_switched_attend(operands, inputs, b, h, rows, simd, switches, &s.out, &error))
        fail_msg("%s", error.message);
    return s;
}

static void switched_done(struct switched *s)
{
    free(s->out.o);
    free(s->out.lse);
}

static void same_as_the_twin(const struct at_operands *operands, const struct at_qkv *inputs, enum at_simd simd, const char *where)
{
    const struct at_problem *p = &operands->problem;
    for (int64_t b = 0; b < p->batch; b++)
        for (int64_t h = 0; h < p->heads_q; h++) {
            struct run run = run_head(operands, b, h, ROWS, AT_SIMD_AUTO, false);
            struct switched s = attend(operands, inputs, b, h, &run.rows, simd, at_switches_all());
            for (int64_t i = 0; i < run.rows.count * p->dim; i++) {
                float got = (float)s.out.o[i];
                if (memcmp(&got, &run.a.o[i], sizeof got) != 0 || (double)got != s.out.o[i])
                    fail_msg("output %" PRId64 ": %a, the twin %a; %s", i, s.out.o[i], (double)run.a.o[i], where);
            }
            for (int64_t i = 0; i < run.rows.count; i++)
                if (s.out.lse[i] != (double)run.a.lse[i])
                    fail_msg("log-sum-exp of row %" PRId64 ": %a, the twin %a; %s", i, s.out.lse[i], (double)run.a.lse[i], where);
            switched_done(&s);
            run_done(&run);
        }
}

static void all_on_gives_the_bits_of_the_twin(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROBLEMS; i++) {
        struct at_qkv inputs = random_inputs(&problems[i], i);
        for (size_t v = 0; v < at_variant_count; v++) {
            char where[160];
            struct at_operands operands = prepared(&problems[i], &at_variants[v]->numerics, &inputs);
            snprintf(where, sizeof where, "%s, problem %zu", at_variants[v]->name, i);
            same_as_the_twin(&operands, &inputs, AT_SIMD_AUTO, where);
            at_operands_done(&operands);
        }
        at_qkv_done(&inputs);
    }
}

/* argv[1]: how many. */
static uint64_t random_cases = 100;

static void all_on_gives_the_bits_of_the_twin_with_random_numerics(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < random_cases; seed++) {
        char where[AT_NUMERICS_TEXT_SIZE + 64], text[AT_NUMERICS_TEXT_SIZE];
        const struct at_problem *problem = &problems[seed * 7 % PROBLEMS];
        struct at_numerics numerics = random_numerics(problem, seed, text);
        struct at_qkv inputs = random_inputs(problem, seed);
        struct at_operands operands = prepared(problem, &numerics, &inputs);
        snprintf(where, sizeof where, "seed %" PRIu64 ": %s", seed, text);
        same_as_the_twin(&operands, &inputs, seed % 8 ? AT_SIMD_AUTO : AT_SIMD_SCALAR, where);
        at_operands_done(&operands);
        at_qkv_done(&inputs);
    }
}

/* Exact attention on the inputs, in long double, and what double precision may have lost of it. */
struct exact_row {
    long double o[256], lse;
    double bound, lse_bound;
};

static double norm(const float *x, int64_t dim, const float *mean)
{
    double sum = 0, mean_sum = 0;
    for (int64_t c = 0; c < dim; c++) {
        sum += (double)x[c] * (double)x[c];
        mean_sum += mean ? (double)mean[c] * (double)mean[c] : 0;
    }
    return sqrt(sum) + sqrt(mean_sum);
}

/*
 * Bound. Every element went through at most log2(d) + 6 roundings of 2^-53 times the norm of its row (rotation keeps norms), a dot product
 * through d more, and the coefficient through 4; the exponent is then off by at most e = (d + 2 log2(d) + 20) 2^-53 log2(e) scale |q| |k|,
 * doubled since the maximum's is subtracted, and what a shift of the exponent adds is 2^-53 of its size. at_exp2 has 2^-50, the sums one
 * 2^-53 for every key and tile. Each weight is off by that relative to itself, and so is their sum.
 */
static void exact(const struct at_operands *operands, const struct at_qkv *inputs, int64_t b, int64_t h, int64_t position,
                  struct exact_row *ret_row)
{
    const struct at_problem *p = &operands->problem;
    int64_t kv = h / at_problem_group(p), keys = at_problem_keys(p, position), dim = p->dim;
    const float *k_mean = operands->k.mean ? operands->k.mean + (b * p->heads_kv + kv) * dim : NULL;
    const float *v_mean = operands->v.mean ? operands->v.mean + (b * p->heads_kv + kv) * dim : NULL;
    int64_t groups = (p->seq_q + AT_Q_MEAN_ROWS - 1) / AT_Q_MEAN_ROWS;
    const float *q_mean = operands->q.mean ? operands->q.mean + ((b * p->heads_q + h) * groups + position / AT_Q_MEAN_ROWS) * dim : NULL;
    long double scale = p->scale > 0 ? (long double)p->scale : 1 / sqrtl((long double)dim), sum = 0, most = -INFINITY;
    long double *s = malloc((size_t)(keys + 1) * sizeof *s);
    float q[256], k[256], v[256];
    double size = 0, v_size = 0;
    *ret_row = (struct exact_row){.lse = -INFINITY};
    at_tensor_decode_rows(&inputs->q, b, h, position, 1, q);
    for (int64_t j = 0; j < keys; j++) {
        at_tensor_decode_rows(&inputs->k, b, kv, j, 1, k);
        s[j] = 0;
        for (int64_t c = 0; c < dim; c++)
            s[j] += (long double)q[c] * (long double)k[c];
        s[j] *= scale;
        most = s[j] > most ? s[j] : most;
        size = fmax(size, (double)scale * norm(q, dim, q_mean) * norm(k, dim, k_mean));
    }
    for (int64_t j = 0; j < keys; j++)
        sum += expl(s[j] - most);
    for (int64_t j = 0; j < keys; j++) {
        at_tensor_decode_rows(&inputs->v, b, kv, j, 1, v);
        for (int64_t c = 0; c < dim; c++)
            ret_row->o[c] += expl(s[j] - most) / sum * (long double)v[c];
        v_size = fmax(v_size, norm(v, dim, v_mean));
    }
    double steps = (double)dim + 2 * log2((double)dim) + 20, exponent = 2 * (steps * size + 20) * 0x1p-53;
    double weights = exponent + 0x1p-50 + (double)(2 * keys + 40) * 0x1p-53;
    ret_row->bound = 3 * weights * v_size;
    ret_row->lse = keys ? most + logl(sum) : -INFINITY;
    ret_row->lse_bound = 2 * weights + fabs((double)most) * 0x1p-48 + 0x1p-46;
    free(s);
}

static void none_is_exact(const struct at_operands *operands, const struct at_qkv *inputs, const char *where, double *worst)
{
    const struct at_problem *p = &operands->problem;
    struct at_rows rows;
    assert_int_equal(at_rows_choose(&rows, p->seq_q, ROWS, 3, NULL), AT_OK);
    for (int64_t b = 0; b < p->batch; b++)
        for (int64_t h = 0; h < p->heads_q; h++) {
            struct switched s = attend(operands, inputs, b, h, &rows, AT_SIMD_AUTO, (struct at_switches){0});
            for (int64_t i = 0; i < rows.count; i++) {
                struct exact_row row;
                exact(operands, inputs, b, h, rows.index[i], &row);
                for (int64_t c = 0; c < p->dim; c++) {
                    double error = (double)fabsl((long double)s.out.o[i * p->dim + c] - row.o[c]);
                    if (!(error <= row.bound))
                        fail_msg("output %g, exact %g, bound %g; %s", s.out.o[i * p->dim + c], (double)row.o[c], row.bound, where);
                    *worst = fmax(*worst, error);
                }
                bool empty = isinf(row.lse);
                if (empty ? s.out.lse[i] != -INFINITY : !(fabsl((long double)s.out.lse[i] - row.lse) <= (long double)row.lse_bound))
                    fail_msg("log-sum-exp %.17g, exact %.17g, bound %g; %s", s.out.lse[i], (double)row.lse, row.lse_bound, where);
            }
            switched_done(&s);
        }
    at_rows_done(&rows);
}

static void all_off_is_exact_attention(void **state)
{
    (void)state;
    double worst = 0;
    for (size_t i = 0; i < PROBLEMS; i++) {
        struct at_qkv inputs = random_inputs(&problems[i], i);
        for (size_t v = 0; v < at_variant_count; v++) {
            struct at_operands operands = prepared(&problems[i], &at_variants[v]->numerics, &inputs);
            none_is_exact(&operands, &inputs, at_variants[v]->name, &worst);
            at_operands_done(&operands);
        }
        at_qkv_done(&inputs);
    }
    for (uint64_t seed = 0; seed < random_cases; seed++) {
        char text[AT_NUMERICS_TEXT_SIZE];
        const struct at_problem *problem = &problems[seed * 7 % PROBLEMS];
        struct at_numerics numerics = random_numerics(problem, seed, text);
        struct at_qkv inputs = random_inputs(problem, seed);
        struct at_operands operands = prepared(problem, &numerics, &inputs);
        none_is_exact(&operands, &inputs, text, &worst);
        at_operands_done(&operands);
        at_qkv_done(&inputs);
    }
    print_message("largest error with all roundings off: %g\n", worst);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        random_cases = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_on_gives_the_bits_of_the_twin),
        cmocka_unit_test(all_on_gives_the_bits_of_the_twin_with_random_numerics),
        cmocka_unit_test(all_off_is_exact_attention),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
