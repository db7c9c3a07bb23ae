/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/device.h"

#include "../../kernels/support/driver.h"
#include "draw.h"
#include "oracles/fp64_sm90/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* On the stand-in for the driver, which has no fp64 kernel: whatever fails is told in one line, and nothing is left behind. */
static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *entry;
        int result, calls; /* calls of it that a batch makes */
        enum at_status status;
        const char *words;
    } faults[] = {{"cuMemAlloc_v2", 2, 9, AT_ERR_MEMORY, "of its own memory left"},
                  {"cuMemAlloc_v2", 700, 9, AT_ERR_DEVICE, "memory cannot be had"},
                  {"cuMemcpyHtoD_v2", 700, 6, AT_ERR_DEVICE, "copying to the GPU"},
                  {"cuModuleGetFunction", 500, 1, AT_ERR_DEVICE, "fp64_sums_d64: CUDA_ERROR"}};
    struct draw draw;
    struct at_fp64_batch batch;
    draw_shape(&draw, DRAW_FP16, 8, 64, 40, 150, false, 8);
    assert_int_equal(at_fp64_batch_init(&batch, &draw.head, 1, true, false, NULL), AT_OK);
    struct at_gpu *gpu = open_stand_in("");
    int before = driver_live();
    for (size_t f = 0; f < sizeof faults / sizeof faults[0]; f++)
        for (int nth = 0; nth < faults[f].calls; nth++) {
            char words[80];
            struct at_error error = {""};
            snprintf(words, sizeof words, "fail=%s:%d nth=%d", faults[f].entry, faults[f].result, nth);
            ask(words);
            assert_status(at_fp64_device_run(gpu, &batch.task, &batch.arrays, &error), &error, faults[f].status, faults[f].words);
            ask("");
            assert_int_equal(driver_live(), before);
        }
    at_gpu_close(gpu);
    at_fp64_batch_done(&batch);
    draw_done(&draw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
