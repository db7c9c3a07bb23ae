/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/swept.h"

#include "tests/reports/fixture.h"
#include "tests/reports/sweeps.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct at_swepts load(const char *over, const char *distribution, const char *metric)
{
    struct at_swepts swepts;
    struct at_error error = {""};
    const struct at_filter filter = {.metric = metric, .against = "original"};
    const struct at_swept_question question = {over, distribution, -INFINITY, INFINITY, true};
    if (at_swept_load(sweeps, &filter, &question, &swepts, &error))
        fail_msg("%s", error.message);
    return swepts;
}

static const struct at_swept *find(const struct at_swepts *all, const char *title, const char *variant)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->rows[i].title, title) == 0 && strcmp(all->rows[i].variant, variant) == 0)
            return &all->rows[i];
    fail_msg("no sweep '%s' of %s", title, variant);
    return NULL;
}

static void every_sweep_is_found(void **state)
{
    (void)state;
    struct at_swepts all = load(NULL, NULL, "rel_rmse");
    assert_int_equal(all.count, 6); /* three variants over sigma, two over keys, one over gap */
    const struct at_swept *s = find(&all, "iid-outlier:probability=0.001,sigma=*, 6 heads, 512 keys, d 64, fp16, 8 rows", "power");
    assert_string_equal(s->over, "sigma");
    assert_int_equal(s->points, SWEEPS_POINTS);
    assert_int_equal(s->heads, SWEEPS_HEADS);
    for (int h = 0; h < SWEEPS_HEADS; h++)
        for (int i = 0; i < SWEEPS_POINTS; i++)
            assert_true(s->x[i] == ldexp(1, i) &&
                        fabs(s->y[h * SWEEPS_POINTS + i] / (SWEEPS_FACTOR * sqrt(s->x[i]) * (1 + h / 10.0)) - 1) <= 0x1p-48);
    s = find(&all, "v-mean:mean=1,sigma=1, 6 heads:3, d 64, fp16, 8 rows", "power");
    assert_string_equal(s->over, "keys");
    assert_int_equal(s->heads, 6);                                        /* three key/value heads of two seeds */
    assert_true(fabs(s->y[0] / (1e-5 * pow(1024, 0.75)) - 1) <= 0x1p-48); /* geometric mean of the group */
    s = find(&all, "v-mean:mean=1,sigma=1, 6 heads:3, d 64, fp16, 8 rows", "apart");
    assert_true(s->apart && s->heads == 1 && s->points == SWEEPS_POINTS);
    s = find(&all, "needle:gap=*,depth=0.5,deviation=0.1, 6 heads, 512 keys, d 64, fp16, 8 rows", "power");
    assert_int_equal(s->points_out, 1); /* gap 0 has no logarithm */
    at_swept_done(&all);
}

static void what_is_not_usable_is_left_out(void **state)
{
    (void)state;
    struct at_swepts all = load("sigma", "iid-outlier", "rel_rmse");
    const struct at_swept *s = find(&all, "iid-outlier:probability=0.001,sigma=*, 6 heads, 512 keys, d 64, fp16, 8 rows", "holes");
    assert_int_equal(all.count, 3);
    assert_int_equal(s->points, SWEEPS_POINTS - 2);
    assert_int_equal(s->points_out, 2);
    at_swept_done(&all);
    all = load("sigma", NULL, "bias");
    s = find(&all, "iid-outlier:probability=0.001,sigma=*, 6 heads, 512 keys, d 64, fp16, 8 rows", "power");
    assert_true(s->negative && s->points == SWEEPS_POINTS && fabs(s->y[0] / (SWEEPS_FACTOR / 10) - 1) <= 0x1p-48);
    at_swept_done(&all);
}

static void names_and_ranges(void **state)
{
    (void)state;
    struct at_swepts all = load("probability", NULL, "rel_rmse");
    struct at_error error = {""};
    const struct at_filter filter = {.metric = "rel_rmse", .against = "original"};
    struct at_swept_question question = {"sigmma", NULL, -INFINITY, INFINITY, true};
    assert_int_equal(all.count, 0);
    assert_int_equal(all.most, 1);
    at_swept_done(&all);
    assert_int_equal(at_swept_load(sweeps, &filter, &question, &all, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "sigma"));
    question = (struct at_swept_question){"gap", "v-mean", -INFINITY, INFINITY, true};
    assert_int_equal(at_swept_load(sweeps, &filter, &question, &all, &error), AT_ERR_NOT_FOUND);
    question = (struct at_swept_question){"sigma", "iid-outlier", 4, 16, true};
    assert_int_equal(at_swept_load(sweeps, &filter, &question, &all, &error), AT_OK);
    assert_int_equal(find(&all, "iid-outlier:probability=0.001,sigma=*, 6 heads, 512 keys, d 64, fp16, 8 rows", "power")->points, 3);
    at_swept_done(&all);
    question.to = 8;
    assert_int_equal(at_swept_load(sweeps, &filter, &question, &all, &error), AT_OK);
    assert_true(all.count == 0 && all.most == 2);
    at_swept_done(&all);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sweep_is_found),
        cmocka_unit_test(what_is_not_usable_is_left_out),
        cmocka_unit_test(names_and_ranges),
    };
    return cmocka_run_group_tests(tests, sweeps_setup, sweeps_teardown);
}
