/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define ONE "name: k\nrequirements:\n  - {metric: rmse, at-most: 1}\n"

static void everything(void **state)
{
    (void)state;
    struct at_kpi kpi;
    struct at_error error = {""};
    static const char text[] = ONE "must-pass: [layer 7, \"v-mean:mean=2\", sink]\n"
                                   "cost:\n  - {speed-at-least: 1.3, relative-to: fp16, with-prepare: true, scope: {dims: [128]}}\n";
    if (at_kpi_read(scratch_write("k.yaml", text, strlen(text)), &kpi, &error))
        fail_msg("%s", error.message);
    assert_string_equal(kpi.name, "k");
    assert_string_equal(kpi.description, "");
    assert_true(kpi.requirement_count == 1 && kpi.requirements[0].confidence == 0.95);
    assert_int_equal(kpi.must_pass_count, 3);
    assert_null(kpi.must_pass[0].spelling);
    assert_string_equal(kpi.must_pass[1].spelling, "v-mean:mean=2,sigma=1");
    assert_null(kpi.must_pass[2].spelling);
    assert_true(kpi.cost_count == 1 && kpi.costs[0].speed_at_least == 1.3 && kpi.costs[0].with_prepare &&
                kpi.costs[0].scope.dim_count == 1);
    assert_string_equal(kpi.costs[0].relative_to, "fp16");
    assert_string_equal(kpi.costs[0].text, "speed with prepare >= 1.3 x fp16");
    at_kpi_done(&kpi);
    at_kpi_done(&kpi);
}

static void ready_made(void **state)
{
    (void)state;
    struct at_kpi kpi;
    struct at_error error = {""};
    assert_int_equal(at_kpi_read("production", &kpi, &error), AT_OK);
    assert_string_equal(kpi.name, "production");
    at_kpi_done(&kpi);
    assert_int_equal(at_kpi_read("produktion", &kpi, &error), AT_ERR_NOT_FOUND);
    assert_string_equal(error.message, "produktion: neither a ready-made KPI (attest list kpis) nor a file; the nearest is 'production'");
    assert_int_equal(at_kpi_read(scratch_path("none.yaml"), &kpi, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "give the path of a KPI file"));
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"confidence: 1\n" ONE, "k.yaml:1: confidence: 1 is not between 0.75 and 1"},
        {"confidence: 0.6\n" ONE, "k.yaml:1: confidence: 0.6 is not between"},
        {ONE "must-pass: [a, a]\n", "k.yaml:4: must-pass[1]: 'a' is listed twice; keep one"},
        {ONE "must-pass:\n  - v-mean:maen=1\n", "k.yaml:5: must-pass[0]: "},
        {ONE "cost: [{speed-at-least: fast, relative-to: fp16}]\n", "k.yaml:4: cost[0].speed-at-least: 'fast' is not a finite number"},
        {ONE "cost: [{speed-at-least: 0, relative-to: fp16}]\n", "k.yaml:4: cost[0].speed-at-least: 0 is not between"},
        {ONE "cost: [{speed-at-least: 1, relative-to: fp61}]\n", "k.yaml:4: cost[0].relative-to: "},
        {ONE "cost: [{speed-at-least: 1, relative-to: fp16, with-prepare: 1}]\n",
         "k.yaml:4: cost[0].with-prepare: '1' is neither true nor"},
        {ONE "cost: [{speed-at-least: 1, relative-to: fp16, scope: {case: a}}]\n", "k.yaml:4: cost[0].scope.case: speed is measured for"},
        {ONE "cost: [{speed-at-least: 1, relative-to: fp16, scope: {heads: [1]}}]\n", "k.yaml:4: cost[0].scope.heads: speed is measured"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        struct at_kpi kpi;
        assert_true(at_kpi_parse("k.yaml", cases[i].text, strlen(cases[i].text), &kpi, &error) != AT_OK);
        if (strncmp(error.message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s\nis not\n%s", error.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(everything), cmocka_unit_test(ready_made), cmocka_unit_test(refusals)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
