/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Jobs of study/gpus.h, against the stand-in of tests/kernels/support/fake_driver.h. */
#include "study/gpus.h"

#include "tests/kernels/support/driver.h"

#include "bench.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

static char told[1024];
static volatile sig_atomic_t stop;

static void note(void *context, const char *line)
{
    (void)context;
    snprintf(told, sizeof told, "%s", line);
}

/* Words for GPUs whose processes are there already. */
static void ask_all(const char *words)
{
    scratch_write("words", words, strlen(words));
}

/* The GPUs and one prepared variant. */
struct set {
    struct scratch_bench b;
    struct at_attend attend;
    struct at_gpus *gpus;
};

static void set_up_asking(struct set *s, double limit_s, const char *starts)
{
    static int number;
    char name[16], from[400];
    struct at_error error = {""};
    const struct at_gpus_question question = {.limit_s = limit_s, .note = note, .stop = &stop};
    snprintf(name, sizeof name, "j%d.db", number++);
    snprintf(from, sizeof from, "starts=%s", starts ? starts : "");
    ask_all(starts ? from : "");
    snprintf(from, sizeof from, "from=%s", scratch_path("words"));
    ask(from);
    told[0] = '\0';
    stop = 0;
    scratch_bench_open(
        &s->b,
        "name: n\nrows: 5\noracle: certified\nvariants: [fa3-fp8]\ninputs: [{distribution: normal, shape: {heads: 1, keys: 8, dim: 32}}]\n",
        name);
    s->attend = scratch_bench_prepare(&s->b, 0);
    if (at_gpus_open(&question, &s->gpus, &error))
        fail_msg("%s", error.message);
}

static void set_up(struct set *s, double limit_s)
{
    set_up_asking(s, limit_s, NULL);
}

static void tear_down(struct set *s)
{
    at_gpus_close(s->gpus);
    at_attend_done(&s->attend);
    scratch_bench_close(&s->b);
}

static struct at_gpu_job *start(struct set *s)
{
    struct at_gpu_job *job;
    struct at_error error = {""};
    if (at_gpus_start(s->gpus, at_kernels[0], &s->attend.operands, s->attend.rows, &job, &error))
        fail_msg("%s", error.message);
    return job;
}

enum { PATIENT_S = 60 };

/* Each waits in its launch until the other GPU launches too. */
static void two_gpus_work_at_once(void **state)
{
    (void)state;
    struct set s;
    struct at_gpu_job *jobs[2];
    struct at_gpu_result results[2];
    char asked[300];
    set_up(&s, PATIENT_S);
    snprintf(asked, sizeof asked, "meet=%s", scratch_path("meet"));
    ask_all(asked);
    for (int i = 0; i < 2; i++)
        jobs[i] = start(&s);
    for (int i = 1; i >= 0; i--)
        assert_int_equal(at_gpus_finish(s.gpus, jobs[i], &results[i], NULL), AT_OK);
    const struct at_sha256 one = at_gpu_rows_sha256(results[0].rows), two = at_gpu_rows_sha256(results[1].rows);
    assert_string_equal(one.hex, two.hex);
    assert_true(results[0].gpu == 0 && results[1].gpu == 1 && results[0].time_ns > 0);
    for (int i = 0; i < 2; i++)
        at_gpus_end(s.gpus, jobs[i]);
    tear_down(&s);
}

/* More jobs than GPUs: each begins as soon as one is free, finished by us or not. */
static void a_queue_is_worked_off(void **state)
{
    (void)state;
    enum { JOBS = 7 };
    struct set s;
    struct at_gpu_job *jobs[JOBS];
    int on[2] = {0, 0};
    set_up(&s, PATIENT_S);
    for (int i = 0; i < JOBS; i++)
        jobs[i] = start(&s);
    for (int i = 0; i < JOBS; i++) {
        struct at_gpu_result result;
        assert_int_equal(at_gpus_finish(s.gpus, jobs[i], &result, NULL), AT_OK);
        on[result.gpu]++;
        at_gpus_end(s.gpus, jobs[i]);
    }
    assert_true(on[0] > 0 && on[1] > 0 && on[0] + on[1] == JOBS);
    tear_down(&s);
}

