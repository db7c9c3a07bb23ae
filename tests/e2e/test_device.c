/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * attest run and verify on GPUs, with the stand-in for the driver (tests/kernels/support/fake_driver.h): whatever goes wrong there, nothing
 * wrong is stored and the exit code says so. Arguments: the program with one kernel, which runs on the stand-in, and the real one.
 */
#include "tests/cli/command.h"
#include "tests/cli/stand_in.h"
#include "tests/reports/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *program, *real_program;

static int clean(void **state)
{
    (void)state;
    command_program(program);
    fixture_done();
    return 0;
}

#define CASE "--distribution normal --shape 1x3x64x32 --rows 4"
#define SMALL CASE " --variants fa3-fp16,fa3-fp8,fp8-smooth-k"

static int64_t number(const char *db, const char *sql)
{
    struct at_store *store;
    struct at_table table;
    assert_int_equal(at_store_open(db, AT_STORE_READ, &store, NULL), AT_OK);
    assert_int_equal(at_store_query(store, sql, NULL, 0, &table, NULL), AT_OK);
    int64_t value = table.cells[0].integer;
    at_table_done(&table);
    at_store_close(store);
    return value;
}

static int64_t runs(const char *db)
{
    return number(db, "SELECT count(*) FROM run");
}

/* The facts are those of the twin; device, kernel and GPU say who computed; a second time all is found, whichever GPU it was. */
static void kernels_compute_the_twins_facts(void **state)
{
    (void)state;
    char db[256], twin[256], *facts;
    snprintf(db, sizeof db, "%s", fixture_path("g.db"));
    snprintf(twin, sizeof twin, "%s", fixture_path("c.db"));
    pretend("");
    struct outcome o = attest("run --db '%s' " SMALL " --device cuda", db);
    assert_code(o, 0);
    assert_string_equal(o.err, "");
    assert_true(says(o.out, "computed by\n") && says(o.out, "stand-in on Stand-in H200\n") && says(o.out, "3 runs computed, 0 found"));
    assert_int_equal(number(db, "SELECT count(*) FROM run JOIN device ON device.id = run.device WHERE kind = 'cuda' AND kernel = 'stand-in'"
                                " AND gpu IN (0, 1) AND device.name = 'Stand-in H200' AND time_ns > 0"),
                     3);
    assert_code(attest("run --db '%s' " SMALL, twin), 0);
    o = attest("show heads --db '%s'", twin);
    facts = strdup(o.out);
    o = attest("show heads --db '%s'", db);
    assert_string_equal(o.out, facts);
    free(facts);
    o = attest("run --db '%s' " SMALL " --device cuda --gpu 1", db);
    assert_code(o, 0);
    assert_true(says(o.out, "0 runs computed, 3 found"));
    o = attest("run --db '%s' " SMALL, db); /* the twin's are other facts, and the newest count */
    assert_code(o, 0);
    assert_true(says(o.out, "3 runs computed, 0 found") && !says(o.out, "computed by"));
    assert_int_equal(runs(db), 6);
    o = attest("show runs --db '%s' --json", db);
    assert_true(says(o.out, "\"computed_by\": \"twin\"") && !says(o.out, "stand-in"));
}

/* Each GPU waits until the other one launches. */
static void two_gpus_side_by_side(void **state)
{
    (void)state;
    char asked[300];
    const char *db = fixture_path("m.db");
    snprintf(asked, sizeof asked, "meet=%s", fixture_path("meet"));
    pretend(asked);
    assert_code(attest("run --db '%s' " SMALL " --device cuda --gpu 0,1", db), 0);
    assert_int_equal(number(db, "SELECT count(DISTINCT gpu) FROM run"), 2);
    snprintf(asked, sizeof asked, "meet=%s", fixture_path("again"));
    pretend(asked);
    struct outcome o = attest("verify --db '%s' --device cuda", db);
    assert_code(o, 0);
    assert_true(says(o.out, "3 of 3 runs: the same bits.") && says(o.out, "here   3 of the runs by kernel stand-in on Stand-in H200"));
}

