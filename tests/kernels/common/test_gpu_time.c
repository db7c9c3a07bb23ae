/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* On the stand-in, whose events are the time at which they were recorded. */
#include "kernels/common/gpu.h"

#include "../support/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

/* What is enqueued takes this long; from call `failing` on, counted from 0, it fails. */
enum { PAUSE_NS = 2000000 };
struct enqueued {
    int calls, failing;
};

static enum at_status enqueue(void *context, struct at_error *error)
{
    struct enqueued *e = context;
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    if (e->calls++ >= e->failing)
        return at_fail(error, AT_ERR_UNSUPPORTED, "enqueued once too often");
    nanosleep(&pause, NULL);
    return AT_OK;
}

static void each_call_is_timed(void **state)
{
    (void)state;
    struct at_gpu *gpu = open_stand_in("");
    int live = driver_live();
    struct enqueued e = {0, 100};
    double time_ns[4] = {-1, -1, -1, -1};
    assert_int_equal(at_gpu_time(gpu, enqueue, &e, 3, time_ns, NULL), AT_OK);
    assert_int_equal(e.calls, 3);
    for (int i = 0; i < 3; i++)
        assert_true(time_ns[i] >= PAUSE_NS * (1 - 0x1p-22)); /* the driver's milliseconds are fp32 */
    assert_true(time_ns[3] == -1);
    assert_int_equal(driver_live(), live);
    at_gpu_close(gpu);
}

static void what_goes_wrong(void **state)
{
    (void)state;
    static const char *const faults[] = {"fail=cuEventCreate:2", "fail=cuEventCreate:2 nth=1", "fail=cuEventRecord:700",
                                         "fail=cuEventRecord:700 nth=1", "fail=cuEventSynchronize:700", "fail=cuEventElapsedTime:700"};
    struct at_gpu *gpu = open_stand_in("");
    struct at_error error = {""};
    int live = driver_live();
    double time_ns[3];
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct enqueued e = {0, 100};
        ask(faults[i]);
        assert_status(at_gpu_time(gpu, enqueue, &e, 2, time_ns, &error), &error, AT_ERR_DEVICE, "timing the GPU's work: CUDA_ERROR_");
        assert_int_equal(driver_live(), live);
    }
    ask("");
    struct enqueued e = {0, 1};
    assert_status(at_gpu_time(gpu, enqueue, &e, 3, time_ns, &error), &error, AT_ERR_UNSUPPORTED, "enqueued once too often");
    assert_int_equal(e.calls, 2);
    assert_int_equal(driver_live(), live);
    at_gpu_close(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_is_timed), cmocka_unit_test(what_goes_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
