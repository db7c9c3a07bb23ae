/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "bench.h"
#include "scratch.h"

#include "kernels/prepare/prepare.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static double measure(struct scratch_bench *b, const char *variant, const char *against, const char *metric)
{
    char sql[512];
    snprintf(sql, sizeof sql, "SELECT value FROM result WHERE variant = '%s' AND against = '%s' AND metric = '%s' AND scope = 'case'",
             variant, against, metric);
    return scratch_number(b->store, sql);
}

static void attempt_all(struct scratch_bench *b)
{
    struct at_error error = {""};
    for (size_t i = 0; i < b->study.variant_count; i++)
        if (scratch_bench_attempt(b, i, &error))
            fail_msg("%s", error.message);
}

/*
 * Keys with a large common part: the log-sum-exp holds q . mean(K) * scale of several units. Against the dequantised operands only the
 * kernel's own rounding is left, which is below the whole error; without lse_shift the difference would be the shift itself.
 */
static void smoothed_keys(void **state)
{
    (void)state;
    struct scratch_bench b;
    struct at_operands operands;
    struct at_numerics resolved;
    scratch_bench_open(&b,
                       "name: n\nrows: 8\nvariants: [fp8-smooth-k]\n"
                       "inputs: [{distribution: k-channel, shape: {heads: 2, keys: 96, dim: 64}}]\n",
                       "k.db");
    attempt_all(&b);
    assert_int_equal(at_numerics_resolve(&b.study.variants[0].numerics, &b.bench.c->problem, &resolved, NULL), AT_OK);
    assert_int_equal(at_prepare(&b.bench.c->problem, &resolved, &b.bench.inputs, &operands, NULL), AT_OK);
    double shift = 0;
    for (int64_t i = 0; i < b.bench.c->rows.count; i++)
        shift = fmax(shift, fabs((double)operands.lse_shift[b.bench.c->rows.index[i]]));
    double whole = measure(&b, "fp8-smooth-k", "original", "lse_error"), own = measure(&b, "fp8-smooth-k", "dequantised", "lse_error");
    assert_true(own < whole && own < shift / 2);
    at_operands_done(&operands);
    scratch_bench_close(&b);
}

/* The whole error is that of rounding the inputs and the kernel's own; FP16 inputs in an FP16 kernel lose nothing on the way in. */
static void references(void **state)
{
    (void)state;
    struct scratch_bench b;
    scratch_bench_open(&b,
                       "name: n\nrows: 8\nvariants: [fa3-fp16, fa3-fp8, fp8-two-level]\n"
                       "inputs: [{distribution: normal, causal: true, shape: {heads: 2, keys: 96, dim: 64}}]\n",
                       "r.db");
    struct at_error error = {""};
    assert_int_equal(scratch_bench_attempt(&b, 0, &error), AT_OK);
    assert_false(b.bench.todo[0]);
    assert_int_equal(scratch_bench_attempt(&b, 1, &error), AT_OK);
    assert_int_equal(b.bench.kept[1].heads, 2); /* for fp8-two-level */
    double done = b.progress.done;
    assert_int_equal(scratch_bench_attempt(&b, 2, &error), AT_OK);
    assert_int_equal(b.bench.kept[1].heads, 0);
    assert_true(b.progress.done == done && done == b.progress.total); /* it shared, as the plan foretold */
    assert_true(measure(&b, "fa3-fp16", "original", "rmse") == measure(&b, "fa3-fp16", "dequantised", "rmse"));
    assert_true(measure(&b, "fa3-fp8", "original", "rmse") > measure(&b, "fa3-fp8", "dequantised", "rmse"));
    assert_true(measure(&b, "fa3-fp8", "original", "rmse") > measure(&b, "fa3-fp16", "original", "rmse"));
    assert_true(measure(&b, "fa3-fp8", "dequantised", "rmse") > 0);
    assert_true(measure(&b, "fa3-fp8", "original", "kl_mean") > 0);
    assert_true(scratch_number(b.store, "SELECT count(DISTINCT truth_sha256) FROM reference") == 2);
    assert_true(scratch_number(b.store, "SELECT count(*) FROM reference WHERE operands_sha256 = ''") == 3);
    assert_true(scratch_number(b.store, "SELECT count(DISTINCT operands_sha256) FROM run") == 2);
    assert_true(scratch_number(b.store, "SELECT max(undefined_rows) FROM reference") == 0);
    assert_true(scratch_number(b.store, "SELECT max(precision_bits) FROM reference") > 0);
    assert_true(scratch_number(b.store, "SELECT max(radius_log2) FROM reference") < -53);
    scratch_bench_close(&b);
}

/* Elements in the bins of the first histogram. */
static double counted(struct scratch_bench *b)
{
    struct at_table table;
    double sum = 0;
    assert_int_equal(at_store_query(b->store, "SELECT counts FROM histogram WHERE id = 1", NULL, 0, &table, NULL), AT_OK);
    json_t *bins = json_loads(table.cells[0].text, 0, NULL);
    for (size_t i = 0; i < json_array_size(bins); i++)
        sum += (double)json_integer_value(json_array_get(bins, i));
    json_decref(bins);
    at_table_done(&table);
    return sum;
}

/* Every count is where it belongs. */
static void counts(void **state)
{
    (void)state;
    struct scratch_bench b;
    scratch_bench_open(&b,
                       "name: n\nrows: 8\nvariants: [fa3-fp8]\n"
                       "inputs: [{distribution: normal, causal: true, shape: {heads: 4, kv-heads: 2, keys: 96, queries: 32, dim: 64}}]\n",
                       "c.db");
    attempt_all(&b);
    double seen = 0;
    for (int64_t i = 0; i < 8; i++)
        seen += (double)at_problem_keys(&b.bench.c->problem, b.bench.c->rows.index[i]);
    assert_true(scratch_number(b.store, "SELECT rows FROM run") == 8);
    assert_true(scratch_number(b.store, "SELECT elements FROM run") == 64 * (4 * 32 + 2 * 2 * 96));
    assert_true(scratch_number(b.store, "SELECT p_elements FROM run") == 4 * seen);
    assert_true(scratch_number(b.store, "SELECT time_ns FROM run") > 0);
    assert_true(scratch_number(b.store, "SELECT count(*) FROM measure WHERE metric = 'rmse' AND scope = 'row'") == 2 * 4 * 8);
    assert_true(scratch_number(b.store, "SELECT count(*) FROM measure WHERE metric = 'rmse' AND scope = 'head'") == 2 * 4);
    assert_true(scratch_number(b.store, "SELECT count(*) FROM measure WHERE metric = 'rmse' AND scope = 'case'") == 2);
    assert_true(scratch_number(b.store, "SELECT count(DISTINCT row) FROM measure WHERE scope = 'row'") == 8);
    assert_true(scratch_number(b.store, "SELECT max(row) FROM measure") == 31); /* the last row is always looked at */
    assert_true(counted(&b) + scratch_number(b.store, "SELECT zeros + nonfinite + below + above FROM histogram WHERE id = 1") ==
                4 * 8 * 64);
    double share = scratch_number(b.store, "SELECT (saturated + p_saturated) * 1.0 / (elements + p_elements) FROM run");
    assert_true(measure(&b, "fa3-fp8", "original", "saturated") == share);
    scratch_bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(smoothed_keys), cmocka_unit_test(references), cmocka_unit_test(counts)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
