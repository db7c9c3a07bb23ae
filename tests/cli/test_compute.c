/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/compute.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Words with a blank between them. */
static enum at_status read_one(const char *argument, struct at_compute *ret_compute, struct at_error *error)
{
    static const struct at_option options[] = {AT_OPTION_SIMD, AT_OPTION_THREADS,    AT_OPTION_DEVICE,
                                               AT_OPTION_GPU,  AT_OPTION_TIME_LIMIT, {0}};
    char text[512], *argv[8], *save = NULL;
    int count = 0;
    static struct at_arguments arguments;
    snprintf(text, sizeof text, "%s", argument);
    for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
        argv[count++] = word;
    assert_int_equal(at_arguments_parse(options, count, argv, &arguments, error), AT_OK);
    return at_compute_read(&arguments, ret_compute, error);
}

static void options_are_read(void **state)
{
    (void)state;
    struct at_compute compute;
    struct at_error error;
    assert_int_equal(read_one("--simd=scalar", &compute, &error), AT_OK);
    assert_true(compute.simd == AT_SIMD_SCALAR && compute.threads == 0);
    assert_int_equal(read_one("--threads=3", &compute, &error), AT_OK);
    assert_true(compute.simd == AT_SIMD_AUTO && compute.threads == 3);
}

static void mistakes_are_refused(void **state)
{
    (void)state;
    struct at_compute compute = {.threads = 77};
    struct at_error error;
    assert_int_equal(read_one("--simd=avx51", &compute, &error), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "option '--simd': 'avx51' is none of auto, scalar, avx2, avx512; the nearest is 'avx512'");
    assert_int_equal(read_one("--threads=0", &compute, &error), AT_ERR_ARGUMENT);
    for (int simd = AT_SIMD_AUTO; simd < AT_SIMD_COUNT; simd++) {
        char argument[32] = "--simd=";
        struct at_compute made;
        strcat(argument, at_simd_names[simd]);
        assert_int_equal(read_one(argument, &made, &error), at_simd_available((enum at_simd)simd) ? AT_OK : AT_ERR_ARGUMENT);
    }
    assert_int_equal(compute.threads, 77);
}

static void devices_are_read(void **state)
{
    (void)state;
    struct at_compute compute;
    struct at_error error;
    assert_int_equal(read_one("--threads=3", &compute, &error), AT_OK);
    assert_true(compute.device == AT_DEVICE_CPU && compute.gpu_count == 0);
    assert_int_equal(read_one("--device=cuda --gpu=3,0,17 --time-limit=5", &compute, &error), AT_OK);
    assert_true(compute.device == AT_DEVICE_CUDA && compute.gpu_count == 3 && compute.limit_s == 5);
    assert_true(compute.gpus[0] == 3 && compute.gpus[1] == 0 && compute.gpus[2] == 17);
    assert_int_equal(read_one("--device=auto", &compute, &error), AT_OK);
    assert_true(compute.device == AT_DEVICE_AUTO && compute.gpu_count == 0 && compute.limit_s == 60);
    static const char *const wrong[] = {"--gpu=0",
                                        "--device=cpu --gpu=0",
                                        "--time-limit=5",
                                        "--device=gpu",
                                        "--device=cuda --gpu=0,",
                                        "--device=cuda --gpu=,0",
                                        "--device=cuda --gpu=0,0",
                                        "--device=cuda --gpu=-1",
                                        "--device=cuda --gpu=1024",
                                        "--device=cuda --gpu=0x1",
                                        "--device=cuda --time-limit=0"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(read_one(wrong[i], &compute, &error), AT_ERR_ARGUMENT);
    assert_int_equal(read_one("--device=cudo", &compute, &error), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "option '--device': 'cudo' is none of cpu, cuda, auto; the nearest is 'cuda'");
    char many[512] = "--device=cuda --gpu=0";
    for (int i = 1; i <= AT_GPUS_MOST; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), ",%d", i);
    assert_int_equal(read_one(many, &compute, &error), AT_ERR_ARGUMENT);
}

static char told[1024];

static void note(void *context, const char *line)
{
    (void)context;
    snprintf(told, sizeof told, "%s", line);
}

/* There is no GPU here that could be asked for by the number 1023. */
static void a_machine_without_that_gpu(void **state)
{
    (void)state;
    const struct at_study_events events = {.note = note};
    struct at_engine engine = {.simd = AT_SIMD_COUNT};
    struct at_compute compute = {.simd = AT_SIMD_SCALAR, .device = AT_DEVICE_CUDA, .gpus = {1023}, .gpu_count = 1, .limit_s = 60};
    struct at_error error = {""};
    assert_int_not_equal(at_compute_open(&compute, &events, &engine, &error), AT_OK);
    assert_true(error.message[0] && engine.simd == AT_SIMD_COUNT);
    compute.device = AT_DEVICE_AUTO; /* what was asked for by its number must be there */
    assert_int_not_equal(at_compute_open(&compute, &events, &engine, &error), AT_OK);
    assert_string_equal(told, "");
    compute.device = AT_DEVICE_CPU;
    assert_int_equal(at_compute_open(&compute, &events, &engine, &error), AT_OK);
    assert_true(engine.simd == AT_SIMD_SCALAR && !engine.gpus && !engine.rest_on_twin);
    at_compute_close(&engine);
}

static void a_signal_is_seen_once(void **state)
{
    (void)state;
    const struct at_compute compute = {.threads = 2};
    int before = omp_get_max_threads();
    volatile sig_atomic_t *stop = at_compute_start(&compute);
    struct sigaction now;
    assert_int_equal(omp_get_max_threads(), 2);
    assert_int_equal(*stop, 0);
    raise(SIGINT);
    assert_int_equal(*stop, 1);
    assert_int_equal(sigaction(SIGINT, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_DFL); /* a second one ends the program */
    signal(SIGTERM, SIG_DFL);
    omp_set_num_threads(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(options_are_read), cmocka_unit_test(mistakes_are_refused),
                                       cmocka_unit_test(devices_are_read), cmocka_unit_test(a_machine_without_that_gpu),
                                       cmocka_unit_test(a_signal_is_seen_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
