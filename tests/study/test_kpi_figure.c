/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_figure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Each is found by its name, none hides a metric, and what is worse is worse when larger, but for the share. */
static void every_one(void **state)
{
    (void)state;
    assert_int_equal(at_kpi_figure_count, 6);
    for (size_t i = 0; i < at_kpi_figure_count; i++) {
        const struct at_metric *metric;
        const struct at_kpi_figure *figure, *wanted = &at_kpi_figures[i];
        assert_int_equal(at_metric_find(wanted->metric.name, &metric, NULL), AT_ERR_NOT_FOUND);
        assert_int_equal(at_kpi_figure_find(wanted->metric.name, &metric, &figure, NULL), AT_OK);
        assert_ptr_equal(figure, wanted);
        assert_ptr_equal(metric, &wanted->metric);
        assert_true((wanted->kind == AT_KPI_QUANTILE_KL) == (wanted->p > 0));
        assert_true((wanted->kind == AT_KPI_TOP_UNCHANGED) == (wanted->metric.better == AT_LARGER_IS_BETTER));
        assert_true(*wanted->metric.label && *wanted->metric.formula);
    }
}

static void metrics_come_first(void **state)
{
    (void)state;
    const struct at_metric *metric;
    const struct at_kpi_figure *figure = at_kpi_figures;
    assert_int_equal(at_kpi_figure_find("kl_mean", &metric, &figure, NULL), AT_OK);
    assert_null(figure);
    assert_string_equal(metric->name, "kl_mean");
}

static void nearest_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *nearest;
    } cases[] = {{"readout_kl_maen", "readout_kl_mean"},
                 {"readout_top_unchangd", "readout_top_unchanged"},
                 {"rel_rmes", "rel_rmse"},
                 {"readout_kl_quantile_999", "readout_kl_quantile_99"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        char wanted[200];
        const struct at_metric *metric = NULL;
        const struct at_kpi_figure *figure;
        snprintf(wanted, sizeof wanted, "metric '%s' does not exist; the nearest is '%s'", cases[i].name, cases[i].nearest);
        assert_int_equal(at_kpi_figure_find(cases[i].name, &metric, &figure, &error), AT_ERR_NOT_FOUND);
        if (strncmp(error.message, wanted, strlen(wanted)) != 0)
            fail_msg("%s\nis not\n%s", error.message, wanted);
        assert_true(!metric && !figure);
    }
    struct at_error error = {""};
    const struct at_metric *metric;
    const struct at_kpi_figure *figure;
    assert_int_equal(at_kpi_figure_find("zzzzzzzzzz", &metric, &figure, &error), AT_ERR_NOT_FOUND);
    assert_null(strstr(error.message, "nearest"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_one), cmocka_unit_test(metrics_come_first), cmocka_unit_test(nearest_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
