/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Against the stand-in of tests/kernels/support/fake_driver.h, with the one kernel of stand_in_attention.h. */
#include "study/gpus.h"

#include "tests/kernels/support/driver.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const double patient_s = 60, short_s = 0.5;

static char told[1024];

static void note(void *context, const char *line)
{
    (void)context;
    snprintf(told, sizeof told, "%s", line);
}

static enum at_status open_gpus(const char *asked, struct at_gpus_question question, struct at_gpus **ret_gpus, struct at_error *error)
{
    ask(asked);
    told[0] = '\0';
    question.limit_s = strncmp(asked, "hang", 4) == 0 ? short_s : patient_s;
    question.note = note;
    return at_gpus_open(&question, ret_gpus, error);
}

static void all_hopper_gpus_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        size_t count;
        int first;
    } cases[] = {{"", 2, 0}, {"gpus=4", 4, 0}, {"gpus=1", 1, 0}, {"gpu=ada", 1, 1}, {"gpu=blackwell gpus=3", 2, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_gpus *gpus;
        struct at_error error = {""};
        assert_status(open_gpus(cases[i].asked, (struct at_gpus_question){.count = 0}, &gpus, &error), &error, AT_OK, "");
        assert_int_equal(at_gpus_count(gpus), cases[i].count);
        assert_int_equal(at_gpus_facts(gpus, 0)->index, cases[i].first);
        assert_string_equal(at_gpus_facts(gpus, cases[i].count - 1)->name, "Stand-in H200");
        assert_int_equal(at_gpus_failed(gpus), 0);
        assert_string_equal(told, "");
        assert_null(at_gpus_close(gpus));
    }
    assert_null(at_gpus_close(NULL));
}

static void those_chosen_are_taken(void **state)
{
    (void)state;
    struct at_gpus *gpus;
    struct at_error error = {""};
    assert_status(open_gpus("gpus=4", (struct at_gpus_question){.chosen = {3, 1}, .count = 2}, &gpus, &error), &error, AT_OK, "");
    assert_true(at_gpus_count(gpus) == 2 && at_gpus_facts(gpus, 0)->index == 3 && at_gpus_facts(gpus, 1)->index == 1);
    at_gpus_close(gpus);
}

static void a_machine_that_cannot_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        struct at_gpus_question question;
        enum at_status status;
        const char *words;
    } cases[] = {
        {"gpus=0", {.count = 0}, AT_ERR_NOT_FOUND, "no GPU: the NVIDIA driver is installed and sees none"},
        {"gpus=1 gpu=ampere", {.count = 0}, AT_ERR_UNSUPPORTED, "is not Hopper but Ampere"},
        {"gpu=ampere", {.chosen = {1, 0}, .count = 2}, AT_ERR_UNSUPPORTED, "GPU 0, Stand-in A100, is not Hopper"},
        {"", {.chosen = {7}, .count = 1}, AT_ERR_NOT_FOUND, "GPU 7 does not exist: the driver sees 2, numbered from 0"},
        {"hang=cuInit", {.count = 0}, AT_ERR_TIMEOUT, "GPU: no sign of life for 0.5 s"},
        {"crash=cuDeviceGetName nth=1", {.count = 0}, AT_ERR_DEVICE, "GPU: its process died by signal 11"},
        {"cuda=11080", {.count = 0}, AT_ERR_UNSUPPORTED, "is too old: it supports CUDA 11.8"},
        {"fail=cuModuleLoadData:209", {.count = 0}, AT_ERR_DEVICE, "GPU 0: the kernels are not built for this GPU"},
        {"fail=cuModuleLoadData:209 on=1", {.chosen = {0, 1}, .count = 2}, AT_ERR_DEVICE, "GPU 1: the kernels are not built for this GPU"},
        {"hang=cuModuleLoadData", {.count = 0}, AT_ERR_TIMEOUT, "GPU 0: no sign of life for 0.5 s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_gpus *gpus = NULL;
        struct at_error error = {""};
        assert_status(open_gpus(cases[i].asked, cases[i].question, &gpus, &error), &error, cases[i].status, cases[i].words);
        assert_null(gpus);
    }
}

/* Of those that were not chosen by number. */
static void a_gpu_that_fails_is_left_out(void **state)
{
    (void)state;
    struct at_gpus *gpus;
    struct at_error error = {""};
    assert_status(open_gpus("fail=cuModuleLoadData:209 on=0", (struct at_gpus_question){.count = 0}, &gpus, &error), &error, AT_OK, "");
    assert_int_equal(at_gpus_failed(gpus), 1);
    assert_non_null(strstr(told, "left out: GPU 0: the kernels are not built for this GPU"));
    at_gpus_close(gpus);
}

static void a_stop_is_heard(void **state)
{
    (void)state;
    static const volatile sig_atomic_t stop = 1;
    struct at_gpus *gpus = NULL;
    struct at_error error = {""};
    assert_status(open_gpus("", (struct at_gpus_question){.stop = &stop}, &gpus, &error), &error, AT_ERR_INTERRUPTED, "interrupted");
    assert_null(gpus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_hopper_gpus_are_taken), cmocka_unit_test(those_chosen_are_taken),
                                       cmocka_unit_test(a_machine_that_cannot_is_told), cmocka_unit_test(a_gpu_that_fails_is_left_out),
                                       cmocka_unit_test(a_stop_is_heard)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
