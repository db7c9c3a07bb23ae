/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/text.h"

#include "metrics/metric.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_file_is_there_whole(void **state)
{
    (void)state;
    assert_true(at_text_count > 10);
    for (size_t i = 0; i < at_text_count; i++) {
        size_t length = strlen(at_texts[i].text);
        assert_true(length > 40);
        assert_int_equal(at_texts[i].text[length - 1], '\n');
        assert_ptr_equal(at_text_of(at_texts[i].name), at_texts[i].text);
    }
    assert_non_null(strstr(at_text_of("page.html"), "<html lang=\"en\">"));
    assert_non_null(strstr(at_text_of("plots/common.gp"), "\"#0072b2\"")); /* quotes survive */
}

/* The quoted words after each `before` must be metrics: a renamed metric would leave a column of dashes. */
static int check_metrics(const char *file, const char *text, const char *before)
{
    int found = 0;
    for (const char *at = text; (at = strstr(at, before)); found++) {
        char name[64];
        const struct at_metric *metric;
        at += strlen(before);
        if (*at == ':') /* compared with a parameter */
            continue;
        assert_int_equal(sscanf(at, "'%63[a-z0-9_]'", name), 1);
        if (at_metric_find(name, &metric, NULL))
            fail_msg("%s names the metric '%s', which does not exist", file, name);
    }
    return found;
}

static void queries_name_only_metrics_that_exist(void **state)
{
    (void)state;
    int found = 0;
    for (size_t i = 0; i < at_text_count; i++) {
        found += check_metrics(at_texts[i].name, at_texts[i].text, "measure.metric = ");
        found += check_metrics(at_texts[i].name, at_texts[i].text, "CASE measure.metric WHEN ");
        found += check_metrics(at_texts[i].name, at_texts[i].text, "measure.metric IN (");
    }
    assert_true(found >= 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_there_whole),
        cmocka_unit_test(queries_name_only_metrics_that_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
