/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/metric.h"

#include "sample.h"

#include <string.h>

static void every_metric_is_found(void **unused)
{
    (void)unused;
    assert_true(at_metric_count > 0);
    for (size_t i = 0; i < at_metric_count; i++) {
        const struct at_metric *metric = NULL;
        assert_int_equal(at_metric_find(at_metrics[i]->name, &metric, NULL), AT_OK);
        assert_ptr_equal(metric, at_metrics[i]);
    }
}

static void an_unknown_name_gets_the_nearest(void **unused)
{
    (void)unused;
    const struct at_metric *metric = at_metrics[0];
    struct at_error error;
    assert_int_equal(at_metric_find("rel_rsme", &metric, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "rel_rsme"));
    assert_non_null(strstr(error.message, "'rel_rmse'"));
    assert_int_equal(at_metric_find("", &metric, &error), AT_ERR_NOT_FOUND);
    assert_int_equal(at_metric_find("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", &metric, &error), AT_ERR_NOT_FOUND);
    assert_null(strstr(error.message, "nearest"));
    assert_null(strchr(error.message, '\n'));
    assert_ptr_equal(metric, at_metrics[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_is_found),
        cmocka_unit_test(an_unknown_name_gets_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
