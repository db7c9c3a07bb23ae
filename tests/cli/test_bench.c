/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* The command on the stand-ins for the driver and for cuBLASLt, with tests/study/bench_kernel.c and bench_stand_in_preparer.c. */
#include "tests/cli/command.h"
#include "tests/cli/stand_in.h"
#include "tests/reports/fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SMALL "--tokens 64 --width 128 --dim 64 --causal no --repeats 20 --warm-up 0 --burst 0 --product 32 --copy 1"

static const char *program, *real_program, *driver_folder, *blas_folder, *damaged_folder;

/* Which libraries the commands that follow find. */
static void libraries(const char *driver, const char *blas)
{
    char path[1024];
    snprintf(path, sizeof path, "%s:%s", driver, blas);
    assert_int_equal(setenv("LD_LIBRARY_PATH", path, 1), 0);
    pretend("");
    command_program(program);
}

static int clean(void **state)
{
    (void)state;
    fixture_done();
    return 0;
}

static void a_table_is_printed_and_stored(void **state)
{
    (void)state;
    libraries(driver_folder, blas_folder);
    const char *db = fixture_path("b.db");
    struct outcome o = attest("bench --seq 32,64 " SMALL " --variants fa3-fp16,fa3-fp8 --accuracy --rows 4 --db %s", db);
    assert_code(o, 0);
    assert_string_equal(o.err, "");
    assert_true(says(o.out, "Stand-in H200, d 64, not causal, inputs normal:sigma=1 in fp16") && says(o.out, "relative RMSE"));
    assert_true(says(o.out, "2 x 2  fa3-fp16") && says(o.out, "1 x 2  fa3-fp8") && says(o.out, "bench 1, e4m3 product: "));
    assert_true(says(o.out, "measured 3 times") && says(o.out, "b.db as bench 1 (attest show bench)."));
    o = attest("bench --seq 64 " SMALL " --variant fa3-fp16 --db %s --json", db);
    assert_code(o, 0);
    assert_json(o, "bench");
    assert_true(says(o.out, "\"bench\": 2,") && says(o.out, "\"rel_rmse\": null") && !says(o.out, "fa3-fp8"));
    o = attest("show bench --db %s", db);
    assert_code(o, 0);
    assert_true(says(o.out, "fa3-fp8") && says(o.out, "bench 2, bf16 product"));
}

/* What is not prepared on the GPU is timed without it, and told. */
static void with_prepare(void **state)
{
    (void)state;
    libraries(driver_folder, blas_folder);
    const char *db = fixture_path("b.db");
    struct outcome o = attest("bench --seq 32,64 " SMALL " --variants fa3-fp16,fa3-fp8,fp8-smooth-kv --prepare --format bf16 --db %s", db);
    assert_code(o, 0);
    assert_complaint(o, "fa3-fp16: 2 of 2 shapes were timed without prepare: test-preparer: q.format=fp16: it has none");
    assert_false(says(o.err, "fa3-fp8"));
    assert_true(says(o.out, "prepared") && says(o.out, "fp8-smooth-kv"));
    o = attest("bench --seq 64 " SMALL " --variant fa3-fp8 --prepare --db %s --json", db);
    assert_code(o, 0);
    assert_string_equal(o.err, "");
    assert_json(o, "bench");
    assert_true(says(o.out, "\"whole_median_ns\": ") && !says(o.out, "\"whole_median_ns\": null"));
    o = attest("bench --seq 64 " SMALL " --variant fa3-fp8 --db %s --json", db);
    assert_code(o, 0);
    assert_true(says(o.out, "\"whole_median_ns\": null"));
}

/* Without names all variants that the kernel computes are meant. */
static void all_that_a_kernel_computes(void **state)
{
    (void)state;
    libraries(driver_folder, blas_folder);
    struct outcome o = attest(
        "bench --seq 16 --tokens 16 --width 64 --dim 64 --causal no --repeats 20 --warm-up 0 --burst 0 --product 16 --copy 1 --db %s",
        fixture_path("b.db"));
    assert_code(o, 0);
    assert_true(says(o.out, "fa3-fp16") && says(o.out, "fp8-hadamard") && says(o.out, "fp8-token"));
    assert_string_equal(o.err, "");
}

static void what_no_kernel_computes_is_named(void **state)
{
    (void)state;
    libraries(driver_folder, blas_folder);
    const char *db = fixture_path("b.db");
    struct outcome o = attest("bench --seq 32,64 " SMALL " --dim 64 --variants fa3-fp16,fp8:smooth=q --db %s", db);
    assert_code(o, 64); /* --dim twice */
    o = attest("bench --seq 32,64 " SMALL " --variants fa3-fp16,fp8:smooth=q --db %s", db);
    assert_code(o, 2); /* the other is measured all the same */
    assert_complaint(o, "fp8:smooth=q: no kernel computes 2 of 2 shapes: test-kernel: q.smooth: it has none");
    assert_true(says(o.out, "fa3-fp16") && says(o.out, "as bench 1"));
    o = attest("bench --dim 32 --variants fa3-fp16,fa3-fp8 --db %s", fixture_path("c.db"));
    assert_code(o, 2);
    assert_complaint(o, "no kernel computes any of this; fa3-fp16: test-kernel: head dimension 32");
    assert_int_not_equal(access(fixture_path("c.db"), F_OK), 0);
    o = attest("bench --dim 32,64 --seq 32 --tokens 32 --width 64 --causal no --repeats 20 --warm-up 0 --burst 0 --product 32 --copy 1 "
               "--variant fa3-fp16 "
               "--db %s",
               db);
    assert_code(o, 2);
    assert_complaint(o, "fa3-fp16: no kernel computes 1 of 2 shapes: test-kernel: head dimension 32");
}

