/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Against the stand-in of tests/kernels/support/fake_driver.h, with the one kernel of stand_in_attention.h. */
#include "study/on_gpu.h"

#include "core/guard_state.h"

#include "tests/kernels/support/driver.h"

#include "bench.h"
#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static void ignore(void *context, const struct at_attended *part)
{
    (void)context;
    (void)part;
}

static struct at_sha256 twin_digest(struct at_attend *attend)
{
    const struct at_work progress = {0};
    struct at_sha256 output = {""};
    assert_int_equal(at_attend_heads(attend, false, ignore, NULL, &progress, &output, NULL), AT_OK);
    return output;
}

/* In this process: beats go nowhere. All that it took on the GPU is given back where all went well. */
static enum at_status attend_on_gpu(const char *words, struct at_gpu_task *task, struct at_error *error)
{
    struct at_gpu *gpu = open_stand_in("");
    struct at_pulse pulse = {open("/dev/null", O_WRONLY)};
    int before = driver_live();
    ask(words);
    *task->work.time_ns = -7;
    enum at_status status = at_on_gpu_attend(gpu, &task->work, &pulse, error);
    ask("");
    assert_true(status || driver_live() == before);
    close(pulse.out);
    at_gpu_close(gpu);
    return status;
}

/* Rows alone and side by side, 8-bit V in its own order, means, grouped heads: the twin's digest. */
static void the_rows_looked_at_come_back(void **state)
{
    (void)state;
    static const char *const rows[] = {"1", "5", "39", "all"};
    static const char *const variants[] = {"fa3-fp16", "fp8-smooth-kv", "fp8-block-hadamard", "fp8-token"};
    ask("");
    for (int i = 0; i < 4; i++) {
        char text[512], name[16];
        struct scratch_bench b;
        struct at_gpu_task task;
        struct at_error error = {""};
        snprintf(name, sizeof name, "%d.db", i);
        snprintf(text, sizeof text,
                 "name: n\nrows: %s\nvariants: [%s]\ninputs: [{distribution: normal, causal: true, shape: {batch: 2, heads: 4, "
                 "kv-heads: 2, queries: 40, keys: 200, dim: 64}}]\n",
                 rows[i], variants[i]);
        scratch_bench_open(&b, text, name);
        struct at_attend attend = scratch_bench_prepare(&b, 0);
        const struct at_sha256 wanted = twin_digest(&attend);
        assert_int_equal(at_gpu_task_init(&task, at_kernels[0], &attend.operands, attend.rows, &error), AT_OK);
        assert_status(attend_on_gpu("", &task, &error), &error, AT_OK, "");
        const struct at_sha256 got = at_gpu_rows_sha256(&task.work.out);
        assert_string_equal(got.hex, wanted.hex);
        assert_true(*task.work.time_ns > 0);
        at_gpu_task_done(&task);
        at_attend_done(&attend);
        scratch_bench_close(&b);
    }
}

static void failures_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        enum at_status status;
        const char *words;
    } cases[] = {
        {"fail=cuMemAlloc_v2:2", AT_ERR_MEMORY,
         "no 0.0 MiB of its own memory left: end what else uses it, or look at fewer heads or "
         "keys: operands and outputs need 0.0 MiB, the GPU has 143360.0 MiB"},
        {"fail=cuMemAlloc_v2:2 nth=8", AT_ERR_MEMORY, "the GPU has 143360.0 MiB"},
        {"fail=cuLaunchKernel:700", AT_ERR_DEVICE, "stand_in_attention: CUDA_ERROR_ILLEGAL_ADDRESS"},
        {"fail=cuCtxSynchronize:700 nth=1", AT_ERR_DEVICE, "the GPU's work: CUDA_ERROR_ILLEGAL_ADDRESS"},
        {"fail=cuMemcpyDtoH_v2:700", AT_ERR_DEVICE, "copying from the GPU: CUDA_ERROR_ILLEGAL_ADDRESS"},
        {"fail=cuMemcpyHtoD_v2:700", AT_ERR_DEVICE, "copying to the GPU: CUDA_ERROR_ILLEGAL_ADDRESS"},
    };
    struct scratch_bench b;
    struct at_gpu_task task;
    scratch_bench_open(&b, "name: n\nrows: 5\nvariants: [fa3-fp8]\ninputs: [{distribution: normal, shape: {heads: 1, keys: 8, dim: 32}}]\n",
                       "f.db");
    struct at_attend attend = scratch_bench_prepare(&b, 0);
    assert_int_equal(at_gpu_task_init(&task, at_kernels[0], &attend.operands, attend.rows, NULL), AT_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        assert_status(attend_on_gpu(cases[i].asked, &task, &error), &error, cases[i].status, cases[i].words);
    }
    at_gpu_task_done(&task);
    at_attend_done(&attend);
    scratch_bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_rows_looked_at_come_back), cmocka_unit_test(failures_are_told)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