/* One driver for all runs of a GPU and one to find the GPUs; a process that dies costs one run, and the next begins in a new one. */
static void the_driver_starts_once(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        int code, runs, starts;
    } cases[] = {{"", 0, 12, 2}, {" crash=cuLaunchKernel nth=4", 2, 10, 4}, {"", 0, 12, 2}};
    char asked[400];
    const char *db = fixture_path("d.db");
    for (int i = 0; i < 3; i++) {
        struct stat file;
        const char *path = fixture_path("starts");
        remove(path);
        if (i < 2)
            remove(db);
        snprintf(asked, sizeof asked, "starts=%s%s", path, cases[i].asked);
        pretend(asked);
        struct outcome o = attest("run --db '%s' " SMALL " --seeds 1,2,3,4 --oracle certified --device cuda --gpu 0", db);
        assert_code(o, cases[i].code);
        assert_int_equal(runs(db), cases[i].runs);
        assert_int_equal(stat(path, &file), 0);
        assert_int_equal(file.st_size, cases[i].starts);
        assert_int_equal(says(o.err, "2 of the runs failed on a GPU"), i == 1);
    }
}

/* What cannot be computed is refused before a database is made. */
static void refused_before_anything_runs(void **state)
{
    (void)state;
    static const struct {
        const char *asked, *options;
        int code;
        const char *words;
    } cases[] = {
        {"gpus=0", "--device cuda", 2, "no GPU: the NVIDIA driver is installed and sees none"},
        {"gpus=1 gpu=ampere", "--device cuda", 2, "GPU 0, Stand-in A100, is not Hopper but Ampere"},
        {"gpu=ampere", "--device cuda --gpu 1,0", 2, "GPU 0, Stand-in A100, is not Hopper but Ampere"},
        {"gpu=ampere", "--device auto --gpu 0", 2, "GPU 0, Stand-in A100, is not Hopper but Ampere"},
        {"", "--device cuda --gpu 2", 2, "GPU 2 does not exist: the driver sees 2, numbered from 0"},
        {"hang=cuInit", "--device cuda --time-limit 1", 2, "GPU: no sign of life for 1 s, so its process was killed"},
        {"fail=cuInit:999", "--device cuda", 2, "the NVIDIA driver does not start"},
        {"", "--device cuda --variant fp16:p.offset=normalised", 2,
         "fp16:p.offset=normalised: no kernel computes it on a GPU: stand-in: p.offset=normalised"},
        {"", "--device gpu", 64, "option '--device': 'gpu' is none of cpu, cuda, auto"},
        {"", "--gpu 0", 64, "option '--gpu' belongs to --device cuda or auto"},
        {"", "--time-limit 5 --device cpu", 64, "option '--time-limit' belongs to --device cuda or auto"},
        {"", "--device cuda --gpu 0,0", 64, "option '--gpu': 0 is listed twice"},
        {"", "--device cuda --gpu 0,", 64, "option '--gpu': '0,' is not the number of a GPU"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *db = fixture_path("n.db");
        pretend(cases[i].asked);
        struct outcome o = attest("run --db '%s' " SMALL " %s", db, cases[i].options);
        assert_code(o, cases[i].code);
        assert_complaint(o, cases[i].words);
        assert_int_not_equal(access(db, F_OK), 0);
    }
}

/* auto: the twin for what no kernel computes, and for all without a GPU; the store says of each run who it was. */
static void the_rest_on_the_twin(void **state)
{
    (void)state;
    const char *db = fixture_path("a.db");
    pretend("");
    struct outcome o = attest("run --db '%s' " SMALL " --variant standard-fp16 --device auto", db);
    assert_code(o, 0);
    assert_true(says(o.out, "stand-in on Stand-in H200") && says(o.out, "twin on "));
    assert_int_equal(number(db, "SELECT count(*) FROM run JOIN device ON device.id = run.device WHERE kind = 'cpu' AND kernel IS NULL"), 1);
    assert_int_equal(number(db, "SELECT count(*) FROM run WHERE kernel = 'stand-in'"), 3);
    pretend("gpus=0");
    db = fixture_path("b.db");
    o = attest("run --db '%s' " SMALL " --device auto", db);
    assert_code(o, 0);
    assert_complaint(o, "the twin computes all: no GPU: the NVIDIA driver is installed and sees none");
    assert_int_equal(number(db, "SELECT count(*) FROM run WHERE kernel IS NULL AND gpu IS NULL"), 3);
}

/* Lines of `text` that hold `what`. */
static int lines_with(const char *text, const char *what)
{
    int count = 0;
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        count++;
    return count;
}

static void nothing_that_failed_is_stored(void **state)
{
    (void)state;
    static const struct {
        const char *asked, *words;
    } cases[] = {
        {"hang=cuLaunchKernel", "GPU 0: no sign of life for 1 s, so its process was killed: look at nvidia-smi"},
        {"crash=cuCtxSynchronize nth=1", "GPU 0: its process died by signal 11 (Segmentation fault): look at nvidia-smi"},
        {"abort=cuMemcpyDtoH_v2", "GPU 0: its process died by signal 6 (Aborted)"},
        {"fail=cuMemAlloc_v2:2 nth=6", "GPU 0: no 0.0 MiB of its own memory left: end what else uses it, or look at fewer heads or keys"},
        {"fail=cuLaunchKernel:700", "GPU 0: stand_in_attention: CUDA_ERROR_ILLEGAL_ADDRESS"},
        {"fail=cuCtxSynchronize:700 nth=1", "GPU 0: the GPU's work: CUDA_ERROR_ILLEGAL_ADDRESS"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%zu.db", i);
        const char *db = fixture_path(name);
        pretend(cases[i].asked);
        bool hangs = strncmp(cases[i].asked, "hang", 4) == 0; /* a second for each run on each GPU */
        const char *variants = hangs ? "fa3-fp8" : "fa3-fp16,fa3-fp8,fp8-smooth-k", *gpus = hangs ? "0" : "0,1";
        struct outcome o =
            attest("run --db '%s' " CASE " --variants %s --device cuda --gpu %s --time-limit %d", db, variants, gpus, hangs ? 1 : 60);
        char sum[96];
        snprintf(sum, sizeof sum, "%d of the runs failed on a GPU and are not stored; the same command tries them again", hangs ? 1 : 3);
        assert_code(o, 2);
        if (!says(o.err, cases[i].words) || lines_with(o.err, "attest: not stored: normal: ") != (hangs ? 1 : 3) || !says(o.err, sum))
            fail_msg("%s: %s", cases[i].asked, o.err);
        assert_int_equal(runs(db), 0);
        assert_int_equal(number(db, "SELECT count(*) FROM difference"), 0);
        assert_code(attest("gate --db '%s' --require 'rel_rmse<=1'", db), 2); /* planned, and not there */
        pretend("");
        assert_code(attest("run --db '%s' " SMALL " --device cuda", db), 0);
        assert_int_equal(runs(db), 3);
    }
}

static void one_gpu_fails_and_the_others_go_on(void **state)
{
    (void)state;
    static const char *const asked[] = {"hang=cuLaunchKernel on=0", "crash=cuMemAlloc_v2 on=0", "fail=cuModuleLoadData:209 on=0"};
    for (size_t i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "o%zu.db", i);
        const char *db = fixture_path(name);
        pretend(asked[i]);
        struct outcome o = attest("run --db '%s' " SMALL " --device cuda --time-limit %d", db, i ? 60 : 1);
        assert_code(o, 2);
        assert_true(says(o.err, i < 2 ? "GPU 0 gets no more work, for GPU 1 computed what it failed: GPU 0: " : "left out: GPU 0: "));
        assert_true(says(o.err, "every run was computed, but 1 GPU failed and had to be left out"));
        assert_int_equal(number(db, "SELECT count(*) FROM run WHERE gpu = 1"), 3);
    }
}

/* One bit in one output of a row looked at: found, told, stored as what it is, never as a run; it outweighs a failure. */
static void a_wrong_bit_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *asked, *words;
    } cases[] = {
        {"wrong=flip nth=-1 at=2047",
         "the kernel differs from the twin in 1 of 420 outputs: batch 0, head 0, row 63, column 31 of O: the GPU gives 0x"},
        {"wrong=max nth=-1 at=127", "in 1 of 420 outputs: batch 0, head 1, row 63, row maximum: the GPU gives 0x"},
        {"wrong=sum nth=-1 at=191", "in 1 of 420 outputs: batch 0, head 2, row 63, row sum: the GPU gives 0x"},
        {"wrong=lse nth=-1 at=63", "in 1 of 420 outputs: batch 0, head 0, row 63, log-sum-exp: the GPU gives 0x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[16];
        snprintf(name, sizeof name, "w%zu.db", i);
        const char *db = fixture_path(name);
        pretend(cases[i].asked);
        struct outcome o = attest("run --db '%s' " SMALL " --device cuda", db);
        assert_code(o, 1);
        if (!says(o.err, cases[i].words) || !says(o.err, "3 of the runs differ on a GPU from the twin"))
            fail_msg("%s: %s", cases[i].asked, o.err);
        assert_int_equal(runs(db), 0);
        assert_int_equal(number(db, "SELECT count(*) FROM difference WHERE kernel = 'stand-in' AND differing = 1 AND outputs = 420"
                                    " AND output_sha256 <> twin_sha256"),
                         3);
        o = attest("show differences --db '%s' --variant fa3-fp8", db);
        assert_code(o, 0);
        assert_true(says(o.out, "fa3-fp8") && says(o.out, "the GPU gives 0x") && !says(o.out, "fa3-fp16"));
        assert_code(attest("gate --db '%s' --require 'rel_rmse<=1'", db), 2);
    }
    const char *db = fixture_path("both.db");
    pretend("wrong=flip nth=-1 at=2047 on=1");
    struct outcome o = attest("run --db '%s' " SMALL " --device cuda", db);
    assert_code(o, 1);
    assert_int_equal(runs(db), 2); /* of the GPU that is right */
    pretend("");
    assert_code(attest("run --db '%s' " SMALL " --device cuda", db), 0);
    assert_int_equal(runs(db), 3);
    assert_code(attest("show differences --db '%s' --json", db), 0); /* what was found stays found */
    assert_int_equal(number(db, "SELECT count(*) FROM difference"), 1);
    pretend("wrong=flip nth=-1 at=2047");
    o = attest("verify --db '%s' --device cuda", db);
    assert_code(o, 1);
    assert_true(says(o.out, "output differs") && says(o.out, "--device cuda --gpu 0,1"));
}

