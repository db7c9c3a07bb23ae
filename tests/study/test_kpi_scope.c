/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static enum at_status parse(const char *scope, struct at_kpi *ret_kpi, struct at_error *error)
{
    char text[400];
    snprintf(text, sizeof text, "name: k\nrequirements:\n  - metric: rmse\n    statistic: worst-head\n    at-most: 1\n    scope:\n%s",
             scope);
    return at_kpi_parse("k.yaml", text, strlen(text), ret_kpi, error);
}

static void read(void **state)
{
    (void)state;
    struct at_kpi kpi;
    struct at_error error = {""};
    static const char scope[] = "      distribution: \"v-mean:mean=2\"\n      case: c\n      heads: [3, 0]\n      dims: [64, 128]\n"
                                "      lengths: {from: 10, to: 20}\n      causal: false\n";
    if (parse(scope, &kpi, &error))
        fail_msg("%s", error.message);
    const struct at_kpi_scope *s = &kpi.requirements[0].scope;
    assert_string_equal(s->distribution, "v-mean:mean=2,sigma=1"); /* as the store spells it */
    assert_string_equal(s->label, "c");
    assert_true(s->head_count == 2 && s->heads[0] == 3 && s->heads[1] == 0 && s->dim_count == 2 && s->dims[1] == 128);
    assert_true(s->from == 10 && s->to == 20 && s->causal == 0);
    at_kpi_done(&kpi);
    assert_int_equal(parse("      distribution: v-mean\n", &kpi, &error), AT_OK);
    s = &kpi.requirements[0].scope;
    assert_string_equal(s->distribution, "v-mean"); /* with any parameters */
    assert_true(!s->label && !s->head_count && !s->dim_count && s->from == 0 && s->to == INT64_MAX && s->causal == -1);
    at_kpi_done(&kpi);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *scope, *message;
    } cases[] = {
        {"      distribution: v-maen\n", "k.yaml:7: requirements[0].scope.distribution: "},
        {"      distribution: v-mean:maen=1\n", "k.yaml:7: requirements[0].scope.distribution: "},
        {"      heads: [0, -1]\n", "k.yaml:7: requirements[0].scope.heads[1]: '-1' is not a whole number from 0 to"},
        {"      heads:\n        - 1\n        - 1\n", "k.yaml:9: requirements[0].scope.heads[1]: 1 is listed twice; keep one"},
        {"      dims: [0]\n", "k.yaml:7: requirements[0].scope.dims[0]: '0' is not a whole number from 1"},
        {"      lengths:\n        from: 1e3\n", "k.yaml:8: requirements[0].scope.lengths.from: '1e3' is not a whole number"},
        {"      lengths: {from: 20, to: 10}\n", "k.yaml:7: requirements[0].scope.lengths: from 20 to 10 keys holds no length"},
        {"      causal: maybe\n", "k.yaml:7: requirements[0].scope.causal: 'maybe' is neither true nor false"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        struct at_kpi kpi;
        assert_true(parse(cases[i].scope, &kpi, &error) != AT_OK);
        if (strncmp(error.message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s\nis not\n%s", error.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(read), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
