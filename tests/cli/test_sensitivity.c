/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"
#include "tests/reports/sweeps.h"

#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int clean(void **state)
{
    (void)state;
    fixture_done();
    return 0;
}

static void fits(void **state)
{
    (void)state;
    const char *db = fixture_path("t.db");
    at_store_close(sweeps_store(db));
    struct outcome o = attest("sensitivity --db %s", db);
    assert_code(o, 0);
    assert_true(says(o.out, "iid-outlier:probability=0.001,sigma=*, 6 heads, 512 keys, d 64, fp16, 8 rows over sigma"));
    assert_true(says(o.out, "0.500 (0.500 to 0.500)") && says(o.out, "not a power law") && says(o.out, "1 to 64"));
    assert_true(says(o.out, "holes: 2 points left out") && says(o.out, "other heads at each x"));
    o = attest("sensitivity --db %s --json", db);
    assert_code(o, 0);
    assert_json(o, "sensitivity");
    o = attest("sensitivity --db %s --over gap --law exponential --at 18", db);
    assert_code(o, 0);
    assert_true(says(o.out, "-0.300 (-0.300 to -0.300)") && says(o.out, "nothing measured shows that it goes on"));
    o = attest("sensitivity --db %s --over keys --metric bias --against dequantised --variant power", db);
    assert_code(o, 0);
    assert_true(says(o.out, "0.750 (0.750 to 0.750)") && says(o.out, "below 0"));
}

static void what_is_drawn_out_has_limits(void **state)
{
    (void)state;
    const char *db = fixture_path("t.db");
    at_store_close(sweeps_store(db));
    assert_code(attest("sensitivity --db %s --over sigma --variant power --at 100", db), 0);
    struct outcome o = attest("sensitivity --db %s --over sigma --variant power --at 1e6", db);
    assert_code(o, 2);
    assert_true(says(o.out, "cannot say") && says(o.out, "widths of the fitted range"));
    o = attest("sensitivity --db %s --over sigma --variant kink --at 100", db);
    assert_code(o, 2);
    assert_true(says(o.out, "does not hold"));
    o = attest("sensitivity --db %s --over keys --variant apart --at 1e5 --json", db);
    assert_code(o, 2);
    assert_json(o, "sensitivity");
}

static void what_cannot_be_fitted(void **state)
{
    (void)state;
    const char *db = fixture_path("t.db");
    at_store_close(sweeps_store(db));
    assert_complaint(attest("sensitivity --db %s --over sigmaa", db), "sigma");
    assert_complaint(attest("sensitivity --db %s --over probability", db), "3 values or more");
    assert_complaint(attest("sensitivity --db %s --over sigma --from 4 --to 8", db), "2 are there");
    assert_complaint(attest("sensitivity --db %s --variant pwer", db), "power");
    assert_complaint(attest("sensitivity --db %s --metric max_abs", db), "no run on generated inputs has max_abs");
    assert_complaint(attest("sensitivity --db %s --distribution sink", db), "no run on sink");
    assert_code(attest("sensitivity --db %s --over sigmaa", db), 2);
    assert_code(attest("sensitivity --db %s extra", db), 64);
    assert_code(attest("sensitivity --db %s --metric rel_rsme", db), 64);
    assert_code(attest("sensitivity --db %s.none", db), 2);
    at_store_close(fixture_empty(fixture_path("e.db")));
    assert_complaint(attest("sensitivity --db %s", fixture_path("e.db")), "attest run makes some");
}

static void break_points(void **state)
{
    (void)state;
    static const char input[] = "--distribution v-mean --shape 1x1x8:64x32 --rows 4 --variants fa3-fp8,fp8-two-level";
    const char *db = fixture_path("b.db");
    struct outcome o = attest("sensitivity --db %s --break 'dequantised.bias>=-0.00390625' --over keys=64..1024 %s", db, input);
    assert_code(o, 0);
    assert_true(says(o.out, "fa3-fp8: met at ") && says(o.out, "fp8-two-level: met at all 5 places") && says(o.out, ", 0 found"));
    o = attest("sensitivity --db %s --break 'dequantised.bias>=-0.00390625' --over keys=64..1024 %s --json", db, input);
    assert_code(o, 0);
    assert_json(o, "break");
    assert_true(says(o.out, "\"kind\": \"lost\"") && says(o.out, "\"runs_done\": 0"));
    o = attest("sensitivity --db %s --break 'rel_rmse<=1e-9' --over keys=64..1024 %s", db, input);
    assert_code(o, 1);
    assert_true(says(o.out, "not met at all 5 places"));
    assert_code(
        attest("sensitivity --db %s --break 'rel_rmse<=1' --over mean=-1..0 --distribution v-mean:sigma=0 --shape 1x1x8:64x32 --rows 4 "
               "--variants fa3-fp8",
               db),
        2);
    assert_code(attest("verify --db %s --sample 2", db), 0);
    o = attest("sensitivity --db %s --over keys --against dequantised --metric bias --variant fa3-fp8", db);
    assert_code(o, 0); /* what was looked at can be fitted */
    assert_code(attest("sensitivity --db %s --break 'rel_rmse<=1' --over keys=64..32 %s", db, input), 64);
    assert_code(attest("sensitivity --db %s.none --break 'rel_rmse<=1' --over keys=64..1073741824 %s", db, input), 2);
    assert_int_equal(access(fixture_path("b.db.none"), F_OK), -1); /* what cannot start makes no database */
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(fits, clean),
        cmocka_unit_test_teardown(what_is_drawn_out_has_limits, clean),
        cmocka_unit_test_teardown(what_cannot_be_fitted, clean),
        cmocka_unit_test_teardown(break_points, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