/* A signal while a GPU hangs: at once, and the same command goes on. */
static void a_signal_ends_it(void **state)
{
    (void)state;
    char asked[256];
    const char *db = fixture_path("s.db"), *mark = fixture_path("mark");
    snprintf(asked, sizeof asked, "hang=cuLaunchKernel mark=%s", mark);
    pretend(asked);
    struct outcome o = attest("run --db '%s' " SMALL " --device cuda --time-limit 600 & p=$!; "
                              "until [ -e '%s' ] || ! kill -0 $p; do sleep 0.05; done; kill -INT $p; wait $p",
                              db, mark);
    assert_code(o, 130);
    assert_complaint(o, "the same command goes on from there");
    assert_int_equal(runs(db), 0);
    pretend("");
    assert_code(attest("run --db '%s' " SMALL " --device cuda", db), 0);
    assert_int_equal(runs(db), 3);
}

/* The twin's runs again on a GPU, the GPU's with the twin, and what no kernel repeats. */
static void verified_on_either(void **state)
{
    (void)state;
    const char *db = fixture_path("v.db");
    pretend("");
    assert_code(attest("run --db '%s' " SMALL " --variant standard-fp16 --device auto", db), 0);
    struct outcome o = attest("verify --db '%s'", db);
    assert_code(o, 0);
    assert_true(says(o.out, "first  3 runs of kernel stand-in on Stand-in H200 (cuda)") && says(o.out, "4 of 4 runs: the same bits."));
    o = attest("verify --db '%s' --device cuda", db);
    assert_code(o, 2);
    assert_true(says(o.out, "no kernel computes it on a GPU: stand-in: p.offset=normalised") && says(o.out, "3 of 4 runs: the same bits"));
    o = attest("verify --db '%s' --device auto --json", db);
    assert_code(o, 0);
    assert_json(o, "verify");
    assert_int_equal(lines_with(o.out, "\"kernel_here\": \"stand-in\""), 3);
    pretend("hang=cuLaunchKernel");
    o = attest("verify --db '%s' --run 1 --device cuda --gpu 1 --time-limit 1", db);
    assert_code(o, 2);
    assert_true(says(o.out, "cannot be verified, 1 run from run 1 on: GPU 1: no sign of life for 1 s"));
}