static void without_cublaslt_there_are_no_shares(void **state)
{
    (void)state;
    libraries(driver_folder, damaged_folder);
    struct outcome o = attest("bench --seq 64 " SMALL " --variant fa3-fp16 --db %s", fixture_path("b.db"));
    assert_code(o, 0);
    assert_complaint(o, "no shares: no cuBLASLt: ");
    assert_true(says(o.out, "\u2013") && says(o.out, "bench 1, copy: ") && !says(o.out, "bench 1, bf16 product"));
}

/* One line, and nothing stored. */
static void what_goes_wrong(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"gpus=0", "no GPU: the NVIDIA driver is installed and sees none"},
        {"gpu=ampere", "is not Hopper but Ampere"},
        {"hang=cuInit", "bench: no sign of life for 1 s"},
        {"fail=cuMemAlloc_v2:2 nth=13", "MiB of the GPU's memory are needed"},
        {"fail=cuEventSynchronize:700", "timing the GPU's work: CUDA_ERROR_ILLEGAL_ADDRESS"},
        {"fail=cublasLtMatmul:14", "CUBLAS_STATUS_INTERNAL_ERROR"},
    };
    libraries(driver_folder, blas_folder);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *db = fixture_path("b.db");
        pretend(cases[i][0]);
        struct outcome o =
            attest("bench --seq 64 " SMALL " --variant fa3-fp16 --time-limit %d --db %s", strncmp(cases[i][0], "hang", 4) ? 60 : 1, db);
        assert_code(o, 2);
        assert_complaint(o, cases[i][1]);
        assert_string_equal(o.out, "");
        pretend("");
        if (access(db, F_OK) == 0)
            assert_code(attest("show bench --db %s", db), 2); /* made, and empty */
    }
    struct outcome o = attest("bench --seq 64 " SMALL " --variant fa3-fp16 --db %s", fixture_path("none/b.db"));
    assert_code(o, 2);
    assert_complaint(o, "none/b.db: the folder");
    o = attest("bench --variants fa3-fp9");
    assert_code(o, 64);
    assert_complaint(o, "try attest bench --help");
    o = attest("bench --help");
    assert_code(o, 0);
    assert_true(says(o.out, "attest bench: how fast attention kernels are") && says(o.out, "docs/bench.md"));
}

/* The program as it is: no driver, or no GPU code in it. */
static void the_program_itself(void **state)
{
    (void)state;
    libraries(driver_folder, blas_folder);
    command_program(real_program);
    if (!has_image()) {
        pretend("");
        struct outcome o = attest("bench --variant fa3-bf16 --db %s", fixture_path("b.db"));
        assert_code(o, 2);
        assert_complaint(o, "this attest holds no GPU code: it was built without nvcc");
        assert_int_not_equal(access(fixture_path("b.db"), F_OK), 0);
    }
}

static void a_signal_stops_it(void **state)
{
    (void)state;
    libraries(driver_folder, blas_folder);
    const char *db = fixture_path("b.db"), *mark = fixture_path("mark");
    char words[256];
    snprintf(words, sizeof words, "hang=cublasLtMatmul mark=%s", mark);
    pretend(words);
    struct outcome o = attest("bench --seq 64 " SMALL
                              " --variant fa3-fp16 --db %s & pid=$!; while [ ! -e %s ]; do sleep 0.05; done; kill -TERM $pid; wait "
                              "$pid",
                              db, mark);
    assert_code(o, 130);
    assert_complaint(o, "bench: stopped; nothing was stored");
    pretend("");
    assert_code(attest("show bench --db %s", db), 2);
}

int main(int argc, char **argv)
{
    assert_true(argc == 6);
    program = argv[1];
    real_program = argv[2];
    driver_folder = argv[3];
    blas_folder = argv[4];
    damaged_folder = argv[5];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_table_is_printed_and_stored, clean),
        cmocka_unit_test_teardown(with_prepare, clean),
        cmocka_unit_test_teardown(all_that_a_kernel_computes, clean),
        cmocka_unit_test_teardown(what_no_kernel_computes_is_named, clean),
        cmocka_unit_test_teardown(without_cublaslt_there_are_no_shares, clean),
        cmocka_unit_test_teardown(what_goes_wrong, clean),
        cmocka_unit_test_teardown(the_program_itself, clean),
        cmocka_unit_test_teardown(a_signal_stops_it, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
