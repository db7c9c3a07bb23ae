/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_readings.h"

#include "scratch.h"
#include "tests/reports/readings.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void load(struct at_store *store, const char *variant, int64_t study_id, const char *against, struct at_kpi_runs *ret_runs,
                 struct at_kpi_readings *ret_readings)
{
    const struct at_gate_filter filter = {.variant = variant, .study_id = study_id};
    struct at_error error = {""};
    if (at_kpi_runs_load(store, &filter, ret_runs, &error) || at_kpi_readings_load(store, ret_runs, &filter, against, ret_readings, &error))
        fail_msg("%s", error.message);
}

/* All samples of each run, in the order of batch elements, heads and rows. */
static void every_sample(void **state)
{
    (void)state;
    struct at_store *store = readings_store(scratch_path("r.db"));
    static const char *const truths[] = {"original", "dequantised"};
    for (int t = 0; t < 2; t++) {
        struct at_kpi_runs runs;
        struct at_kpi_readings readings;
        size_t seen = 0;
        load(store, "good", 0, truths[t], &runs, &readings);
        for (size_t k = 0; k < runs.count; k++) {
            const struct at_kpi_run *run = &runs.rows[k];
            size_t from, to;
            bool alone = strcmp(run->label, "heads") == 0;
            at_kpi_readings_of(&readings, run->id, &from, &to);
            if (strcmp(run->variant, "good") == 0)
                assert_int_equal(to - from, (alone ? 4 : READINGS_BATCH) * READINGS_ROWS);
            for (size_t i = from; i < to; i++) {
                const struct at_kpi_sample s = at_kpi_sample_at(&readings, i);
                size_t row = (i - from) % READINGS_ROWS, part = (i - from) / READINGS_ROWS;
                assert_true(s.run == run->id && s.read && s.row == (int64_t)row);
                assert_true(alone ? s.batch == 0 && s.head == (int64_t)part && s.key_head == (int64_t)part / 2
                                  : s.batch == (int64_t)part && s.head == -1 && s.key_head == -1);
                assert_string_equal(s.name, alone ? "model.safetensors:o_proj" : "model.safetensors:lm_head");
                if (strcmp(run->variant, "good") == 0) {
                    double kl = readings_kl(run->seed, (int)s.batch, (int)row) * (t ? 0.25 : 1) * (alone ? (double)part + 1 : 1);
                    assert_true(s.kl == kl && s.kl_radius == 0x1p-40 * kl);
                    assert_int_equal(s.top_unchanged, readings_top(run->seed, (int)s.batch, (int)row));
                }
                seen++;
            }
        }
        assert_int_equal(seen, readings.table.rows);
        at_kpi_readings_done(&readings);
        at_kpi_runs_done(&runs);
    }
    at_store_close(store);
}

static void undefined_and_open(void **state)
{
    (void)state;
    struct at_store *store = readings_store(scratch_path("b.db"));
    struct at_kpi_runs runs;
    struct at_kpi_readings readings;
    size_t undefined = 0, infinite = 0, open = 0;
    load(store, "broken", 0, "original", &runs, &readings);
    for (size_t i = 0; i < readings.table.rows; i++) {
        const struct at_kpi_sample s = at_kpi_sample_at(&readings, i);
        undefined += isnan(s.kl);
        infinite += isinf(s.kl) != 0;
        open += s.top_unchanged == -1;
    }
    assert_true(undefined == 1 && infinite == 1 && open == 2);
    at_kpi_readings_done(&readings);
    at_kpi_runs_done(&runs);
    at_store_close(store);
}

/* A study that asks for no readout shows none, whatever else was read out. */
static void only_what_is_asked_for(void **state)
{
    (void)state;
    struct at_store *store = readings_store(scratch_path("n.db"));
    struct at_kpi_runs runs;
    struct at_kpi_readings readings;
    load(store, "good", 999, "original", &runs, &readings);
    assert_int_equal(readings.table.rows, 0);
    at_kpi_readings_done(&readings);
    at_kpi_runs_done(&runs);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_sample), cmocka_unit_test(undefined_and_open),
                                       cmocka_unit_test(only_what_is_asked_for)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