/* The program as it is built: its kernels need an image. */
static void the_real_program(void **state)
{
    (void)state;
    command_program(real_program);
    if (has_image()) {
        print_message("attest was built with nvcc\n");
        skip();
    }
    pretend("");
    struct outcome o = attest("run --db '%s' " SMALL " --device cuda", fixture_path("r.db"));
    assert_code(o, 2);
    assert_complaint(o, "this attest holds no GPU code: it was built without nvcc");
}

int main(int argc, char **argv)
{
    program = argc > 1 ? argv[1] : "attest";
    real_program = argc > 2 ? argv[2] : "attest";
    command_program(program);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(kernels_compute_the_twins_facts, clean),
        cmocka_unit_test_teardown(two_gpus_side_by_side, clean),
        cmocka_unit_test_teardown(the_driver_starts_once, clean),
        cmocka_unit_test_teardown(refused_before_anything_runs, clean),
        cmocka_unit_test_teardown(the_rest_on_the_twin, clean),
        cmocka_unit_test_teardown(nothing_that_failed_is_stored, clean),
        cmocka_unit_test_teardown(one_gpu_fails_and_the_others_go_on, clean),
        cmocka_unit_test_teardown(a_wrong_bit_is_found, clean),
        cmocka_unit_test_teardown(a_signal_ends_it, clean),
        cmocka_unit_test_teardown(verified_on_either, clean),
        cmocka_unit_test_teardown(the_real_program, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
