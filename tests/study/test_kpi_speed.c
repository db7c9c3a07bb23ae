/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_speed.h"

#include "kpi_fixture.h"
#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct at_kpi_speed judge(struct at_store *store, struct at_kpi_cost cost, const char *variant)
{
    struct at_kpi_speed speed;
    struct at_error error = {""};
    cost.relative_to = (char[]){"base"};
    cost.scope.to = cost.scope.to ? cost.scope.to : INT64_MAX;
    if (at_kpi_speed_judge(store, &cost, variant, &speed, &error))
        fail_msg("%s", error.message);
    return speed;
}

static void speeds(void **state)
{
    (void)state;
    struct at_store *store = kpi_store(scratch_path("s.db"));
    kpi_put_speeds(store, "v", 100, "base", 200, 1024, false);
    kpi_put_speeds(store, "v", 100, "base", 150, 2048, true);
    kpi_put_speeds(store, "v", 1, "other", 1000, 4096, false); /* no baseline in that process */
    struct at_kpi_scope all = {.causal = -1};
    struct at_kpi_speed s = judge(store, (struct at_kpi_cost){.speed_at_least = 1.2, .scope = all}, "v");
    assert_true(s.shapes == 2 && fabs(s.ratio - 1.5) < 1e-12 && s.problem.seq_k == 2048 && s.problem.causal && s.verdict == AT_MET);
    assert_true(fabs(s.low - 1.5 * 0.9 / 1.1) < 1e-12 && fabs(s.high - 1.5 * 1.1 / 0.9) < 1e-12 && s.bench == 2);
    assert_int_equal(judge(store, (struct at_kpi_cost){.speed_at_least = 1.5, .scope = all}, "v").verdict, AT_CANNOT_SAY);
    assert_int_equal(judge(store, (struct at_kpi_cost){.speed_at_least = 1.9, .scope = all}, "v").verdict, AT_NOT_MET);
    s = judge(store, (struct at_kpi_cost){.speed_at_least = 1.6, .scope = {.causal = 0}}, "v");
    assert_true(s.shapes == 1 && s.ratio == 2 && s.verdict == AT_MET);
    assert_int_equal(judge(store, (struct at_kpi_cost){.speed_at_least = 1.2, .scope = {.causal = -1, .from = 2048}}, "v").shapes, 1);
    int64_t dims[] = {128};
    s = judge(store, (struct at_kpi_cost){.speed_at_least = 1.2, .scope = {.causal = -1, .dims = dims, .dim_count = 1}}, "v");
    assert_true(s.shapes == 0 && s.verdict == AT_CANNOT_SAY && isnan(s.ratio));
    /* With prepare nothing was timed. */
    assert_int_equal(judge(store, (struct at_kpi_cost){.speed_at_least = 1.2, .with_prepare = true, .scope = all}, "v").shapes, 0);
    /* Of one shape the newest process counts. */
    kpi_put_speeds(store, "v", 100, "base", 50, 1024, false);
    s = judge(store, (struct at_kpi_cost){.speed_at_least = 1.2, .scope = all}, "v");
    assert_true(s.shapes == 2 && s.ratio == 0.5 && s.verdict == AT_NOT_MET);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(speeds)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
