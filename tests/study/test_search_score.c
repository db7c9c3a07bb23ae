/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "bench.h"
#include "scratch.h"
#include "study/search_score.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* NaN stands for NULL. */
static double stored(struct scratch_bench *b, size_t variant, const char *against, const char *metric, const char *column)
{
    char sql[512];
    struct at_table table;
    snprintf(sql, sizeof sql, "SELECT %s AS x FROM result WHERE variant = '%s' AND against = '%s' AND metric = '%s' AND scope = 'case'",
             column, b->study.variants[variant].name, against, metric);
    assert_int_equal(at_store_query(b->store, sql, NULL, 0, &table, NULL), AT_OK);
    assert_int_equal(table.rows, 1);
    double value = table.cells[0].kind == AT_CELL_NULL ? NAN : table.cells[0].real;
    at_table_done(&table);
    return value;
}

static void assert_same(const char *variant, const char *metric, const char *what, double got, double wanted)
{
    if (!(got == wanted || (isnan(got) && isnan(wanted))))
        fail_msg("%s, %s: %s %.17g, a run has %.17g", variant, metric, what, got, wanted);
}

/* Every metric on every kind of operands has the bits that a run stores. */
static void scores_are_those_of_a_run(void **state)
{
    (void)state;
    struct scratch_bench b;
    struct at_error error = {""};
    scratch_bench_open(&b,
                       "name: n\nrows: 6\noracle: certified\nvariants: [fa3-fp16, fa3-fp8, fp8-smooth-k, \"fp8:smooth=qk\", fp8-hadamard]\n"
                       "inputs: [{distribution: k-channel, causal: true, shape: {batch: 2, heads: 4, kv-heads: 2, keys: 80, dim: 32}}]\n",
                       "s.db");
    for (size_t v = 0; v < b.study.variant_count; v++) {
        const char *name = b.study.variants[v].name;
        struct at_search_scorer scorer = {.c = b.bench.c, .oracle = b.bench.oracle};
        assert_int_equal(at_numerics_resolve(&b.study.variants[v].numerics, &b.bench.c->problem, &scorer.numerics, NULL), AT_OK);
        if (scratch_bench_attempt(&b, v, &error))
            fail_msg("%s", error.message);
        for (size_t m = 0; m < at_metric_count; m++)
            for (int i = 0; i < 2; i++) {
                struct at_search_score score;
                const char *against = i ? "dequantised" : "original", *metric = at_metrics[m]->name;
                scorer.metric = at_metrics[m];
                scorer.dequantised = i;
                if (at_search_score(&scorer, &b.bench.inputs, &score, &error))
                    fail_msg("%s", error.message);
                assert_same(name, metric, "value", score.value, stored(&b, v, against, metric, "value"));
                assert_same(name, metric, "radius", score.radius, stored(&b, v, against, metric, "radius"));
            }
    }
    scratch_bench_close(&b);
}

static const struct at_metric *metric_of(const char *name)
{
    const struct at_metric *metric = NULL;
    assert_int_equal(at_metric_find(name, &metric, NULL), AT_OK);
    return metric;
}

static void bounds_are_from_below(void **state)
{
    (void)state;
    const struct at_metric *error = metric_of("rel_rmse"), *bias = metric_of("bias"), *count = metric_of("nonfinite");
    assert_true(at_search_score_of(error, 3, 0.5).bound == 2.5);
    assert_true(at_search_score_of(bias, -3, 0.5).bound == 2.5);
    assert_true(at_search_score_of(count, 7, NAN).bound == 7); /* does not depend on the truth */
    assert_true(at_search_score_of(error, INFINITY, 0).bound == INFINITY);
    assert_true(at_search_score_of(error, 3, INFINITY).bound == -INFINITY);
    assert_true(isnan(at_search_score_of(error, NAN, 0).bound));
    assert_true(!(at_search_score_of(error, INFINITY, INFINITY).bound > 0)); /* infinite, but nobody knows */
}

static void more_must_be_worse(void **state)
{
    (void)state;
    for (size_t m = 0; m < at_metric_count; m++) {
        struct at_error error = {""};
        bool larger = at_metrics[m]->better == AT_LARGER_IS_BETTER;
        assert_int_equal(at_search_metric_check(at_metrics[m], &error), larger ? AT_ERR_ARGUMENT : AT_OK);
        if (larger)
            assert_non_null(strstr(error.message, strcmp(at_metrics[m]->name, "snr_db") == 0 ? "take rel_rmse" : "take calc_diff"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_a_run),
        cmocka_unit_test(bounds_are_from_below),
        cmocka_unit_test(more_must_be_worse),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
