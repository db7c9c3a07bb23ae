/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/advice.h"

#include "scratch.h"
#include "subject.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_advice *advice_named(const struct at_advices *a, const char *change)
{
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->list[i].change, change) == 0)
            return &a->list[i];
    return NULL;
}

static void made(struct scratch_subject *s, size_t v, struct at_budget *b, struct at_advices *a)
{
    struct at_error error;
    *b = scratch_budget(s, v, AT_DEVIATION_REL_RMSE);
    if (at_advice_make(&s->subject, &s->bench.study.variants[v], b, a, &error))
        fail_msg("%s", error.message);
}

/* What is said of a change is what the variant spelled so gives. */
static void figures_are_those_of_the_changed_variant(void **state)
{
    (void)state;
    struct scratch_subject s;
    struct at_budget b;
    struct at_advices *a = malloc(sizeof *a);
    scratch_subject_open(&s,
                         "name: n\nrows: 4\nvariants: [fa3-fp8]\n"
                         "inputs: [{distribution: k-channel, shape: {heads: 1, keys: 300, dim: 64}}]\n",
                         "a.db");
    made(&s, 0, &b, a);
    assert_true(a->count > 4 && a->value == at_deviation_value(&b.whole, b.metric));
    for (size_t i = 0; i < a->count; i++) {
        char spelled[AT_ADVICE_TEXT_SIZE + 16];
        struct at_variant_choice choice;
        struct at_deviation measured;
        snprintf(spelled, sizeof spelled, "fa3-fp8:%s", a->list[i].change);
        assert_int_equal(at_variant_choose(spelled, &choice, NULL), AT_OK);
        assert_int_equal(at_budget_measure(&s.subject, &choice.numerics, &measured, NULL), AT_OK);
        assert_memory_equal(&measured, &a->list[i].deviation, sizeof measured);
        assert_true(i == 0 || at_deviation_value(&a->list[i - 1].deviation, b.metric) <= at_deviation_value(&measured, b.metric));
    }
    const struct at_advice *best = at_advice_best(a, b.metric, false, AT_ROUNDING_COUNT);
    const struct at_advice *wide = at_advice_best(a, b.metric, true, AT_ROUNDING_COUNT);
    assert_true(best && strstr(best->change, "k.smooth=mean") && wide && strstr(wide->change, "k.format=fp16"));
    assert_true(at_deviation_value(&best->deviation, b.metric) < a->value / 2);
    assert_true(advice_named(a, "k.smooth=mean") && !advice_named(a, "promote=tile"));
    free(a);
    scratch_subject_close(&s);
}

/* No change twice, whatever it is called: what is on already is not advised. */
static void every_change_is_another(void **state)
{
    (void)state;
    struct scratch_subject s;
    struct at_budget b;
    struct at_advices *a = malloc(sizeof *a);
    scratch_subject_open(&s,
                         "name: n\nrows: 3\nvariants: [fp8-hadamard, 'fp8:smooth=k', fa3-fp16]\n"
                         "inputs: [{distribution: iid-outlier, shape: {heads: 1, keys: 300, dim: 64}}]\n",
                         "e.db");
    for (size_t v = 0; v < 3; v++) {
        made(&s, v, &b, a);
        for (size_t i = 0; i < a->count; i++) {
            char x[AT_NUMERICS_TEXT_SIZE], y[AT_NUMERICS_TEXT_SIZE];
            at_numerics_print(&a->list[i].numerics, x);
            at_numerics_print(&s.bench.study.variants[v].numerics, y);
            assert_string_not_equal(x, y);
            for (size_t j = 0; j < i; j++) {
                at_numerics_print(&a->list[j].numerics, y);
                assert_string_not_equal(x, y);
            }
        }
    }
    free(a);
    scratch_subject_close(&s);
}

/* A negative share is no reason for advice, and a change that is for several roundings is listed for the one that leads. */
static void what_leads(void **state)
{
    (void)state;
    struct scratch_subject s;
    struct at_budget b;
    struct at_advices *a = malloc(sizeof *a);
    scratch_subject_open(&s,
                         "name: n\nrows: 2\nvariants: [fa3-fp8]\n"
                         "inputs: [{distribution: v-mean, shape: {heads: 1, keys: 2048, dim: 64}}]\n",
                         "l.db");
    made(&s, 0, &b, a);
    const struct at_budget_entry *lead = at_advice_lead(&b);
    assert_true(lead && lead->rounding == AT_ROUNDING_OUTPUT_SUM);
    assert_int_equal(advice_named(a, "v.smooth=mean")->rounding, AT_ROUNDING_OUTPUT_SUM);
    for (size_t i = 0; i < a->count; i++)
        for (size_t e = 0; e < b.count; e++)
            assert_true(b.entries[e].rounding != a->list[i].rounding || at_advice_share(&b.entries[e]) >= AT_ADVICE_LEAST_SHARE);
    for (size_t e = 0; e < b.count; e++)
        b.entries[e].share_alone = b.entries[e].share_removed = -0.645;
    assert_null(at_advice_lead(&b));
    assert_int_equal(at_advice_make(&s.subject, &s.bench.study.variants[0], &b, a, NULL), AT_OK);
    assert_int_equal(a->count, 0);
    b.entries[3].share_removed = b.entries[4].share_removed = 0.2;
    b.entries[5].share_alone = 0.3;
    assert_ptr_equal(at_advice_lead(&b), &b.entries[5]);
    free(a);
    scratch_subject_close(&s);
}

/* Where no change helps, none is called the best. */
static void no_best_without_a_gain(void **state)
{
    (void)state;
    struct at_advices a = {.count = 2, .value = 0.5};
    a.list[0] = (struct at_advice){.deviation = {.outputs = 1, .error2 = 0.36, .truth2 = 1}};
    a.list[1] = (struct at_advice){.widens = true, .deviation = {.outputs = 1, .error2 = 0.16, .truth2 = 1}};
    assert_null(at_advice_best(&a, AT_DEVIATION_REL_RMSE, false, AT_ROUNDING_COUNT));
    assert_ptr_equal(at_advice_best(&a, AT_DEVIATION_REL_RMSE, true, AT_ROUNDING_COUNT), &a.list[1]);
    a.list[1].deviation.nonfinite = 1;
    assert_null(at_advice_best(&a, AT_DEVIATION_REL_RMSE, true, AT_ROUNDING_COUNT));
    /* 3 % more for a second change are not worth it, 10 % are */
    a.list[0] = (struct at_advice){.second = true, .deviation = {.outputs = 1, .error2 = 0.0097 * 0.97, .truth2 = 1}};
    a.list[1] = (struct at_advice){.deviation = {.outputs = 1, .error2 = 0.0097, .truth2 = 1}};
    assert_ptr_equal(at_advice_best(&a, AT_DEVIATION_REL_RMSE, false, AT_ROUNDING_COUNT), &a.list[1]);
    a.list[0].deviation.error2 = 0.0097 * 0.81;
    assert_ptr_equal(at_advice_best(&a, AT_DEVIATION_REL_RMSE, false, AT_ROUNDING_COUNT), &a.list[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_of_the_changed_variant),
        cmocka_unit_test(every_change_is_another),
        cmocka_unit_test(what_leads),
        cmocka_unit_test(no_best_without_a_gain),
    };
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
