/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/report.h"

#include "tests/reports/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_measure_is_a_line_and_a_missing_value_an_empty_field(void **state)
{
    (void)state;
    struct at_store *store = fixture_store(fixture_path("t.db"));
    const struct at_filter everything = {0};
    const struct at_report *csv;
    struct at_buffer b = {0};
    size_t lines = 0;
    assert_int_equal(at_report_find("csv", &csv, NULL), AT_OK);
    assert_int_equal(csv->compose(store, &everything, &b, NULL), AT_OK);
    for (size_t i = 0; i < b.length; i++)
        lines += b.text[i] == '\n';
    assert_int_equal(lines, 1 + 5 * 2 * 5); /* heading; runs, references, metrics of whole cases */
    assert_true(holds(&b, "case,variant,against,metric,value,radius,rows,heads,undefined_rows,study,computed_by,run\r\n"));
    assert_true(holds(&b, ",good,original,cosine_min,,")); /* undefined */
    assert_true(holds(&b, ",good,original,max_rel_sum_abs,0.03125,"));
    assert_true(holds(&b, "\"plain, 1024 keys, seed 1\",broken,original,nonfinite,7,"));
    assert_true(holds(&b, "\"<script>alert(\"\"x\"\")</script>")); /* quotes doubled */
    at_buffer_done(&b);
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_measure_is_a_line_and_a_missing_value_an_empty_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
