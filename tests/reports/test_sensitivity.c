/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/sensitivity.h"

#include "tests/reports/fixture.h"
#include "tests/reports/sweeps.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct at_sensitivities load(const char *over, const char *variant, enum at_law law, double from, double to)
{
    struct at_sensitivities all;
    struct at_error error = {""};
    const struct at_filter filter = {.variant = variant, .metric = "rel_rmse", .against = "original"};
    const struct at_swept_question question = {.over = over, .from = from, .to = to};
    if (at_sensitivities_load(sweeps, &filter, &question, law, &all, &error))
        fail_msg("%s", error.message);
    assert_int_equal(all.swepts.count, 1);
    return all;
}

static void a_power_law_gives_its_exponent_back(void **state)
{
    (void)state;
    struct at_sensitivities all = load("sigma", "power", AT_LAW_POWER, -INFINITY, INFINITY);
    const struct at_sensitivity *s = &all.rows[0];
    struct at_reach reach;
    struct at_error error = {""};
    char verdict[AT_SENSITIVITY_TEXT_SIZE];
    double mean = SWEEPS_FACTOR;
    for (int h = 0; h < SWEEPS_HEADS; h++)
        mean *= pow(1 + h / 10.0, 1.0 / SWEEPS_HEADS);
    assert_true(s->fitted && s->by_heads && fabs(s->law.exponent - 0.5) <= 1e-13 && fabs(s->law.factor / mean - 1) <= 1e-12);
    assert_true(s->law.interval.low <= 0.5 + 1e-13 && s->law.interval.high >= 0.5 - 1e-13);
    assert_true(fabs(s->median.exponent - 0.5) <= 1e-13 && s->median.interval.low <= 0.5 && s->median.interval.high >= 0.5);
    assert_false(at_sensitivity_bends(s));
    at_sensitivity_verdict(s, AT_LAW_POWER, verdict);
    assert_string_equal(verdict, "not rejected (p 1)");
    assert_int_equal(at_sensitivity_reach(s, AT_LAW_POWER, 100, &reach, &error), AT_OK);
    assert_true(fabs(reach.value / (10 * mean) - 1) <= 1e-12 && fabs(at_sensitivity_at(s, AT_LAW_POWER, 100) / (10 * mean) - 1) <= 1e-12);
    assert_int_equal(at_sensitivity_reach(s, AT_LAW_POWER, 1e6, &reach, &error), AT_ERR_UNDEFINED);
    assert_int_equal(at_sensitivity_reach(s, AT_LAW_POWER, 0, &reach, &error), AT_ERR_UNDEFINED);
    at_sensitivities_done(&all);
}

static void a_kink_is_told(void **state)
{
    (void)state;
    struct at_sensitivities all = load("sigma", "kink", AT_LAW_POWER, -INFINITY, INFINITY);
    struct at_reach reach;
    struct at_error error = {""};
    char verdict[AT_SENSITIVITY_TEXT_SIZE];
    assert_true(at_sensitivity_bends(&all.rows[0]));
    at_sensitivity_verdict(&all.rows[0], AT_LAW_POWER, verdict);
    assert_true(strncmp(verdict, "not a power law", 15) == 0);
    assert_true(all.rows[0].bend.least < 0.6 && all.rows[0].bend.most > 0.9);
    assert_int_equal(at_sensitivity_reach(&all.rows[0], AT_LAW_POWER, 100, &reach, &error), AT_ERR_UNDEFINED);
    at_sensitivities_done(&all);
    all = load("sigma", "kink", AT_LAW_POWER, -INFINITY, 8);
    assert_true(!at_sensitivity_bends(&all.rows[0]) && fabs(all.rows[0].law.exponent - 0.5) <= 0.05);
    at_sensitivities_done(&all);
}

static void an_exponential(void **state)
{
    (void)state;
    struct at_sensitivities all = load("gap", "power", AT_LAW_EXPONENTIAL, -INFINITY, INFINITY);
    const struct at_sensitivity *s = &all.rows[0];
    struct at_reach reach;
    struct at_error error = {""};
    assert_true(s->swept->points == SWEEPS_POINTS && s->swept->x[0] == 0);
    assert_true(fabs(s->law.exponent + 0.3) <= 1e-13 && fabs(s->median.exponent + 0.3) <= 1e-13 && fabs(s->bend.least + 0.3) <= 1e-12);
    assert_true(fabs(at_sensitivity_at(s, AT_LAW_EXPONENTIAL, 4) / at_sensitivity_at(s, AT_LAW_EXPONENTIAL, 0) - exp(-1.2)) <= 1e-12);
    assert_int_equal(at_sensitivity_reach(s, AT_LAW_EXPONENTIAL, 18, &reach, &error), AT_OK);
    assert_true(fabs(reach.value / at_sensitivity_at(s, AT_LAW_EXPONENTIAL, 18) - 1) <= 1e-12);
    assert_int_equal(at_sensitivity_reach(s, AT_LAW_EXPONENTIAL, 19, &reach, &error), AT_ERR_UNDEFINED);
    assert_int_equal(at_sensitivity_reach(s, AT_LAW_EXPONENTIAL, 1e30, &reach, &error), AT_ERR_UNDEFINED);
    assert_int_equal(at_sensitivity_reach(s, AT_LAW_EXPONENTIAL, -3, &reach, &error), AT_ERR_UNDEFINED); /* 1.2 */
    assert_non_null(strstr(error.message, "of the whole"));
    at_sensitivities_done(&all);
    all = load("gap", "power", AT_LAW_POWER, -INFINITY, INFINITY);
    assert_true(at_sensitivity_bends(&all.rows[0]));
    at_sensitivities_done(&all);
}

/* Other heads at each x: by points, and nothing checks the line. */
static void heads_apart(void **state)
{
    (void)state;
    struct at_sensitivities all = load("keys", "apart", AT_LAW_POWER, -INFINITY, INFINITY);
    const struct at_sensitivity *s = &all.rows[0];
    struct at_reach reach;
    struct at_error error = {""};
    char verdict[AT_SENSITIVITY_TEXT_SIZE];
    at_sensitivity_verdict(s, AT_LAW_POWER, verdict);
    assert_string_equal(verdict, "not checked: other heads at each x");
    assert_true(!s->by_heads && s->law.interval.low <= 0.75 && 0.75 <= s->law.interval.high);
    assert_int_equal(at_sensitivity_reach(s, AT_LAW_POWER, 1e5, &reach, &error), AT_ERR_UNDEFINED);
    at_sensitivities_done(&all);
}

/* Two points are left of three. */
static void too_few_points(void **state)
{
    (void)state;
    struct at_sensitivities all = load("sigma", "holes", AT_LAW_POWER, 2, 8);
    struct at_reach reach;
    char verdict[AT_SENSITIVITY_TEXT_SIZE];
    at_sensitivity_verdict(&all.rows[0], AT_LAW_POWER, verdict);
    assert_string_equal(verdict, "no fit: 2 points");
    assert_true(!all.rows[0].fitted && !at_sensitivity_bends(&all.rows[0]));
    assert_int_equal(at_sensitivity_reach(&all.rows[0], AT_LAW_POWER, 4, &reach, NULL), AT_ERR_UNDEFINED);
    at_sensitivities_done(&all);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_law_gives_its_exponent_back),
        cmocka_unit_test(a_kink_is_told),
        cmocka_unit_test(an_exponential),
        cmocka_unit_test(heads_apart),
        cmocka_unit_test(too_few_points),
    };
    return cmocka_run_group_tests(tests, sweeps_setup, sweeps_teardown);
}
