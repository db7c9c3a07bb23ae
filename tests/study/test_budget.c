/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/budget.h"

#include "scratch.h"
#include "subject.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char normal[] = "name: n\nrows: 4\nvariants: [fa3-fp8, fa3-fp16, 'fp8:output=fp32', fp8-block-hadamard]\n"
                             "inputs: [{distribution: normal, shape: {heads: 2, kv-heads: 1, keys: 200, dim: 64}}]\n";

/* All is the twin, none is nothing, shares are of all, and the remainder is what the sums leave. */
static void shares_are_of_the_whole(void **state)
{
    (void)state;
    struct scratch_subject s;
    scratch_subject_open(&s, normal, "b.db");
    for (size_t v = 0; v < 4; v++) {
        struct at_budget b = scratch_budget(&s, v, AT_DEVIATION_REL_RMSE);
        struct at_deviation twin;
        double alone = 0, removed = 0;
        assert_int_equal(at_budget_measure(&s.subject, &s.bench.study.variants[v].numerics, &twin, NULL), AT_OK);
        assert_memory_equal(&twin, &b.whole, sizeof twin);
        assert_true(at_deviation_value(&b.none, b.metric) < 1e-14);
        for (size_t i = 0; i < b.count; i++) {
            const struct at_budget_entry *e = &b.entries[i];
            assert_true(e->share_alone == e->alone.error2 / e->alone.truth2 / (b.whole.error2 / b.whole.truth2) ||
                        fabs(e->share_alone - e->alone.error2 / b.whole.error2) <= 0x1p-50 * e->share_alone);
            assert_true(fabs(e->share_removed - (1 - e->without.error2 / b.whole.error2)) <= 0x1p-48);
            alone += e->share_alone;
            removed += e->share_removed;
            assert_true(i == 0 ||
                        fmax(fabs(e[-1].share_alone), fabs(e[-1].share_removed)) >= fmax(fabs(e->share_alone), fabs(e->share_removed)));
        }
        assert_true(fabs(alone - b.sum_alone) <= 0x1p-40 && fabs(removed - b.sum_removed) <= 0x1p-40);
    }
    scratch_subject_close(&s);
}

/* On inputs without structure the parts are independent: their squares add up, to what the interaction of four rows can be. */
static void what_happens_is_listed(void **state)
{
    (void)state;
    struct scratch_subject s;
    scratch_subject_open(&s, normal, "w.db");
    struct at_budget fp8 = scratch_budget(&s, 0, AT_DEVIATION_REL_RMSE), fp16 = scratch_budget(&s, 1, AT_DEVIATION_REL_RMSE);
    struct at_budget wide = scratch_budget(&s, 2, AT_DEVIATION_REL_RMSE), turned = scratch_budget(&s, 3, AT_DEVIATION_REL_RMSE);
    assert_int_equal(fp8.count, 13);
    assert_int_equal(wide.count, 12);       /* no output cast */
    assert_int_equal(turned.count, 16 - 1); /* transforms and promotion as well, V restored only if it was turned */
    assert_true(scratch_entry(&fp8, AT_ROUNDING_V)->share_alone > 0.1);
    assert_true(scratch_entry(&fp16, AT_ROUNDING_V)->share_alone < 1e-20); /* the inputs are fp16: nothing is quantised */
    assert_true(scratch_entry(&fp16, AT_ROUNDING_P)->share_alone > 0.1);
    assert_true(scratch_entry(&turned, AT_ROUNDING_TRANSFORM)->share_alone > 0);
    scratch_subject_close(&s);
}

