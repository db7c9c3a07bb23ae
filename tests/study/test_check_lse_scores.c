/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_lse.h"

#include "attempted.h"
#include "kernels/twin/wgmma.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { QUERIES = 96 };

/* Operands of one key each, and the truth that all weight is on it. */
struct fixture {
    struct kernel_case k;
    double p[QUERIES], low[QUERIES], high[QUERIES];
};

static void open(struct fixture *f, const char *distribution, const char *variant, int64_t dim, uint64_t seed)
{
    struct at_error error;
    const struct at_problem p = {1, 1, 1, QUERIES, 1, dim, false, 0};
    if (kernel_case_init(&f->k, distribution, &p, seed, variant, &error))
        fail_msg("%s", error.message);
    for (int i = 0; i < QUERIES; i++)
        f->p[i] = 1;
    const struct at_oracle_truth truth = {.p = f->p};
    if (at_check_lse_scores(&f->k.operands, &f->k.rows, &truth, 0, f->low, f->high, &error))
        fail_msg("%s", error.message);
}

/* What the instruction itself makes of query i, minus the dot product, in natural units. */
static double error_of(const struct fixture *f, int64_t i)
{
    const struct at_operands *o = &f->k.operands;
    const int64_t dim = o->problem.dim, depth = at_wgmma_depth(o->numerics.q.format), whole = (dim + depth - 1) / depth * depth;
    float q[256] = {0}, k[256] = {0}, got = 0;
    double exact = 0;
    at_tensor_decode_rows(&o->q.codes, 0, 0, i, 1, q);
    at_tensor_decode_rows(&o->k.codes, 0, 0, 0, 1, k);
    for (int64_t c = 0; c < whole; c += depth)
        got = at_wgmma_dot(o->numerics.q.format, o->numerics.k.format, q + c, k + c, 1, got);
    for (int64_t c = 0; c < dim; c++)
        exact += (double)q[c] * (double)k[c];
    return ((double)got - exact) * (double)at_scale_of(&o->q.scale, 0, 0, i, 0) * (double)at_scale_of(&o->k.scale, 0, 0, 0, 0) /
           sqrt((double)dim);
}

/*
 * Every chain of the instruction lies in its interval, in 8 and in 16 bits, in any dimension; and the interval is no wider than the cuts
 * that there are: of each chain one for each product and two for each sum, of which some are met to half.
 */
static void chains_lie_in_their_intervals(void **state)
{
    (void)state;
    static const struct {
        const char *distribution, *variant;
        int64_t dim;
    } cases[] = {{"normal", "fa3-fp8", 96},   {"normal", "fa3-fp8", 192},   {"iid-outlier", "fa3-fp8", 64}, {"k-channel", "fa3-fp8", 40},
                 {"normal", "fa3-fp16", 96},  {"uniform", "fa3-bf16", 192}, {"v-mean", "fp8-block128", 8},  {"massive", "fa3-fp8", 256},
                 {"near-tie", "fa3-fp8", 80}, {"diffuse", "fa3-fp8", 128}};
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        double used = 0;
        for (uint64_t seed = 1; seed <= 8; seed++) {
            struct fixture f;
            open(&f, cases[n].distribution, cases[n].variant, cases[n].dim, seed);
            for (int64_t i = 0; i < QUERIES; i++) {
                const double error = error_of(&f, i), least = 0x1p-50 * fabs(f.low[i]), most = 0x1p-50 * f.high[i];
                if (!(error >= f.low[i] - least && error <= f.high[i] + most && f.low[i] <= 0 && f.high[i] >= 0))
                    fail_msg("%s, %s, %d columns, row %d: %g is not from %g to %g", cases[n].distribution, cases[n].variant,
                             (int)cases[n].dim, (int)i, error, f.low[i], f.high[i]);
                used = fmax(used, fabs(error) / fmax(f.high[i] - f.low[i], 0x1p-1000));
            }
            kernel_case_done(&f.k);
        }
        if (!(used >= 0.125))
            fail_msg("%s, %s, %d columns: only %g of an interval is used", cases[n].distribution, cases[n].variant, (int)cases[n].dim,
                     used);
    }
}

/* Rounded scores add half a unit of their format; products of zeros lose nothing. */
static void rounded_scores_and_zeros(void **state)
{
    (void)state;
    struct fixture f;
    open(&f, "normal", "standard-fp16", 96, 1);
    for (int64_t i = 0; i < QUERIES; i++)
        assert_true(f.high[i] >= 0x1p-26 && f.high[i] <= 0x1p-9); /* scores below 4, of 10 bits behind the point's place */
    kernel_case_done(&f.k);
    open(&f, "normal", "fa3-fp8", 96, 1);
    const struct at_oracle_truth truth = {.p = f.p};
    memset(f.k.operands.q.codes.codes, 0, (size_t)at_tensor_count(&f.k.operands.q.codes));
    assert_int_equal(at_check_lse_scores(&f.k.operands, &f.k.rows, &truth, 0, f.low, f.high, NULL), AT_OK);
    for (int64_t i = 0; i < QUERIES; i++)
        assert_true(f.low[i] == 0 && f.high[i] == 0);
    kernel_case_done(&f.k);
}

/* Over many keys the ends are the weighted means of the keys' errors, as far as these are small; no key, no error. */
static void weights_share_the_errors(void **state)
{
    (void)state;
    const struct at_problem p = {1, 1, 1, 2, 2, 96, true, 0};
    struct kernel_case k;
    assert_int_equal(kernel_case_init(&k, "normal", &p, 3, "fa3-fp8", NULL), AT_OK);
    double weights[3][4] = {{1, 0, 1, 0}, {1, 0, 0, 1}, {1, 0, 0.25, 0.75}}, low[3][2], high[3][2];
    for (int i = 0; i < 3; i++) {
        const struct at_oracle_truth truth = {.p = weights[i]};
        assert_int_equal(at_check_lse_scores(&k.operands, &k.rows, &truth, 0, low[i], high[i], NULL), AT_OK);
    }
    assert_true(fabs(low[2][1] - log(0.25 * exp(low[0][1]) + 0.75 * exp(low[1][1]))) <= 0x1p-45);
    assert_true(fabs(high[2][1] - log(0.25 * exp(high[0][1]) + 0.75 * exp(high[1][1]))) <= 0x1p-45);
    kernel_case_done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_lie_in_their_intervals),
        cmocka_unit_test(rounded_scores_and_zeros),
        cmocka_unit_test(weights_share_the_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
