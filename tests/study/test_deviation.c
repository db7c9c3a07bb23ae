/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/deviation.h"

#include "study/sample.h"

#include "bench.h"
#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DIM = 4 };

struct truth {
    double o[DIM], o_low[DIM], radius[DIM], sum_abs[DIM], lse, lse_radius;
    struct at_oracle_truth t;
};

static void truth_init(struct truth *x)
{
    *x = (struct truth){.o = {1, -2, 0, 2}, .sum_abs = {2, 2, 4, 0.5}, .lse = 3};
    x->o_low[3] = 0x1p-60;
    x->t = (struct at_oracle_truth){.o = x->o, .o_low = x->o_low, .radius = x->radius, .sum_abs = x->sum_abs, .lse = &x->lse};
}

static double value(const struct at_deviation *d, enum at_deviation_metric metric)
{
    return at_deviation_value(d, metric);
}

static void figures_by_hand(void **state)
{
    (void)state;
    struct truth x;
    struct at_deviation d = {0};
    const double o[DIM] = {1.5, -2, 1, 2}; /* errors 1/2, 0, 1 and -2^-60 */
    truth_init(&x);
    at_deviation_add(&d, &x.t, 0, DIM, o, 2.5);
    assert_true(value(&d, AT_DEVIATION_REL_RMSE) == sqrt(1.25 / 9));
    assert_true(value(&d, AT_DEVIATION_MAX_REL_SUM_ABS) == 0.25);
    assert_true(fabs(value(&d, AT_DEVIATION_BIAS) - 0.1) <= 0x1p-53);
    assert_true(value(&d, AT_DEVIATION_LSE) == 0.5);
    assert_true(fabs(at_deviation_additive(&d, AT_DEVIATION_REL_RMSE) - 1.25 / 9) <= 0x1p-54);
    assert_true(at_deviation_additive(&d, AT_DEVIATION_BIAS) == value(&d, AT_DEVIATION_BIAS));
}

/* The trailing double of the truth counts: an error of 2^-60 is seen. */
static void errors_below_a_double_are_seen(void **state)
{
    (void)state;
    struct truth x;
    struct at_deviation d = {0};
    truth_init(&x);
    at_deviation_add(&d, &x.t, 0, DIM, x.o, x.lse);
    assert_true(d.error2 == 0x1p-120 && d.lse == 0);
}

static void what_is_not_finite_is_no_success(void **state)
{
    (void)state;
    struct truth x;
    struct at_deviation d = {0};
    double o[DIM] = {1, NAN, 0, 2};
    truth_init(&x);
    assert_true(isnan(value(&d, AT_DEVIATION_REL_RMSE)) && isnan(value(&d, AT_DEVIATION_LSE)));
    at_deviation_add(&d, &x.t, 0, DIM, o, 3);
    assert_int_equal(d.nonfinite, 1);
    assert_true(isinf(value(&d, AT_DEVIATION_REL_RMSE)) && isinf(value(&d, AT_DEVIATION_MAX_REL_SUM_ABS)));
    assert_true(isnan(value(&d, AT_DEVIATION_BIAS)));
    d = (struct at_deviation){0};
    o[1] = -2;
    at_deviation_add(&d, &x.t, 0, DIM, o, NAN);
    assert_true(isinf(value(&d, AT_DEVIATION_LSE)));
    x.o[0] = NAN; /* a row without a truth is left out */
    d = (struct at_deviation){0};
    at_deviation_add(&d, &x.t, 0, DIM, o, 3);
    assert_int_equal(d.outputs, 0);
}

static void metrics_are_found_by_name(void **state)
{
    (void)state;
    enum at_deviation_metric metric;
    struct at_error error;
    for (int m = 0; m < AT_DEVIATION_COUNT; m++) {
        const struct at_metric *registered;
        assert_int_equal(at_deviation_find(at_deviations[m].name, &metric, &error), AT_OK);
        assert_int_equal(metric, m);
        assert_int_equal(at_metric_find(at_deviations[m].name, &registered, &error), AT_OK);
    }
    assert_int_equal(at_deviation_find(NULL, &metric, &error), AT_OK);
    assert_int_equal(metric, AT_DEVIATION_REL_RMSE);
    assert_int_equal(at_deviation_find("bais", &metric, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "'bias'"));
}

struct both {
    struct at_deviation deviation;
    struct at_metric_state states[AT_DEVIATION_COUNT];
    const struct at_case *c;
    const struct at_truths *truths;
};

static void add_both(void *context, const struct at_attended *part)
{
    struct both *b = context;
    const struct at_problem *p = &b->c->problem;
    const struct at_oracle_truth *truth = &b->truths->head[part->b * p->heads_q + part->h];
    const struct at_beside beside = {.c = b->c, .part = part, .truth = truth};
    for (int64_t j = 0; j < part->count; j++) {
        double radius[256], o[256];
        struct at_row_sample row = at_sample_row(&beside, part->first + j, truth, part->first + j, radius);
        for (int64_t d = 0; d < p->dim; d++)
            o[d] = (double)row.got[d];
        at_deviation_add(&b->deviation, truth, part->first + j, p->dim, o, (double)row.got_lse);
        for (int m = 0; m < AT_DEVIATION_COUNT; m++) {
            const struct at_metric *metric;
            assert_int_equal(at_metric_find(at_deviations[m].name, &metric, NULL), AT_OK);
            metric->add(&b->states[m], &row);
        }
    }
}

/* On a run of the twin: the values of src/metrics. */
static void they_are_the_metrics(void **state)
{
    (void)state;
    struct scratch_bench b;
    scratch_bench_open(&b,
                       "name: n\nrows: 5\nvariants: [fa3-fp8]\n"
                       "inputs: [{distribution: v-mean, shape: {heads: 2, keys: 300, dim: 32}}]\n",
                       "d.db");
    struct at_attend attend = scratch_bench_prepare(&b, 0);
    struct at_truths truths;
    struct at_sha256 output;
    struct at_error error;
    const struct at_case *c = b.bench.c;
    assert_int_equal(at_truths_solve(c, b.bench.oracle, &b.bench.inputs, NULL, NULL, &b.progress, &truths, &error), AT_OK);
    struct both both = {.c = c, .truths = &truths};
    assert_int_equal(at_attend_heads(&attend, true, add_both, &both, &b.progress, &output, &error), AT_OK);
    for (int m = 0; m < AT_DEVIATION_COUNT; m++) {
        const struct at_metric *metric;
        double wanted;
        assert_int_equal(at_metric_find(at_deviations[m].name, &metric, NULL), AT_OK);
        assert_int_equal(metric->value(&both.states[m], &wanted), AT_OK);
        assert_true(wanted != 0);
        /* two roundings for each of 320 outputs, here and there */
        assert_true(fabs(value(&both.deviation, (enum at_deviation_metric)m) / wanted - 1) <= 4 * 320 * 0x1p-53);
    }
    at_truths_done(&truths);
    at_attend_done(&attend);
    scratch_bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_by_hand),
        cmocka_unit_test(errors_below_a_double_are_seen),
        cmocka_unit_test(what_is_not_finite_is_no_success),
        cmocka_unit_test(metrics_are_found_by_name),
        cmocka_unit_test(they_are_the_metrics),
    };
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
