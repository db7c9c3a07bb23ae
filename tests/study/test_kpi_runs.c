/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_facts.h"

#include "kpi_fixture.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct at_kpi_runs load(struct at_store *store, struct at_gate_filter filter)
{
    struct at_kpi_runs runs;
    struct at_error error = {""};
    if (at_kpi_runs_load(store, &filter, &runs, &error))
        fail_msg("%s", error.message);
    return runs;
}

static size_t chosen(const struct at_kpi_runs *runs)
{
    size_t count = 0;
    for (size_t i = 0; i < runs->count; i++)
        count += runs->rows[i].chosen;
    return count;
}

static void pools(void **state)
{
    (void)state;
    struct at_store *store = kpi_store(scratch_path("r.db"));
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 2, .values = {1}});
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 1, .values = {1}, .keys = 128});
    kpi_put(store, (struct kpi_run){.variant = "b", .seed = 1, .values = {1}});
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 1, .values = {1}, .study = "other"});
    kpi_put(store, (struct kpi_run){.variant = "a", .seed = 2, .values = {1}, .study = "other"}); /* the same once more */
    struct at_kpi_runs runs = load(store, (struct at_gate_filter){0});
    assert_true(runs.count == 4 && chosen(&runs) == 4);
    assert_int_equal(at_kpi_runs_next(&runs, 0), 2); /* two seeds, whoever asked for them */
    assert_int_equal(at_kpi_runs_next(&runs, 2), 3);
    assert_true(runs.rows[0].pool == runs.rows[2].pool && runs.rows[0].pool != runs.rows[3].pool);
    assert_true(runs.rows[0].seed == 2 && runs.rows[1].seed == 1 && strcmp(runs.rows[2].variant, "b") == 0);
    assert_true(runs.rows[3].problem.seq_k == 128 && runs.rows[3].problem.seq_q == 32 && runs.rows[3].rows == KPI_ROWS);
    const struct at_kpi_run *base = at_kpi_runs_baseline(&runs, &runs.rows[2], "a");
    assert_true(base == &runs.rows[1]); /* seed 1 of 64 keys */
    assert_null(at_kpi_runs_baseline(&runs, &runs.rows[3], "b"));
    assert_null(at_kpi_runs_baseline(&runs, &runs.rows[0], "b"));
    at_kpi_runs_done(&runs);
    /* What is not chosen stays as a baseline. */
    runs = load(store, (struct at_gate_filter){.variant = "b"});
    assert_true(runs.count == 4 && chosen(&runs) == 1);
    at_kpi_runs_done(&runs);
    runs = load(store, (struct at_gate_filter){.study = "other"});
    assert_true(runs.count == 4 && chosen(&runs) == 2);
    at_kpi_runs_done(&runs);
    runs = load(store, (struct at_gate_filter){.study_id = 2});
    assert_int_equal(chosen(&runs), 2);
    at_kpi_runs_done(&runs);
    runs = load(store, (struct at_gate_filter){.label = "none"});
    assert_int_equal(chosen(&runs), 0);
    at_kpi_runs_done(&runs);
    at_store_close(store);
}

static void scopes(void **state)
{
    (void)state;
    const struct at_kpi_run run = {.label = "l", .spelling = "v-mean:mean=1,sigma=1", .problem = {1, 1, 1, 8, 64, 128, true, 0}};
    struct at_kpi_run capture = run;
    int64_t dims[] = {64, 128}, other[] = {64};
    capture.capture = true;
    const struct {
        struct at_kpi_scope scope;
        bool takes;
    } cases[] = {{{.to = 100, .causal = -1}, true},
                 {{.to = 100, .causal = 1}, true},
                 {{.to = 100, .causal = 0}, false},
                 {{.to = 63, .causal = -1}, false},
                 {{.from = 65, .to = 100, .causal = -1}, false},
                 {{.from = 64, .to = 64, .causal = -1}, true},
                 {{.to = 100, .causal = -1, .label = "l"}, true},
                 {{.to = 100, .causal = -1, .label = "m"}, false},
                 {{.to = 100, .causal = -1, .dims = dims, .dim_count = 2}, true},
                 {{.to = 100, .causal = -1, .dims = other, .dim_count = 1}, false},
                 {{.to = 100, .causal = -1, .distribution = "v-mean"}, true},
                 {{.to = 100, .causal = -1, .distribution = "v"}, false},
                 {{.to = 100, .causal = -1, .distribution = "v-mean:mean=1,sigma=1"}, true},
                 {{.to = 100, .causal = -1, .distribution = "v-mean:mean=2,sigma=1"}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(at_kpi_in_scope(&cases[i].scope, &run), cases[i].takes);
        assert_int_equal(at_kpi_in_scope(&cases[i].scope, &capture), cases[i].takes && !cases[i].scope.distribution);
    }
}

/* Those that are stored. */
static void ids_of_runs(void **state)
{
    (void)state;
    struct at_kpi_run rows[3] = {{.id = 1}, {.id = 0}, {.id = 1234567890123}};
    struct at_kpi_runs runs = {.rows = rows, .count = 3};
    char *text = at_kpi_runs_list(&runs);
    assert_string_equal(text, "[1,1234567890123]");
    free(text);
    runs.count = 0;
    text = at_kpi_runs_list(&runs);
    assert_string_equal(text, "[]");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ids_of_runs), cmocka_unit_test(pools), cmocka_unit_test(scopes)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
