/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Against the stand-in of tests/kernels/support/fake_driver.h, with the one kernel of stand_in_attention.h. */
#include "study/gpu_service.h"

#include "tests/kernels/support/driver.h"

#include "bench.h"
#include "scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

static const struct at_guard guard = {.what = "GPU 1", .remedy = "none", .limit_s = 60};
static struct scratch_bench bench;
static struct at_attend attend;
static struct at_gpu_task task;
static struct at_server server;
static char starts_path[300];

/* What the stand-in does from now on, in processes that are there too; each start of a driver is counted. */
static void ask_all(const char *words)
{
    char text[600];
    int length = snprintf(text, sizeof text, "starts=%s %s", starts_path, words);
    scratch_write("words", text, (size_t)length);
}

static long starts(void)
{
    struct stat file;
    return stat(starts_path, &file) ? 0 : (long)file.st_size;
}

static int set_up(void **state)
{
    (void)state;
    static int number;
    char text[300], name[16];
    snprintf(name, sizeof name, "s%d.db", number++);
    snprintf(starts_path, sizeof starts_path, "%s", scratch_path("starts"));
    remove(starts_path);
    ask_all("");
    snprintf(text, sizeof text, "from=%s", scratch_path("words"));
    ask(text);
    scratch_bench_open(
        &bench,
        "name: n\nrows: 5\noracle: certified\nvariants: [fa3-fp8]\ninputs: [{distribution: normal, shape: {heads: 1, keys: 8, dim: 32}}]\n",
        name);
    attend = scratch_bench_prepare(&bench, 0);
    assert_int_equal(at_gpu_task_init(&task, at_kernels[0], &attend.operands, attend.rows, NULL), AT_OK);
    server = at_gpu_service();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    at_server_end(&server);
    at_gpu_task_done(&task);
    at_attend_done(&attend);
    scratch_bench_close(&bench);
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 1;
}

static enum at_status run(struct at_error *error)
{
    static struct at_sha256 first;
    memset(task.work.out.o, 0, 5 * 32 * sizeof(float));
    enum at_status status = at_gpu_service_attend(&server, &guard, 1, &task, error);
    if (!status)
        status = at_server_finish(&server, error);
    const struct at_sha256 digest = at_gpu_rows_sha256(&task.work.out);
    if (!status && !first.hex[0])
        first = digest;
    if (!status)
        assert_string_equal(digest.hex, first.hex); /* always the same */
    return status;
}

static enum at_status load(struct at_error *error)
{
    enum at_status status = at_gpu_service_load(&server, &guard, 1, error);
    return status ? status : at_server_finish(&server, error);
}

static void starts_once(void **state)
{
    (void)state;
    assert_int_equal(load(NULL), AT_OK);
    for (int i = 0; i < 20; i++)
        assert_int_equal(run(NULL), AT_OK);
    assert_int_equal(load(NULL), AT_OK);
    assert_int_equal(starts(), 1);
    at_server_end(&server);
    assert_int_equal(run(NULL), AT_OK); /* with no load before */
    assert_int_equal(starts(), 2);
}

/* What fails is one line and ends the process; the next begins anew, and nothing is left on the GPU from before. */
static void failures(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        enum at_status status;
        const char *words;
    } cases[] = {{"crash=cuLaunchKernel", AT_ERR_DEVICE, "GPU 1: its process died by signal 11"},
                 {"fail=cuLaunchKernel:700", AT_ERR_DEVICE, "stand_in_attention: CUDA_ERROR_ILLEGAL_ADDRESS"},
                 {"fail=cuMemAlloc_v2:2", AT_ERR_MEMORY, "no 0.0 MiB of its own memory left"},
                 {"fail=cuMemcpyDtoH_v2:700", AT_ERR_DEVICE, "copying from the GPU"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        assert_int_equal(run(NULL), AT_OK);
        ask_all(cases[i].asked);
        assert_status(run(&error), &error, cases[i].status, cases[i].words);
        ask_all("");
        assert_int_equal(starts(), i + 1);
    }
    assert_int_equal(run(NULL), AT_OK);
    ask_all("cuda=11080");
    at_server_end(&server);
    struct at_error error = {""};
    assert_status(load(&error), &error, AT_ERR_UNSUPPORTED, "is too old");
    ask_all("gpus=1");
    assert_status(run(&error), &error, AT_ERR_NOT_FOUND, "GPU 1 does not exist");
}

/* A GPU for one process at a time is free between requests. */
static void exclusive(void **state)
{
    (void)state;
    ask_all("mode=3");
    assert_int_equal(load(NULL), AT_OK);
    for (int i = 0; i < 3; i++) {
        struct at_gpu *gpu;
        struct at_error error = {""};
        assert_int_equal(run(NULL), AT_OK);
        assert_status(at_gpu_open(1, &stand_in_image, &gpu, &error), &error, AT_OK, "");
        at_gpu_close(gpu);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(starts_once, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(failures, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(exclusive, set_up, tear_down)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