/* An error that one rounding makes is given to it: the accumulator on V with a mean, K on a channel with a mean. */
static void the_culprit_is_found(void **state)
{
    (void)state;
    struct scratch_subject s;
    scratch_subject_open(&s,
                         "name: n\nrows: 2\nvariants: [fa3-fp8, fp8-two-level]\n"
                         "inputs: [{distribution: v-mean, shape: {heads: 1, queries: 2, keys: 16384, dim: 64}}]\n",
                         "c.db");
    struct at_budget b = scratch_budget(&s, 0, AT_DEVIATION_REL_RMSE), bias = scratch_budget(&s, 0, AT_DEVIATION_BIAS);
    struct at_budget promoted = scratch_budget(&s, 1, AT_DEVIATION_REL_RMSE);
    assert_int_equal(b.entries[0].rounding, AT_ROUNDING_OUTPUT_SUM);
    assert_true(b.entries[0].share_alone > 0.95 && b.entries[0].share_removed > 0.95);
    assert_int_equal(bias.entries[0].rounding, AT_ROUNDING_OUTPUT_SUM);
    assert_true(at_deviation_value(&bias.whole, AT_DEVIATION_BIAS) < 0);
    assert_true(scratch_entry(&promoted, AT_ROUNDING_OUTPUT_SUM)->alone.error2 < b.entries[0].alone.error2 / 100);
    scratch_subject_close(&s);
    scratch_subject_open(&s,
                         "name: n\nrows: 4\nvariants: [fa3-fp8]\n"
                         "inputs: [{distribution: k-channel, shape: {heads: 1, keys: 300, dim: 64}}]\n",
                         "k.db");
    b = scratch_budget(&s, 0, AT_DEVIATION_REL_RMSE);
    assert_int_equal(b.entries[0].rounding, AT_ROUNDING_K);
    struct at_budget lse = scratch_budget(&s, 0, AT_DEVIATION_LSE);
    assert_true(scratch_entry(&lse, AT_ROUNDING_LSE)->share_alone > 0 && scratch_entry(&lse, AT_ROUNDING_V)->share_alone < 1e-9);
    scratch_subject_close(&s);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    struct scratch_subject s;
    int threads = omp_get_max_threads();
    scratch_subject_open(&s, normal, "t.db");
    omp_set_num_threads(3);
    struct at_budget three = scratch_budget(&s, 0, AT_DEVIATION_REL_RMSE);
    omp_set_num_threads(1);
    struct at_budget one = scratch_budget(&s, 0, AT_DEVIATION_REL_RMSE);
    omp_set_num_threads(threads);
    assert_int_equal(one.count, three.count);
    for (size_t i = 0; i < one.count; i++)
        assert_memory_equal(&one.entries[i].without, &three.entries[i].without, sizeof one.whole);
    scratch_subject_close(&s);
}

/* fp16 inputs of zeros are exact in every variant, NaN has no shares, and a stop is heard. */
static void what_has_no_budget_is_refused(void **state)
{
    (void)state;
    struct scratch_subject s;
    struct at_budget b = {.count = 99};
    struct at_error error;
    scratch_subject_open(&s,
                         "name: n\nrows: 2\nvariants: [fa3-fp8]\n"
                         "inputs: [{distribution: normal, shape: {heads: 1, keys: 40, dim: 32}}]\n",
                         "z.db");
    const struct at_variant_choice *v = &s.bench.study.variants[0];
    volatile sig_atomic_t stop = 1;
    const struct at_study_events events = {.stop = &stop};
    s.bench.progress.events = &events;
    assert_int_equal(at_budget_make(&s.subject, v, AT_DEVIATION_REL_RMSE, &b, &error), AT_ERR_INTERRUPTED);
    s.bench.progress.events = NULL;
    uint16_t *codes = s.bench.bench.inputs.v.codes;
    memset(codes, 0, (size_t)at_tensor_count(&s.bench.bench.inputs.v) * sizeof *codes);
    at_truths_done(&s.truths);
    struct at_bench *bench = &s.bench.bench;
    assert_int_equal(at_truths_solve(bench->c, bench->oracle, &bench->inputs, NULL, NULL, &s.bench.progress, &s.truths, &error), AT_OK);
    assert_int_equal(at_budget_make(&s.subject, v, AT_DEVIATION_MAX_REL_SUM_ABS, &b, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "exactly 0"));
    assert_int_equal(at_budget_make(&s.subject, v, AT_DEVIATION_REL_RMSE, &b, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "undefined"));
    codes[3] = 0x7e00; /* the truths are those of before: finite */
    assert_int_equal(at_budget_make(&s.subject, v, AT_DEVIATION_REL_RMSE, &b, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "not finite"));
    assert_int_equal(b.count, 99);
    scratch_subject_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_of_the_whole), cmocka_unit_test(what_happens_is_listed),        cmocka_unit_test(the_culprit_is_found),
        cmocka_unit_test(threads_change_no_bit),   cmocka_unit_test(what_has_no_budget_is_refused),
    };
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
