/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_facts.h"

#include "kpi_fixture.h"
#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { ROOM = 64 };

/* Gathers all runs of the variants "a" for one requirement on rel_rmse. */
static struct at_kpi_gathering gather(struct at_store *store, struct at_kpi_requirement r, struct at_kpi_item *items,
                                      struct at_kpi_place *places)
{
    struct at_kpi_runs runs;
    struct at_kpi_values values;
    struct at_kpi_gathering g = {.items = items, .places = places};
    const struct at_gate_filter filter = {.variant = "a"};
    r.against = "original";
    assert_int_equal(at_metric_find("rel_rmse", &r.metric, NULL), AT_OK);
    assert_int_equal(at_kpi_runs_load(store, &filter, &runs, NULL), AT_OK);
    assert_int_equal(at_kpi_values_load(store, &runs, &r, &values, NULL), AT_OK);
    for (size_t i = 0; i < runs.count; i++)
        if (runs.rows[i].chosen)
            at_kpi_gather(&values, &runs, &runs.rows[i], &r, &g);
    for (size_t i = 0; i < g.count; i++)
        assert_true(places[i].run >= runs.rows && places[i].run < runs.rows + runs.count);
    at_kpi_values_done(&values);
    at_kpi_runs_done(&runs);
    return g;
}

static void scopes_and_units(void **state)
{
    (void)state;
    struct at_store *store = kpi_store(scratch_path("v.db"));
    struct at_kpi_item items[ROOM];
    struct at_kpi_place places[ROOM];
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 1, .heads = 4, .group = 2, .values = {1, 2, 3, 4}, .radius = 0.5});
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 2, .heads = 4, .group = 2, .values = {5, 6, 7, 8}, .undefined_rows = 3});
    struct at_kpi_gathering g = gather(store, (struct at_kpi_requirement){.statistic = AT_KPI_VALUE}, items, places);
    assert_true(g.count == 2 && g.units == 2 && g.heads == 4 && g.runs == 2 && g.undefined_rows == 3);
    assert_true(items[0].value == 4 && items[0].low < 3.6 && items[0].high > 4.4 && items[1].value == 8 && places[1].head == -1);
    g = gather(store, (struct at_kpi_requirement){.statistic = AT_KPI_QUANTILE}, items, places);
    assert_true(g.count == 8 && g.units == 4 && g.heads == 4);
    for (size_t i = 0; i < 8; i++)
        assert_true(items[i].value == (double)(i + 1) && items[i].unit == i / 2 && places[i].head == (int64_t)(i % 4) &&
                    places[i].row == -1);
    g = gather(store, (struct at_kpi_requirement){.statistic = AT_KPI_WORST_ROW}, items, places);
    assert_true(g.count == 16 && g.units == 4 && items[1].value == 0.5 && places[1].row == 10);
    int64_t heads[] = {3};
    g = gather(store, (struct at_kpi_requirement){.statistic = AT_KPI_WORST_HEAD, .scope = {.heads = heads, .head_count = 1}}, items,
               places);
    assert_true(g.count == 2 && g.units == 2 && items[0].value == 4 && items[1].value == 8);
    at_store_close(store);
}

/* An undefined value is one that is unknown; one that was never measured is missing. */
static void undefined_and_missing(void **state)
{
    (void)state;
    struct at_store *store = kpi_store(scratch_path("u.db"));
    struct at_kpi_item items[ROOM];
    struct at_kpi_place places[ROOM];
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 1, .heads = 2, .values = {NAN, 1}, .radius = NAN});
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 2, .no_measures = true});
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 3, .metric = "rmse", .values = {1}});
    struct at_kpi_gathering g = gather(store, (struct at_kpi_requirement){.statistic = AT_KPI_WORST_HEAD}, items, places);
    assert_true(g.count == 2 && isnan(items[0].low) && items[1].low == 1 && g.unmeasured == 2 && g.runs == 3 && g.missing_runs == 0);
    at_store_close(store);
}

static void pairs(void **state)
{
    (void)state;
    struct at_store *store = kpi_store(scratch_path("b.db"));
    struct at_kpi_item items[ROOM];
    struct at_kpi_place places[ROOM];
    struct at_kpi_requirement r = {.statistic = AT_KPI_WORST_HEAD, .relative_to = (char[]){"b"}};
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 1, .heads = 2, .values = {6, 8}});
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 2, .heads = 2, .values = {6, 8}});
    kpi_put(store, (struct kpi_run){.variant = "b", .seed = 1, .heads = 2, .values = {2, 4}});
    struct at_kpi_gathering g = gather(store, r, items, places);
    assert_true(g.count == 2 && items[0].value == 3 && items[1].value == 2 && g.missing_baselines == 1 && g.unpaired);
    kpi_put(store, (struct kpi_run){.variant = "b", .seed = 2, .heads = 2, .values = {1, 1}, .metric = "rmse"}); /* has no such values */
    g = gather(store, r, items, places);
    assert_true(g.count == 4 && g.missing_baselines == 0 && isnan(items[2].low) && isnan(items[3].low));
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scopes_and_units), cmocka_unit_test(undefined_and_missing),
                                       cmocka_unit_test(pairs)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
