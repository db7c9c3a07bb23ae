/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* What the command says; what it does on machines that are not as they should be: tests/e2e/test_doctor.c. */
#include "tests/cli/command.h"
#include "tests/cli/stand_in.h"
#include "tests/reports/fixture.h"

#include <stdio.h>
#include <string.h>
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

static void the_machine_is_described(void **state)
{
    (void)state;
    bool image = has_image();
    pretend("");
    struct outcome o = attest("doctor --gpu 1");
    assert_code(o, 0);
    assert_string_equal(o.err, "");
    assert_true(says(o.out, "GPU 1 of 2  Stand-in H200, Hopper (compute capability 9.0)") && says(o.out, "FP8 wgmma   yes"));
    assert_true(says(o.out, "SIMD        ") && says(o.out, "for CUDA up to 13.1"));
    assert_true(image == says(o.out, "probe       yes: attest doctor --probe"));
    assert_true(image != says(o.out, "built without nvcc"));
    o = attest("doctor --json");
    assert_code(o, 0);
    assert_json(o, "doctor");
    assert_true(says(o.out, "\"generation\": \"Hopper\"") && says(o.out, "\"probes\": null"));
    pretend("gpus=0");
    o = attest("doctor");
    assert_code(o, 0); /* no GPU is an answer */
    assert_string_equal(o.err, "");
    assert_true(says(o.out, "GPU         none: no GPU: the NVIDIA driver is installed and sees none"));
    o = attest("doctor > /dev/full");
    assert_code(o, 2);
    assert_complaint(o, "cannot write the standard output");
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"doctor --db x.db", "option '--db' belongs to --probe"},
        {"doctor --outputs 5", "option '--outputs' belongs to --probe"},
        {"doctor --seed 5", "option '--seed' belongs to --probe"},
        {"doctor --threads 5", "option '--threads' belongs to --probe"},
        {"doctor wgmma-e4m3", "'wgmma-e4m3': only --probe takes the names of probes"},
        {"doctor --probe wgmma-e4m4", "probe 'wgmma-e4m4' is unknown; the nearest is 'wgmma-e4m3'; attest list probes names them"},
        {"doctor --probe ex2 --outputs 0", "--outputs"},
        {"doctor --probe ex2 --seed -1", "--seed"},
        {"doctor --gpu -1", "--gpu"},
        {"doctor --time-limit 0", "--time-limit"},
        {"doctor --time-limit soon", "--time-limit"},
        {"doctor --prob", "--probe"},
    };
    pretend("");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = attest("%s", cases[i][0]);
        assert_code(o, 64);
        assert_complaint(o, cases[i][1]);
        assert_string_equal(o.out, "");
    }
}

static void findings_are_shown_and_stored(void **state)
{
    (void)state;
    needs_image();
    const char *db = fixture_path("p.db");
    pretend("");
    struct outcome o = attest("doctor --probe wgmma-tf32 --outputs 1 --seed 9 --threads 2 --db '%s'", db);
    assert_code(o, 0);
    assert_string_equal(o.err, "");
    assert_true(says(o.out, "Probes of GPU 0, Stand-in H200") && says(o.out, "811008") && says(o.out, "same bits"));
    assert_true(says(o.out, "1 of 1 probes give the twin's bits; stored in "));
    o = attest("doctor --probe wgmma-tf32 --outputs 1 --db '%s' --json", db);
    assert_code(o, 0);
    assert_json(o, "doctor");
    assert_true(says(o.out, "\"verdict\": \"same bits\"") && says(o.out, "\"seed\": 1"));
    o = attest("show probes --db '%s' --json", db);
    assert_code(o, 0);
    assert_json(o, "probes");
    assert_true(says(o.out, "\"seed\": 9") && says(o.out, "\"seed\": 1") && says(o.out, "\"device\": \"Stand-in H200\""));
}

/* A database that cannot be had is told before anything runs. */
static void a_database_that_cannot_be_is_told_at_once(void **state)
{
    (void)state;
    needs_image();
    pretend("hang=cuLaunchKernel");
    struct outcome o = attest("doctor --probe ex2 --time-limit 60 --db '%s'", fixture_path("none/p.db"));
    assert_code(o, 2);
    assert_complaint(o, "none/p.db: the folder");
    assert_string_equal(o.out, "");
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_machine_is_described, clean),
        cmocka_unit_test_teardown(mistakes_are_named, clean),
        cmocka_unit_test_teardown(findings_are_shown_and_stored, clean),
        cmocka_unit_test_teardown(a_database_that_cannot_be_is_told_at_once, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
