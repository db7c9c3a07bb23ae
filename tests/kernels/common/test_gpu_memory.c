/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/gpu.h"

#include "../support/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void memory_there_and_back(void **state)
{
    (void)state;
    struct at_gpu *gpu = open_stand_in("");
    uint64_t address = 0;
    void *host = NULL;
    char back[1000];
    assert_int_equal(at_gpu_alloc(gpu, sizeof back, &address, NULL), AT_OK);
    assert_int_equal(at_gpu_host_alloc(gpu, sizeof back, &host, NULL), AT_OK);
    for (size_t i = 0; i < sizeof back; i++)
        ((char *)host)[i] = (char)(i * 7);
    assert_int_equal(at_gpu_copy_in(gpu, address, host, sizeof back, NULL), AT_OK);
    assert_int_equal(at_gpu_copy_out(gpu, back, address, sizeof back, NULL), AT_OK);
    assert_memory_equal(back, host, sizeof back);
    struct at_error error = {""};
    assert_status(at_gpu_copy_in(gpu, address + 1, host, sizeof back, &error), &error, AT_ERR_DEVICE, "copying to the GPU: CUDA_ERROR_INV");
    assert_status(at_gpu_copy_out(gpu, back, address + 1, sizeof back, &error), &error, AT_ERR_DEVICE, "copying from the GPU: CUDA_ERROR");
    assert_int_equal(driver_live(), 4);
    at_gpu_free(gpu, address);
    at_gpu_host_free(gpu, host);
    at_gpu_free(gpu, 0);
    at_gpu_host_free(gpu, NULL);
    assert_int_equal(driver_live(), 2);
    at_gpu_close(gpu);
    assert_int_equal(driver_live(), 0);
}

static void no_memory_left(void **state)
{
    (void)state;
    struct at_gpu *gpu = open_stand_in("");
    struct at_error error = {""};
    uint64_t address = 7;
    void *host = &address;
    ask("fail=cuMemAlloc_v2:2");
    assert_status(at_gpu_alloc(gpu, 3 << 19, &address, &error), &error, AT_ERR_MEMORY, "GPU 0: no 1.5 MiB of its own memory left");
    ask("fail=cuMemAllocHost_v2:2");
    assert_status(at_gpu_host_alloc(gpu, 1 << 20, &host, &error), &error, AT_ERR_MEMORY, "no 1.0 MiB of the host's pinned memory left");
    ask("fail=cuMemAlloc_v2:700");
    assert_status(at_gpu_alloc(gpu, 1 << 20, &address, &error), &error, AT_ERR_DEVICE, "memory cannot be had: CUDA_ERROR_ILLEGAL_ADDRESS");
    assert_true(address == 7 && host == &address);
    ask("");
    at_gpu_close(gpu);
}

/* Copies and zeros within the GPU's memory reach as far as they are told to. */
static void memory_on_the_gpu(void **state)
{
    (void)state;
    struct at_gpu *gpu = open_stand_in("");
    struct at_error error = {""};
    const char made[6] = {1, 2, 3, 4, 5, 6}, wanted[6] = {5, 6, (char)0xff, (char)0xff, 5, 6};
    char back[6];
    uint64_t address = 0;
    assert_int_equal(at_gpu_alloc(gpu, sizeof made, &address, NULL), AT_OK);
    assert_int_equal(at_gpu_copy_in(gpu, address, made, sizeof made, NULL), AT_OK);
    assert_int_equal(at_gpu_copy(gpu, address, address + 4, 2, NULL), AT_OK);
    assert_int_equal(at_gpu_fill(gpu, address + 2, 0xff, 2, NULL), AT_OK);
    assert_int_equal(at_gpu_copy_out(gpu, back, address, sizeof back, NULL), AT_OK);
    assert_memory_equal(back, wanted, sizeof wanted);
    assert_status(at_gpu_copy(gpu, address, address + 4, 3, &error), &error, AT_ERR_DEVICE, "copying on the GPU: CUDA_ERROR_INVALID_VALUE");
    assert_status(at_gpu_fill(gpu, address + 4, 0, 3, &error), &error, AT_ERR_DEVICE,
                  "filling memory of the GPU: CUDA_ERROR_INVALID_VALUE");
    at_gpu_free(gpu, address);
    at_gpu_close(gpu);
}

/* The stand-in refuses what the driver does: rows of a box beyond the swizzle's bytes, boxes beyond 256 rows, odd addresses and strides. */
static void maps_of_tensors(void **state)
{
    (void)state;
    static const struct {
        enum at_format format;
        int dim, box_rows;
        uint64_t address;
        bool good;
    } cases[] = {
        {AT_FP16, 64, 128, 0x1000, true},  {AT_BF16, 256, 64, 0x1000, true},   {AT_E4M3, 128, 256, 0x1000, true},
        {AT_E4M3, 64, 128, 0x1000, true},  {AT_E5M2, 256, 128, 0x1010, true},  {AT_FP16, 64, 257, 0x1000, false},
        {AT_FP16, 64, 128, 0x1008, false}, {AT_E4M3, 136, 128, 0x1000, false}, {AT_FP16, 64, 128, 0, false},
    };
    struct at_gpu *gpu = open_stand_in("");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct at_tensor tensor = {.format = cases[i].format, .batch = 2, .heads = 3, .seq = 40, .dim = cases[i].dim};
        struct at_gpu_map map;
        struct at_error error = {""};
        assert_status(at_gpu_map_tensor(gpu, &tensor, cases[i].address, cases[i].box_rows, &map, &error), &error,
                      cases[i].good ? AT_OK : AT_ERR_DEVICE, cases[i].good ? "" : "a tensor cannot be mapped for the copy engine");
    }
    at_gpu_close(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_there_and_back),
        cmocka_unit_test(no_memory_left),
        cmocka_unit_test(memory_on_the_gpu),
        cmocka_unit_test(maps_of_tensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
