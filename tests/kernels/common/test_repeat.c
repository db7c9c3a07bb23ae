/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/repeat.h"

#include "../support/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Every pair of lengths, and nothing beyond them. */
static void bytes_are_repeated(void **state)
{
    (void)state;
    enum { ROOM = 40 };
    struct at_gpu *gpu = open_stand_in("");
    struct at_error error = {""};
    uint64_t address;
    assert_status(at_gpu_alloc(gpu, ROOM, &address, &error), &error, AT_OK, "");
    for (size_t bytes = 1; bytes <= 9; bytes++)
        for (size_t total = bytes; total < ROOM; total++) {
            unsigned char first[ROOM], got[ROOM];
            memset(first, 0xee, sizeof first);
            for (size_t i = 0; i < bytes; i++)
                first[i] = (unsigned char)(i + 1);
            assert_status(at_gpu_copy_in(gpu, address, first, ROOM, &error), &error, AT_OK, "");
            assert_status(at_gpu_repeat(gpu, address, bytes, total, &error), &error, AT_OK, "");
            assert_status(at_gpu_copy_out(gpu, got, address, ROOM, &error), &error, AT_OK, "");
            for (size_t i = 0; i < ROOM; i++)
                assert_int_equal(got[i], i < total ? i % bytes + 1 : 0xee);
        }
    ask("fail=cuMemcpyDtoD_v2:700");
    assert_status(at_gpu_repeat(gpu, address, 1, 2, &error), &error, AT_ERR_DEVICE, "copying on the GPU");
    assert_status(at_gpu_repeat(gpu, address, 2, 2, &error), &error, AT_OK, "");
    ask("");
    at_gpu_free(gpu, address);
    at_gpu_close(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_are_repeated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