static void another_gpu_takes_over(void **state)
{
    (void)state;
    static const char *const asked[] = {"crash=cuLaunchKernel on=0", "fail=cuCtxSynchronize:700 nth=1 on=0", "hang=cuLaunchKernel on=0"};
    for (int i = 0; i < 3; i++) {
        struct set s;
        struct at_gpu_result result;
        set_up(&s, i == 2 ? 2 : PATIENT_S);
        ask_all(asked[i]);
        for (int j = 0; j < 3; j++) { /* the second and the third are not even tried there */
            struct at_gpu_job *job = start(&s);
            assert_int_equal(at_gpus_finish(s.gpus, job, &result, NULL), AT_OK);
            assert_int_equal(result.gpu, 1);
            assert_int_equal(at_gpus_failed(s.gpus), 1);
            at_gpus_end(s.gpus, job);
        }
        assert_non_null(strstr(told, "GPU 0 gets no more work, for GPU 1 computed what it failed: GPU 0: "));
        tear_down(&s);
    }
}

/* The driver starts once for each GPU and once to find them, however many runs there are; once more where a process has died. */
static void the_driver_starts_once(void **state)
{
    (void)state;
    struct set s;
    struct stat file;
    struct at_gpu_result result;
    char asked[600], path[300];
    const char *const words[] = {"", "", " crash=cuLaunchKernel", "", ""};
    snprintf(path, sizeof path, "%s", scratch_path("starts"));
    set_up_asking(&s, PATIENT_S, path);
    for (int i = 0; i < 5; i++) {
        snprintf(asked, sizeof asked, "starts=%s%s", path, words[i]);
        ask_all(asked);
        for (int j = 0; j < 4; j++) {
            struct at_gpu_job *job = start(&s);
            assert_int_equal(at_gpus_finish(s.gpus, job, &result, NULL), *words[i] ? AT_ERR_DEVICE : AT_OK);
            at_gpus_end(s.gpus, job);
        }
        assert_int_equal(stat(path, &file), 0); /* what fails is tried on both; what goes well, one at a time, on the first alone */
        assert_int_equal(file.st_size, i < 2 ? 3 : i == 2 ? 3 + 2 * 3 : 3 + 2 * 3 + 1);
    }
    tear_down(&s);
}

/* Which of them is at fault nobody knows: all stay in use. */
static void a_job_that_fails_everywhere(void **state)
{
    (void)state;
    struct set s;
    struct at_gpu_result result;
    struct at_error error = {""};
    set_up(&s, PATIENT_S);
    ask_all("fail=cuMemAlloc_v2:2 nth=3");
    struct at_gpu_job *job = start(&s);
    assert_status(at_gpus_finish(s.gpus, job, &result, &error), &error, AT_ERR_DEVICE, "GPU 0: no 0.0 MiB of its own memory left");
    assert_non_null(strstr(error.message, "(1 more tried likewise)"));
    at_gpus_end(s.gpus, job);
    assert_int_equal(at_gpus_failed(s.gpus), 0);
    ask_all("");
    job = start(&s);
    assert_int_equal(at_gpus_finish(s.gpus, job, &result, NULL), AT_OK);
    at_gpus_end(s.gpus, job);
    tear_down(&s);
}

static void a_stop_ends_all(void **state)
{
    (void)state;
    struct set s;
    struct at_gpu_job *jobs[2], *none = NULL;
    struct at_gpu_result result;
    struct at_error error = {""};
    set_up(&s, 600);
    ask_all("hang=cuLaunchKernel");
    for (int i = 0; i < 2; i++)
        jobs[i] = start(&s);
    stop = 1;
    assert_status(at_gpus_start(s.gpus, at_kernels[0], &s.attend.operands, s.attend.rows, &none, &error), &error, AT_ERR_INTERRUPTED,
                  "interrupted");
    assert_null(none);
    assert_status(at_gpus_finish(s.gpus, jobs[0], &result, &error), &error, AT_ERR_INTERRUPTED, "interrupted");
    for (int i = 0; i < 2; i++) /* the second is ended while it hangs */
        at_gpus_end(s.gpus, jobs[i]);
    at_gpus_end(s.gpus, NULL);
    tear_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_gpus_work_at_once),       cmocka_unit_test(a_queue_is_worked_off),
                                       cmocka_unit_test(another_gpu_takes_over),      cmocka_unit_test(the_driver_starts_once),
                                       cmocka_unit_test(a_job_that_fails_everywhere), cmocka_unit_test(a_stop_ends_all)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
