/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

static void every_kind_is_listed(void **state)
{
    (void)state;
    static const char *const kinds[][2] = {{"variants", "fa3-fp8"},  {"distributions", "iid-outlier"}, {"metrics", "rel_rmse"},
                                           {"oracles", "mpfr"},      {"fields", "q.format"},           {"reports", "html"},
                                           {"probes", "wgmma-tf32"}, {"kernels", "fwd-f16-sm90"}, {"kpis", "production"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct outcome o = attest("list %s", kinds[i][0]);
        assert_code(o, 0);
        assert_true(says(o.out, kinds[i][1]));
        o = attest("list %s --json", kinds[i][0]);
        assert_code(o, 0);
        assert_json(o, kinds[i][0]);
        assert_true(says(o.out, kinds[i][1]));
    }
}

static void families_are_listed(void **state)
{
    (void)state;
    static const char *const families[][2] = {{"fp8", "fa3-fp8"}, {"fp16", "fa3-fp16"}, {"bf16", "fa3-bf16"}};
    for (size_t i = 0; i < 3; i++) {
        char line[64], name[32];
        struct outcome o = attest("list variants");
        snprintf(line, sizeof line, "family: stands for %s,", families[i][1]);
        snprintf(name, sizeof name, "\n%s ", families[i][0]);
        assert_true(says(o.out, line) && says(o.out, name));
        o = attest("list variants --json");
        snprintf(name, sizeof name, "\"name\": \"%s\"", families[i][0]);
        assert_true(says(o.out, name));
    }
}

/* Whatever list can list its help names. */
static void help_names_every_kind(void **state)
{
    (void)state;
    static const char *const kinds[] = {"variants", "distributions", "metrics", "oracles", "fields", "probes", "kernels", "reports"};
    struct outcome o = attest("list --help");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char line[64];
        snprintf(line, sizeof line, "\n%s ", kinds[i]);
        assert_true(says(o.out, line));
    }
    assert_true(says(o.out, "variants|distributions|metrics|oracles|fields|probes|kernels|reports"));
}

static void probes_are_listed(void **state)
{
    (void)state;
    struct outcome o = attest("list probes");
    assert_code(o, 0);
    assert_true(says(o.out, "wgmma.mma_async.sync.aligned.m64nNk32.f32.e4m3.e5m2") && says(o.out, "cvt.rn.satfinite.e5m2x2.f32"));
    o = attest("list probes --json");
    assert_json(o, "probes");
    assert_true(says(o.out, "\"instruction\": \"ex2.approx.ftz.f32\""));
}

static void mistakes_get_the_nearest(void **state)
{
    (void)state;
    struct outcome o = attest("list varaints");
    assert_code(o, 64);
    assert_complaint(o, "the nearest is 'variants'; there are variants, distributions, metrics");
    o = attest("list");
    assert_code(o, 64);
    assert_complaint(o, "list what? variants, distributions, metrics, oracles, fields, probes, kernels, reports or kpis");
    o = attest("list prods");
    assert_complaint(o, "list 'prods' is unknown; the nearest is 'probes'; there are");
    o = attest("list metrics oracles");
    assert_code(o, 64);
    assert_complaint(o, "'oracles' is one word too many");
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct outcome o = attest("list metrics > /dev/full");
    assert_code(o, 2);
    assert_complaint(o, "cannot write the standard output: No space left on device; give the command again with its "
                        "output where there is room");
    o = attest("list metrics --json > /dev/full");
    assert_code(o, 2);
    assert_complaint(o, "cannot write the standard output");
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_kind_is_listed, clean),
        cmocka_unit_test_teardown(families_are_listed, clean),
        cmocka_unit_test_teardown(help_names_every_kind, clean),
        cmocka_unit_test_teardown(probes_are_listed, clean),
        cmocka_unit_test_teardown(mistakes_get_the_nearest, clean),
        cmocka_unit_test_teardown(a_full_disk_is_told, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
