/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench_ceiling.h"

#include "bench_fixture.h"
#include "tests/kernels/support/driver.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void each_is_timed_and_its_work_known(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_bench_ceilings c;
    struct at_bench_round round;
    struct at_error error = {""}, no_product = {""};
    size_t version = 0;
    bench_fixture_init(&f, "");
    struct at_gpu *gpu = open_stand_in("");
    int live = driver_live();
    assert_status(at_bench_ceilings_init(gpu, &f.request, &c, &version, &no_product, &error), &error, AT_OK, "");
    assert_int_equal(version, 130100);
    assert_status(at_bench_ceilings_time(&c, &f.request.pace, &round, &error), &error, AT_OK, "");
    for (int i = 0; i < AT_CEILING_COUNT; i++)
        assert_true(round.time[i].median_ns > 0);
    assert_memory_equal((void *)(uintptr_t)c.from, (void *)(uintptr_t)c.to, f.request.copy_bytes); /* it was copied, and it is not 0 */
    static const char zeros[64];
    assert_memory_not_equal((void *)(uintptr_t)c.to, zeros, sizeof zeros);
    at_bench_ceilings_done(&c);
    assert_int_equal(driver_live(), live);
    at_gpu_close(gpu);
    assert_true(at_bench_ceiling_work(&f.request, AT_CEILING_BF16) == 2.0 * 32 * 32 * 32);
    assert_true(at_bench_ceiling_work(&f.request, AT_CEILING_E4M3) == 2.0 * 32 * 32 * 32);
    assert_true(at_bench_ceiling_work(&f.request, AT_CEILING_COPY) == 2.0 * (1 << 16));
}

/* Without products of one kind there are none of the other: the copy remains, and the reason. */
static void without_products(void **state)
{
    (void)state;
    static const char *const faults[] = {"fail=cublasLtCreate:1", "fail=cublasLtMatmulAlgoGetHeuristic:15 nth=1", "algorithms=0"};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct bench_fixture f;
        struct at_bench_ceilings c;
        struct at_bench_round round;
        struct at_error error = {""}, no_product = {""};
        size_t version = 0;
        bench_fixture_init(&f, "");
        struct at_gpu *gpu = open_stand_in("");
        int live = driver_live();
        ask(faults[i]);
        assert_status(at_bench_ceilings_init(gpu, &f.request, &c, &version, &no_product, &error), &error, AT_OK, "");
        ask("");
        assert_int_equal(version, 0);
        assert_non_null(strstr(no_product.message, "cuBLASLt: CUBLAS_STATUS_"));
        assert_status(at_bench_ceilings_time(&c, &f.request.pace, &round, &error), &error, AT_OK, "");
        assert_true(isnan(round.time[AT_CEILING_BF16].median_ns) && isnan(round.time[AT_CEILING_E4M3].median_ns));
        assert_true(round.time[AT_CEILING_COPY].median_ns > 0);
        at_bench_ceilings_done(&c);
        assert_int_equal(driver_live(), live);
        at_gpu_close(gpu);
    }
}

static void failures_leave_nothing(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_bench_ceilings c;
    struct at_bench_round round = {.time = {{.launches = -7}}};
    struct at_error error = {""}, no_product = {""};
    size_t version;
    bench_fixture_init(&f, "");
    struct at_gpu *gpu = open_stand_in("");
    int live = driver_live();
    ask("fail=cuMemAlloc_v2:2 nth=8"); /* each product has four: the copy's first */
    assert_status(at_bench_ceilings_init(gpu, &f.request, &c, &version, &no_product, &error), &error, AT_ERR_MEMORY, "MiB");
    at_bench_ceilings_done(&c);
    ask("");
    assert_int_equal(driver_live(), live);
    assert_status(at_bench_ceilings_init(gpu, &f.request, &c, &version, &no_product, &error), &error, AT_OK, "");
    ask("fail=cuMemcpyDtoD_v2:700");
    assert_status(at_bench_ceilings_time(&c, &f.request.pace, &round, &error), &error, AT_ERR_DEVICE, "copying on the GPU");
    assert_int_equal(round.time[0].launches, -7);
    ask("");
    at_bench_ceilings_done(&c);
    at_gpu_close(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_timed_and_its_work_known),
        cmocka_unit_test(without_products),
        cmocka_unit_test(failures_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
