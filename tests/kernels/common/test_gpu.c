/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Against the stand-in of support/fake_driver.h, which is strict about order, addresses and sizes. */
#include "kernels/common/gpu.h"

#include "../support/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void facts_of_the_gpus(void **state)
{
    (void)state;
    struct at_gpu_facts facts = {0};
    struct at_error error = {""};
    ask("");
    if (at_gpu_find(1, &facts, &error))
        fail_msg("%s", error.message);
    assert_int_equal(facts.index, 1);
    assert_int_equal(facts.count, 2);
    assert_string_equal(facts.name, "Stand-in H200");
    assert_true(facts.major == 9 && facts.minor == 0 && facts.driver_cuda == 13010 && facts.multiprocessors == 132 && facts.ecc);
    assert_true(facts.memory_bytes == (int64_t)140 << 30 && facts.l2_bytes == 60 << 20 && facts.shared_bytes == 227 << 10);
    assert_true(facts.clock_khz == 1980000 && facts.memory_clock_khz == 3201000 && facts.memory_bus_bits == 6144);
    assert_int_equal(strspn(facts.driver, "0123456789."), strlen(facts.driver)); /* of this machine's kernel module, if it has one */
    for (int mode = 0; mode < 4; mode++) { /* shared, (formerly one thread's), none's, one process's */
        char words[16];
        snprintf(words, sizeof words, "mode=%d", mode);
        ask(words);
        assert_int_equal(at_gpu_find(0, &facts, NULL), AT_OK);
        assert_int_equal(facts.exclusive, mode == 3);
    }
}

static void a_gpu_that_is_not_there(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        int index;
        enum at_status status;
        const char *words;
    } cases[] = {
        {"", 2, AT_ERR_NOT_FOUND, "GPU 2 does not exist: the driver sees 2, numbered from 0"},
        {"", -1, AT_ERR_NOT_FOUND, "GPU -1 does not exist"},
        {"gpus=0", 0, AT_ERR_NOT_FOUND, "no GPU: the NVIDIA driver is installed and sees none"},
        {"gpus=-1", 0, AT_ERR_NOT_FOUND, "no GPU: the NVIDIA driver is installed and sees none"},
        {"fail=cuDeviceGetCount:999", 0, AT_ERR_DEVICE, "the GPUs cannot be counted: CUDA_ERROR_UNKNOWN"},
        {"fail=cuDeviceGet:101", 0, AT_ERR_DEVICE, "the GPU cannot be opened: CUDA_ERROR_INVALID_DEVICE"},
        {"fail=cuDeviceGetName:999", 0, AT_ERR_DEVICE, "does not say what it is: CUDA_ERROR_UNKNOWN"},
        {"fail=cuDeviceTotalMem_v2:999", 0, AT_ERR_DEVICE, "does not say what it is"},
        {"fail=cuDriverGetVersion:999", 0, AT_ERR_DEVICE, "does not say what it is"},
        {"fail=cuInit:999", 0, AT_ERR_DEVICE, "does not start"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_gpu_facts facts = {.index = -7};
        struct at_error error = {""};
        ask(cases[i].asked);
        assert_status(at_gpu_find(cases[i].index, &facts, &error), &error, cases[i].status, cases[i].words);
        assert_int_equal(facts.index, -7);
    }
}

/* A fact that the driver does not tell is 0, not a refusal. */
static void facts_that_are_not_told(void **state)
{
    (void)state;
    struct at_gpu_facts facts;
    ask("fail=cuDeviceGetAttribute:1");
    assert_int_equal(at_gpu_find(0, &facts, NULL), AT_OK);
    assert_true(facts.major == 0 && facts.clock_khz == 0 && !facts.ecc);
    assert_int_equal(at_gpu_check_hopper(&facts, NULL), AT_ERR_UNSUPPORTED);
}

