/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/expect.h"

#include "scratch.h"
#include "subject.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* docs/budget.md states it. */
#define FACTOR 2.0

static struct at_expectation expected(struct scratch_subject *s, size_t i)
{
    struct at_expectation e;
    struct at_error error;
    if (at_expect(&s->subject, &s->bench.study.variants[i].numerics, &e, &error))
        fail_msg("%s", error.message);
    return e;
}

static void near_the_twin_on_inputs_of_every_kind(void **state)
{
    (void)state;
    static const char *const inputs[] = {"normal", "iid-outlier", "v-mean", "sink", "needle", "uniform", "k-channel"};
    double least = INFINITY, most = 0;
    for (size_t d = 0; d < sizeof inputs / sizeof inputs[0]; d++) {
        struct scratch_subject s;
        char text[512], base[16];
        snprintf(
            text, sizeof text,
            "name: n\nrows: 6\nvariants: [fa3-fp8, fa3-fp16, fp8-block-hadamard, fp8-two-level, fp8-token, fp8-kv-cache, fp8-smooth-kv]\n"
            "inputs: [{distribution: %s, causal: %s, shape: {heads: 2, kv-heads: 1, keys: 300, dim: 32}}]\n",
            inputs[d], d % 2 ? "true" : "false");
        snprintf(base, sizeof base, "e%zu.db", d);
        scratch_subject_open(&s, text, base);
        for (size_t v = 0; v < s.bench.study.variant_count; v++) {
            struct at_expectation e = expected(&s, v);
            struct at_deviation twin;
            assert_int_equal(at_budget_measure(&s.subject, &s.bench.study.variants[v].numerics, &twin, NULL), AT_OK);
            double ratio = at_deviation_value(&twin, AT_DEVIATION_REL_RMSE) / at_expectation_value(&e);
            if (!(ratio < FACTOR && ratio > 1 / FACTOR))
                fail_msg("%s, %s: measured is %g of the expected error", inputs[d], s.bench.study.variants[v].name, ratio);
            assert_true(fabs(e.truth2 / twin.truth2 - 1) < 1e-12);
            least = fmin(least, ratio);
            most = fmax(most, ratio);
        }
        scratch_subject_close(&s);
    }
    print_message("measured / expected from %.2f to %.2f\n", least, most);
}

/* A mean taken from fp16 numbers leaves them on one lattice: fp16 rounds them by amounts that they share, far above noise. */
static void smoothed_values_in_16_bits(void **state)
{
    (void)state;
    static const char *const inputs[] = {"normal", "v-mean", "iid-outlier"};
    for (size_t d = 0; d < sizeof inputs / sizeof inputs[0]; d++) {
        struct scratch_subject s;
        char text[400], base[16];
        snprintf(text, sizeof text,
                 "name: n\nrows: 6\nvariants: ['fa3-fp16:v.smooth=mean', 'fa3-bf16:v.smooth=mean,output=fp32', "
                 "'fp16:v.smooth=mean,v.scale=channel']\n"
                 "inputs: [{distribution: %s, shape: {heads: 2, keys: 600, dim: 32}}]\n",
                 inputs[d]);
        snprintf(base, sizeof base, "s%zu.db", d);
        scratch_subject_open(&s, text, base);
        for (size_t v = 0; v < s.bench.study.variant_count; v++) {
            struct at_expectation e = expected(&s, v);
            struct at_deviation twin;
            assert_int_equal(at_budget_measure(&s.subject, &s.bench.study.variants[v].numerics, &twin, NULL), AT_OK);
            double ratio = at_deviation_value(&twin, AT_DEVIATION_REL_RMSE) / at_expectation_value(&e);
            if (!(ratio < FACTOR && ratio > 1 / FACTOR))
                fail_msg("%s, %s: measured is %g of the expected error", inputs[d], s.bench.study.variants[v].name, ratio);
        }
        scratch_subject_close(&s);
    }
}

/* Rounding by rounding, those of formats of 8 bits, beside each alone in the twin. */
static void parts_are_near_those_of_the_budget(void **state)
{
    (void)state;
    static const enum at_rounding parts[] = {AT_ROUNDING_Q, AT_ROUNDING_K, AT_ROUNDING_V, AT_ROUNDING_P, AT_ROUNDING_OUTPUT};
    struct scratch_subject s;
    scratch_subject_open(&s,
                         "name: n\nrows: 8\nvariants: [fa3-fp8, 'fp8:p.offset=normalised', 'fp8:sum=quantised,smooth=kv', fp8-e5m2]\n"
                         "inputs: [{distribution: normal, shape: {heads: 2, keys: 400, dim: 64}}]\n",
                         "p.db");
    for (size_t v = 0; v < 4; v++) {
        struct at_budget b = scratch_budget(&s, v, AT_DEVIATION_REL_RMSE);
        struct at_expectation e = expected(&s, v);
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            double ratio = sqrt(scratch_entry(&b, parts[i])->alone.error2 / e.square[parts[i]]);
            if (!(ratio < FACTOR && ratio > 1 / FACTOR))
                fail_msg("%s, %s alone: measured is %g of the expected error", s.bench.study.variants[v].name, at_roundings[parts[i]].name,
                         ratio);
        }
    }
    scratch_subject_close(&s);
}

/* A kernel that does something else than it declares is far away: a scale that clips, smoothing that is not undone. */
static void what_is_no_noise_is_far_above(void **state)
{
    (void)state;
    struct scratch_subject s;
    scratch_subject_open(
        &s,
        "name: n\nrows: 8\nvariants: [fa3-fp8, 'fp8:v.scale=head,v.scale-rule=0.002', 'fp8:k.scale=head,k.scale-rule=0.0005']\n"
        "inputs: [{distribution: normal, shape: {heads: 1, keys: 400, dim: 32}}]\n",
        "f.db");
    struct at_expectation declared = expected(&s, 0);
    for (size_t v = 1; v < 3; v++) {
        struct at_deviation other;
        assert_int_equal(at_budget_measure(&s.subject, &s.bench.study.variants[v].numerics, &other, NULL), AT_OK);
        assert_true(at_deviation_value(&other, AT_DEVIATION_REL_RMSE) > 2 * FACTOR * at_expectation_value(&declared));
    }
    scratch_subject_close(&s);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    struct scratch_subject s;
    int threads = omp_get_max_threads();
    scratch_subject_open(&s,
                         "name: n\nrows: 20\nvariants: [fa3-fp8]\n"
                         "inputs: [{distribution: normal, shape: {heads: 2, keys: 100, dim: 32}}]\n",
                         "t.db");
    omp_set_num_threads(3);
    struct at_expectation three = expected(&s, 0);
    omp_set_num_threads(1);
    struct at_expectation one = expected(&s, 0);
    omp_set_num_threads(threads);
    assert_memory_equal(&one, &three, sizeof one);
    scratch_subject_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_the_twin_on_inputs_of_every_kind),
        cmocka_unit_test(smoothed_values_in_16_bits),
        cmocka_unit_test(parts_are_near_those_of_the_budget),
        cmocka_unit_test(what_is_no_noise_is_far_above),
        cmocka_unit_test(threads_change_no_bit),
    };
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
