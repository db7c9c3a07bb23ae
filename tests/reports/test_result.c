/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/result.h"

#include "tests/reports/fixture.h"

#include <math.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void results_are_the_facts_and_missing_ones_are_nan(void **state)
{
    (void)state;
    struct at_store *store = fixture_store(fixture_path("t.db"));
    const struct at_filter everything = {0};
    struct at_results r;
    assert_int_equal(at_results_load(store, &everything, &r, NULL), AT_OK);
    assert_int_equal(r.count, 5);
    assert_int_equal(r.cases, 4);
    assert_int_equal(at_results_next_case(&r, 0), 2);
    assert_int_equal(at_results_next_case(&r, 4), 5);
    const struct at_result *good = &r.rows[0], *broken = &r.rows[1], *undefined = &r.rows[2];
    assert_string_equal(good->variant, "good");
    assert_true(good->rel_rmse == fixture_rel_rmse() && good->kernel_rel_rmse == 0.25 * fixture_rel_rmse());
    assert_true(good->max_rel == 0.03125 && good->nonfinite == 0 && good->lse_error == 0.0625);
    assert_true(isnan(good->saturated)); /* not measured */
    assert_int_equal(good->rows, FIXTURE_ROWS);
    assert_int_equal(good->head_count, FIXTURE_HEADS);
    assert_true(r.head_rel_rmse[good->first_head + 2] == fixture_head(2));
    assert_true(good->rel_rmse_95.low < good->rel_rmse && good->rel_rmse < good->rel_rmse_95.high);
    assert_true(good->kernel_95.low == 0.25 * good->rel_rmse_95.low); /* a quarter, of the same heads */
    assert_true(isinf(broken->rel_rmse) && broken->nonfinite == FIXTURE_BROKEN && isnan(broken->rel_rmse_95.low));
    assert_true(isnan(undefined->rel_rmse) && isnan(undefined->nonfinite) && isnan(undefined->max_rel));
    assert_int_equal(r.rows[3].undefined_rows, FIXTURE_UNDEFINED);
    at_results_done(&r);
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(results_are_the_facts_and_missing_ones_are_nan)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