static void generations(void **state)
{
    (void)state;
    static const struct {
        int major, minor;
        const char *name;
    } known[] = {{3, 5, "Kepler"},
                 {5, 2, "Maxwell"},
                 {6, 1, "Pascal"},
                 {7, 0, "Volta"},
                 {7, 5, "Turing"},
                 {8, 0, "Ampere"},
                 {8, 6, "Ampere"},
                 {8, 9, "Ada"},
                 {9, 0, "Hopper"},
                 {10, 0, "Blackwell"},
                 {10, 3, "Blackwell"},
                 {12, 0, "Blackwell"},
                 {13, 0, "unknown generation"},
                 {2, 0, "unknown generation"},
                 {9, 1, "unknown generation"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct at_gpu_facts facts = {.major = known[i].major, .minor = known[i].minor};
        struct at_error error = {""};
        assert_string_equal(at_gpu_generation(&facts), known[i].name);
        bool hopper = strcmp(known[i].name, "Hopper") == 0;
        assert_int_equal(at_gpu_check_hopper(&facts, &error), hopper ? AT_OK : AT_ERR_UNSUPPORTED);
        assert_true(hopper || strstr(error.message, known[i].name));
    }
}

static void what_cannot_be_opened(void **state)
{
    (void)state;
    static const struct at_gpu_image empty = {"", 0, 0}, of_12_4 = {"image", 5, 12040}, of_13_1 = {"image", 5, 13010};
    static const struct {
        const char *asked;
        const struct at_gpu_image *image;
        enum at_status status;
        const char *words;
    } cases[] = {
        {"gpu=ampere", &of_13_1, AT_ERR_UNSUPPORTED, "GPU 0, Stand-in A100, is not Hopper but Ampere (compute capability 8.0)"},
        {"gpu=ada", &of_13_1, AT_ERR_UNSUPPORTED, "is not Hopper but Ada (compute capability 8.9)"},
        {"gpu=blackwell", &of_13_1, AT_ERR_UNSUPPORTED, "is not Hopper but Blackwell (compute capability 10.0)"},
        {"", &empty, AT_ERR_UNSUPPORTED, "built without nvcc; install the CUDA toolkit 12.0 or newer and build again"},
        {"cuda=12040", &of_13_1, AT_ERR_UNSUPPORTED, "it supports CUDA 12.4, and this attest was built with 13.1: update the driver"},
        {"cuda=11080", &of_12_4, AT_ERR_UNSUPPORTED, "it supports CUDA 11.8, and this attest was built with 12.4"},
        {"fail=cuDevicePrimaryCtxRetain:2", &of_13_1, AT_ERR_DEVICE, "cannot be taken into use: CUDA_ERROR_OUT_OF_MEMORY"},
        {"fail=cuCtxSetCurrent:201", &of_13_1, AT_ERR_DEVICE, "the GPU cannot be taken into use: CUDA_ERROR_INVALID_CONTEXT"},
        {"fail=cuModuleLoadData:209", &of_13_1, AT_ERR_DEVICE, "the kernels are not built for this GPU: CUDA_ERROR_NO_BINARY_FOR_GPU"},
        {"fail=cuModuleLoadData:999", &of_13_1, AT_ERR_DEVICE, "the kernels cannot be loaded: CUDA_ERROR_UNKNOWN"},
        {"gpus=0", &of_13_1, AT_ERR_NOT_FOUND, "no GPU"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_gpu *gpu = NULL;
        struct at_error error = {""};
        ask(cases[i].asked);
        assert_status(at_gpu_open(0, cases[i].image, &gpu, &error), &error, cases[i].status, cases[i].words);
        assert_null(gpu);
        assert_int_equal(driver_live(), 0);
    }
    struct at_gpu *gpu = NULL; /* within a major version an older driver runs newer code */
    ask("cuda=12010");
    assert_int_equal(at_gpu_open(0, &of_12_4, &gpu, NULL), AT_OK);
    at_gpu_close(gpu);
    ask("gpu=ampere"); /* the second is Hopper */
    assert_int_equal(at_gpu_open(1, &of_12_4, &gpu, NULL), AT_OK);
    assert_int_equal(at_gpu_facts(gpu)->index, 1);
    assert_null(at_gpu_close(gpu));
    assert_null(at_gpu_close(NULL));
    assert_int_equal(driver_live(), 0);
}

static void kernels_run(void **state)
{
    (void)state;
    struct at_gpu *gpu = open_stand_in("");
    uint64_t out = 0;
    uint32_t first = 0x40000000, got[2] = {0};
    int count = 1;
    void *arguments[] = {&first, &count, &out};
    struct at_error error = {""};
    assert_int_equal(at_gpu_alloc(gpu, sizeof got, &out, NULL), AT_OK);
    assert_int_equal(at_gpu_run(gpu, "probe_ex2", 1, 32, arguments, NULL), AT_OK);
    assert_int_equal(at_gpu_copy_out(gpu, got, out, sizeof got, NULL), AT_OK);
    assert_int_equal(got[0], 0x40800000); /* 2^2 = 4 */
    assert_int_equal(got[1], 0x5a5a5a5a); /* as it was allocated */
    static const char *const missing[] = {"probe_ex3", "probe_e4m3_e4m3_n12_shared", "probe_e4m3_e4m3_n264_shared", ""};
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
        assert_status(at_gpu_run(gpu, missing[i], 1, 32, arguments, &error), &error, AT_ERR_DEVICE, "CUDA_ERROR_NOT_FOUND");
    ask("fail=cuLaunchKernel:700");
    assert_status(at_gpu_run(gpu, "probe_ex2", 1, 32, arguments, &error), &error, AT_ERR_DEVICE, "probe_ex2: CUDA_ERROR_ILLEGAL_ADDRESS");
    ask("fail=cuCtxSynchronize:719"); /* a kernel's fault is told when its end is waited for */
    assert_status(at_gpu_run(gpu, "probe_ex2", 1, 32, arguments, &error), &error, AT_ERR_DEVICE, "probe_ex2: CUDA error 719");
    ask("");
    count = 3; /* beyond what is allocated */
    assert_status(at_gpu_run(gpu, "probe_ex2", 1, 32, arguments, &error), &error, AT_ERR_DEVICE, "probe_ex2: CUDA_ERROR_ILLEGAL_ADDRESS");
    at_gpu_free(gpu, out);
    at_gpu_close(gpu);
    assert_int_equal(driver_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_of_the_gpus), cmocka_unit_test(a_gpu_that_is_not_there), cmocka_unit_test(facts_that_are_not_told),
        cmocka_unit_test(generations),       cmocka_unit_test(what_cannot_be_opened),   cmocka_unit_test(kernels_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
