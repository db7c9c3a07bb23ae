/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * attest doctor on machines that are not as they should be, with the stand-in for the driver (tests/kernels/support/fake_driver.h): the
 * exit code, one clear line, and what is stored. Arguments: the program, and the folders of the stand-in, of one without an entry and of a
 * damaged one.
 */
#include "tests/cli/command.h"
#include "tests/cli/stand_in.h"
#include "tests/reports/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *program, *whole_folder, *old_folder, *damaged_folder;

static int clean(void **state)
{
    (void)state;
    fixture_done();
    return 0;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Without --probe the answer is a page that says so; with it one line and code 2, and no database is made. */
static void assert_cannot(const char *asked, const char *options, const char *words)
{
    const char *db = fixture_path("none.db");
    pretend(asked);
    struct outcome o = attest("doctor %s", options);
    assert_code(o, 0);
    assert_string_equal(o.err, "");
    if (!says(o.out, words))
        fail_msg("%s: no '%s' in:\n%s", asked, words, o.out);
    if (!says(asked, "hang")) { /* which takes its time */
        o = attest("doctor --json %s", options);
        assert_code(o, 0);
        assert_json(o, "doctor");
        assert_true(says(o.out, "\"can_probe\": false"));
    }
    o = attest("doctor --probe ex2 %s --db '%s'", options, db);
    assert_code(o, 2);
    assert_complaint(o, words);
    assert_string_equal(o.out, "");
    assert_int_not_equal(access(db, F_OK), 0);
}

static void no_driver(void **state)
{
    (void)state;
    setenv("LD_LIBRARY_PATH", damaged_folder, 1);
    assert_cannot("", "", "no NVIDIA driver: ");
    setenv("LD_LIBRARY_PATH", old_folder, 1);
    assert_cannot("", "", "the NVIDIA driver is too old: libcuda.so.1 has no cuDevicePrimaryCtxRelease_v2; install driver 525 or newer");
    setenv("LD_LIBRARY_PATH", whole_folder, 1);
}

static void no_gpu(void **state)
{
    (void)state;
    assert_cannot("gpus=0", "", "no GPU: the NVIDIA driver is installed and sees none; look at nvidia-smi");
    assert_cannot("gpus=-1", "", "no GPU: the NVIDIA driver is installed and sees none; look at nvidia-smi");
    assert_cannot("", "--gpu 7", "GPU 7 does not exist: the driver sees 2, numbered from 0");
}

static void another_generation(void **state)
{
    (void)state;
    assert_cannot("gpu=ampere", "",
                  "GPU 0, Stand-in A100, is not Hopper but Ampere (compute capability 8.0): wgmma and these kernels need 9.0");
    assert_cannot("gpu=ada", "", "is not Hopper but Ada (compute capability 8.9)");
    assert_cannot("gpu=blackwell", "", "is not Hopper but Blackwell (compute capability 10.0)");
}

static void a_driver_that_does_not_start(void **state)
{
    (void)state;
    assert_cannot("fail=cuInit:999", "",
                  "the NVIDIA driver does not start (cuInit): CUDA_ERROR_UNKNOWN (unknown error): look at nvidia-smi");
    assert_cannot("fail=cuInit:803", "", "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH");
    assert_cannot("fail=cuInit:34", "", "no NVIDIA driver: libcuda.so.1 is the toolkit's stub; install the driver");
    assert_cannot("crash=cuInit", "", "GPU: its process died by signal 11 (Segmentation fault): look at nvidia-smi");
}

static void a_driver_that_hangs(void **state)
{
    (void)state;
    double start = now_s();
    assert_cannot("hang=cuInit", "--time-limit 1", "GPU: no sign of life for 1 s, so its process was killed: look at nvidia-smi");
    assert_true(now_s() - start < 30); /* two commands of a second each */
}

static void a_driver_older_than_the_image(void **state)
{
    (void)state;
    needs_image();
    assert_cannot("cuda=11080", "", "is too old: it supports CUDA 11.8, and this attest was built with ");
    assert_cannot("fail=cuModuleLoadData:209", "", "the kernels are not built for this GPU: CUDA_ERROR_NO_BINARY_FOR_GPU");
}

static void an_attest_without_gpu_code(void **state)
{
    (void)state;
    if (has_image()) {
        print_message("attest was built with nvcc\n");
        skip();
    }
    assert_cannot("", "", "this attest holds no GPU code: it was built without nvcc; install the CUDA toolkit 12.0 or newer");
}

/* Number of the probes stored with this verdict. */
static int stored(const char *db, const char *probe, const char *verdict)
{
    char wanted[128];
    int count = 0;
    snprintf(wanted, sizeof wanted, "\"verdict\": \"%s\"", verdict);
    struct outcome o = attest("show probes --db '%s' --json", db);
    assert_code(o, 0);
    char name[64];
    snprintf(name, sizeof name, "\"probe\": \"%s\"", probe);
    for (const char *at = strstr(o.out, name); at; at = strstr(at + 1, name)) {
        const char *end = strchr(at, '}'), *found = strstr(at, wanted);
        count += found && end && found < end;
    }
    return count;
}

/* The probe that goes wrong is told and stored, and the next one runs. */
static void a_probe_that_fails(void **state)
{
    (void)state;
    needs_image();
    static const struct {
        const char *asked, *words;
    } cases[] = {
        {"hang=cuLaunchKernel kernel=probe_ex2",
         "ex2: the probe ex2: no sign of life for 1 s, so its process was killed: look at nvidia-smi"},
        {"crash=cuLaunchKernel nth=3 kernel=probe_ex2", "ex2: the probe ex2: its process died by signal 11 (Segmentation fault)"},
        {"fail=cuLaunchKernel:700 kernel=probe_ex2", "ex2: probe_ex2: CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was"},
    };
    const char *db = fixture_path("p.db");
    enum { CASES = sizeof cases / sizeof cases[0] };
    for (int i = 0; i < CASES; i++) {
        pretend(cases[i].asked);
        bool hangs = strncmp(cases[i].asked, "hang", 4) == 0;
        struct outcome o = attest("doctor --probe ex2 wgmma-tf32 --outputs 1 --time-limit %d --db '%s'", hangs ? 1 : 60, db);
        assert_code(o, 2);
        assert_string_equal(o.err, "");
        if (!says(o.out, cases[i].words) || !says(o.out, "failed") || !says(o.out, "of 2 probes give the twin's bits"))
            fail_msg("%s: %s", cases[i].asked, o.out);
        assert_int_equal(stored(db, "ex2", "failed"), i + 1);
        /* With a second's limit on a machine that stands still the second one may fail too; it never differs. */
        assert_int_equal(stored(db, "wgmma-tf32", "same bits") + stored(db, "wgmma-tf32", "failed"), i + 1);
    }
    assert_true(stored(db, "wgmma-tf32", "same bits") >= CASES - 1);
    pretend("fail=cuMemAlloc_v2:2");
    struct outcome o = attest("doctor --probe ex2 --db '%s'", db);
    assert_code(o, 2);
    assert_true(says(o.out, "GPU 0: no 16.0 MiB of its own memory left: end what else uses it"));
    assert_int_equal(stored(db, "ex2", "failed"), CASES + 1);
}

/* One wrong bit among 811,008 outputs. A difference outweighs a failure. */
static void a_bit_that_differs(void **state)
{
    (void)state;
    needs_image();
    static const char again[] = "again: attest doctor --probe wgmma-bf16 --gpu 0 --seed 3 --outputs 1\n";
    const char *db = fixture_path("d.db");
    pretend("wrong=flip nth=1 at=70");
    struct outcome o = attest("doctor --probe wgmma-bf16 --seed 3 --outputs 1 --db '%s'", db);
    assert_code(o, 1);
    assert_string_equal(o.err, "");
    assert_true(says(o.out, "differs\n") && says(o.out, "0 of 1 probes give the twin's bits"));
    assert_true(says(o.out, "wgmma-bf16: first difference: m64n8, A from registers, case 1, row 8, column 6: the GPU gives 0x"));
    assert_true(says(o.out, again));
    assert_int_equal(stored(db, "wgmma-bf16", "differs"), 1);
    o = attest("show probes --db '%s'", db);
    assert_true(says(o.out, "m64n8, A from registers, case 1, row 8, column 6"));
    o = attest("doctor --probe wgmma-bf16 --gpu 0 --seed 3 --outputs 1 --db '%s'", db);
    assert_code(o, 1);
    assert_true(says(o.out, "m64n8, A from registers, case 1, row 8, column 6"));
    pretend("crash=cuModuleGetFunction nth=1 wrong=flip");
    o = attest("doctor --probe wgmma-bf16 --seed 3 --outputs 1 --db '%s' --json", db);
    assert_code(o, 2);
    assert_json(o, "doctor");
    assert_true(says(o.out, "\"verdict\": \"failed\""));
}

/* Another process holds the database for longer than attest waits: what was found is shown all the same, and a difference stays one. */
static void a_finding_that_cannot_be_stored(void **state)
{
    (void)state;
    needs_image();
    const char *db = fixture_path("l.db");
    pretend("wrong=flip");
    struct outcome o = attest("doctor --probe wgmma-tf32 wgmma-bf16 --outputs 1 --db '%s' & p=$!; "
                              "until '%s' show probes --db '%s' >/dev/null 2>&1 || ! kill -0 $p; do sleep 0.02; done; "
                              "(echo 'BEGIN IMMEDIATE;'; while kill -0 $p; do sleep 0.1; done) 2>/dev/null | sqlite3 '%s'; wait $p",
                              db, program, db, db);
    assert_code(o, 1);
    assert_true(says(o.out, "differs\n") && says(o.out, "0 of 2 probes give the twin's bits; not all stored in "));
    assert_true(says(o.err, "locked by another process") && says(o.err, "1 of 2 findings could not be stored; run these probes again"));
    assert_int_equal(stored(db, "wgmma-tf32", "differs"), 1);
    assert_int_equal(stored(db, "wgmma-bf16", "differs"), 0);
}

/* A signal while a driver hangs, and while the second of three probes does: what was found is kept. */
static void a_signal_ends_it(void **state)
{
    (void)state;
    char asked[256];
    const char *mark = fixture_path("mark");
    snprintf(asked, sizeof asked, "hang=cuInit mark=%s", mark);
    pretend(asked);
    struct outcome o =
        attest("doctor --time-limit 600 & p=$!; until [ -e '%s' ] || ! kill -0 $p; do sleep 0.1; done; kill -TERM $p; wait $p", mark);
    assert_code(o, 130);
    assert_complaint(o, "GPU: interrupted");
    assert_string_equal(o.out, "");
    needs_image();
    const char *db = fixture_path("s.db");
    pretend("hang=cuLaunchKernel kernel=probe_ex2");
    o = attest("doctor --probe wgmma-tf32 ex2 lg2 --outputs 1 --time-limit 600 --db '%s' & p=$!; "
               "until '%s' show probes --db '%s' >/dev/null 2>&1 || ! kill -0 $p; do sleep 0.1; done; kill -TERM $p; wait $p",
               db, program, db);
    assert_code(o, 130);
    assert_complaint(o, "stopped; findings stored in ");
    assert_true(says(o.out, "1 of 1 probes give the twin's bits; stored in "));
    assert_int_equal(stored(db, "wgmma-tf32", "same bits"), 1);
    assert_int_equal(stored(db, "ex2", "failed") + stored(db, "lg2", "same bits"), 0);
}

int main(int argc, char **argv)
{
    program = argc > 1 ? argv[1] : "attest";
    whole_folder = argc > 2 ? argv[2] : "";
    old_folder = argc > 3 ? argv[3] : "";
    damaged_folder = argc > 4 ? argv[4] : "";
    setenv("LD_LIBRARY_PATH", whole_folder, 1);
    command_program(program);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(no_driver, clean),
        cmocka_unit_test_teardown(no_gpu, clean),
        cmocka_unit_test_teardown(another_generation, clean),
        cmocka_unit_test_teardown(a_driver_that_does_not_start, clean),
        cmocka_unit_test_teardown(a_driver_that_hangs, clean),
        cmocka_unit_test_teardown(a_driver_older_than_the_image, clean),
        cmocka_unit_test_teardown(an_attest_without_gpu_code, clean),
        cmocka_unit_test_teardown(a_probe_that_fails, clean),
        cmocka_unit_test_teardown(a_bit_that_differs, clean),
        cmocka_unit_test_teardown(a_finding_that_cannot_be_stored, clean),
        cmocka_unit_test_teardown(a_signal_ends_it, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
