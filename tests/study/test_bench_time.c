/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench_time.h"

#include "tests/kernels/support/driver.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

/* "Launches" that take a known time of the clock that the stand-in's events read. */
struct work {
    int64_t calls, fail_at;
    long pause_ns;
};

static enum at_status enqueue(void *context, struct at_error *error)
{
    struct work *work = context;
    const struct timespec pause = {.tv_nsec = work->pause_ns};
    if (work->calls++ == work->fail_at)
        return at_fail(error, AT_ERR_DEVICE, "the launch failed");
    if (work->pause_ns)
        nanosleep(&pause, NULL);
    return AT_OK;
}

static struct at_bench_time measure(struct work *work, int repeats)
{
    struct at_gpu *gpu = open_stand_in("");
    const struct at_bench_pace pace = {repeats, 50e6, 1e6};
    struct at_bench_time time;
    struct at_error error = {""};
    assert_status(at_bench_measure_time(gpu, enqueue, work, &pace, &time, &error), &error, AT_OK, "");
    at_gpu_close(gpu);
    return time;
}

static void quartiles_are_ordered_and_those_of_one_launch(void **state)
{
    (void)state;
    struct work slow = {.fail_at = -1, .pause_ns = 2000000};
    struct at_bench_time t = measure(&slow, 5);
    assert_int_equal(t.launches, 1);
    assert_true(t.min_ns >= 2e6 && t.min_ns <= t.low_ns && t.low_ns <= t.median_ns && t.median_ns <= t.high_ns && t.high_ns <= t.max_ns);
    assert_true(slow.calls >= 3 + 1 + 5);
}

/* A launch that is over in no time is made in bursts: what one costs the host then does not show. */
static void short_launches_come_in_bursts(void **state)
{
    (void)state;
    struct work fast = {.fail_at = -1};
    struct at_bench_time t = measure(&fast, 20);
    assert_int_equal(t.launches, 64);
    assert_true(t.median_ns > 0 && t.median_ns < 1e6);
    assert_true(fast.calls > 3 + 20 * 64);
    struct work half = {.fail_at = -1, .pause_ns = 300000};
    t = measure(&half, 3);
    assert_true(t.launches >= 1 && t.launches <= 4 && t.min_ns >= 3e5);
}

/* Launches for the 50 ms asked for come before the first that counts. */
static void the_gpu_is_warmed_up(void **state)
{
    (void)state;
    struct work work = {.fail_at = -1, .pause_ns = 5000000};
    measure(&work, 2);
    assert_true(work.calls >= 3 + 2 + 5);
}

static void failures_leave_the_result_alone(void **state)
{
    (void)state;
    static const int64_t at[] = {0, 4, 20};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        struct at_gpu *gpu = open_stand_in("");
        struct work work = {.fail_at = at[i], .pause_ns = 4000000};
        const struct at_bench_pace pace = {20, 50e6, 1e6};
        struct at_bench_time time = {.launches = -7};
        struct at_error error = {""};
        assert_status(at_bench_measure_time(gpu, enqueue, &work, &pace, &time, &error), &error, AT_ERR_DEVICE, "the launch failed");
        assert_int_equal(time.launches, -7);
        at_gpu_close(gpu);
    }
    assert_true(isnan(at_bench_no_time().median_ns) && at_bench_no_time().launches == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quartiles_are_ordered_and_those_of_one_launch),
        cmocka_unit_test(short_launches_come_in_bursts),
        cmocka_unit_test(the_gpu_is_warmed_up),
        cmocka_unit_test(failures_leave_the_result_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
