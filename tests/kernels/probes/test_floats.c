/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Against the stand-in of support/fake_driver.h. */
#include "kernels/probes/compare.h"

#include "../support/codes.h"
#include "../support/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Launches of a walk, and how far apart they begin. */
enum { LAUNCHES = 1024, STRIDE = 1 << 22 };

static const struct at_probe *find(const char *name)
{
    const struct at_probe *probe;
    assert_int_equal(at_probe_find(name, &probe, NULL), AT_OK);
    return probe;
}

static struct at_probe_outcome run(const char *name, int64_t floats, const char *asked)
{
    struct at_probe_outcome outcome = {.outputs = -1};
    struct at_error error = {""};
    struct at_gpu *gpu = open_stand_in(asked);
    const struct at_probe_request request = {.floats = floats};
    if (at_probe_floats(find(name), gpu, &request, NULL, &outcome, &error))
        fail_msg("%s: %s", name, error.message);
    assert_int_equal(driver_live(), 2); /* context and module: all memory is given back */
    at_gpu_close(gpu);
    return outcome;
}

static void every_probe_walks_all_exponents(void **state)
{
    (void)state;
    for (size_t i = 0; i < at_probe_count; i++) {
        char kernel[64];
        if (!at_probes[i]->twin)
            continue;
        struct at_probe_outcome outcome = run(at_probes[i]->name, 200 * LAUNCHES, "");
        if (outcome.differing || outcome.first[0])
            fail_msg("%s: %lld differ: %s", at_probes[i]->name, (long long)outcome.differing, outcome.first);
        assert_int_equal(outcome.outputs, 200 * LAUNCHES);
        snprintf(kernel, sizeof kernel, "probe_%s", at_probes[i]->code);
        assert_int_equal(driver_launched(kernel), LAUNCHES);
        assert_int_equal(run(at_probes[i]->name, 1, "").outputs, LAUNCHES); /* at least what was asked */
    }
}

/* All 2^32: as many launches, each of as much memory as lies between two beginnings. */
static void the_whole_walk_leaves_no_gap(void **state)
{
    (void)state;
    struct at_error error = {""};
    struct at_probe_outcome outcome;
    char wanted[64];
    const struct at_probe_request all = {.floats = (int64_t)1 << 32};
    struct at_gpu *gpu = open_stand_in("fail=cuMemAlloc_v2:2");
    snprintf(wanted, sizeof wanted, "no %.1f MiB of its own memory", STRIDE * sizeof(uint32_t) / 0x1p20);
    assert_status(at_probe_floats(find("ex2"), gpu, &all, NULL, &outcome, &error), &error, AT_ERR_MEMORY, wanted);
    at_gpu_close(gpu);
    assert_true((int64_t)LAUNCHES * STRIDE == (int64_t)1 << 32);
    for (int launch = 0; launch < LAUNCHES; launch += 341) {
        char asked[64];
        snprintf(asked, sizeof asked, "wrong=flip nth=%d", launch);
        snprintf(wanted, sizeof wanted, "of 0x%08x the GPU", (unsigned)launch * (unsigned)STRIDE);
        outcome = run("cvt-bf16", 1, asked);
        assert_int_equal(outcome.differing, 1);
        assert_non_null(strstr(outcome.first, wanted));
    }
}

static void a_difference_is_located(void **state)
{
    (void)state;
    char wanted[256];
    for (size_t i = 0; i < at_probe_count; i++) {
        if (!at_probes[i]->twin)
            continue;
        struct at_probe_outcome outcome = run(at_probes[i]->name, 64 * LAUNCHES, "wrong=flip nth=255 at=37");
        uint32_t input = 255 * (uint32_t)STRIDE + 37, twin = at_probes[i]->twin(float_of(input));
        snprintf(wanted, sizeof wanted, "of 0x%08x the GPU gives 0x%08x, the twin 0x%08x", input, twin ^ 1, twin);
        assert_string_equal(outcome.first, wanted);
        assert_int_equal(outcome.differing, 1);
        outcome = run(at_probes[i]->name, 64 * LAUNCHES, "wrong=flip nth=-1 at=63");
        assert_int_equal(outcome.differing, LAUNCHES);
        assert_non_null(strstr(outcome.first, "of 0x0000003f the GPU"));
    }
}

/* An output that is not written: what the launch before left there would be right where a conversion saturates. */
static void nothing_small_passes(void **state)
{
    (void)state;
    struct at_probe_outcome outcome = run("ex2", 64 * LAUNCHES, "wrong=nan nth=511"); /* 0x7fc00000 and above are NaN */
    assert_string_equal(outcome.first, "of 0x7fc00000 the GPU gives 0x7fc00000, the twin 0x7fffffff");
    assert_int_equal(outcome.differing, 1);
    outcome = run("ex2", 64 * LAUNCHES, "wrong=zero nth=1000"); /* very negative: 0 */
    assert_non_null(strstr(outcome.first, "the GPU gives 0x80000000, the twin 0x00000000"));
    assert_int_equal(outcome.differing, 1);
    for (size_t i = 0; i < at_probe_count; i++)
        if (at_probes[i]->twin) {
            outcome = run(at_probes[i]->name, 8 * LAUNCHES, "wrong=short nth=-1");
            assert_int_equal(outcome.differing, LAUNCHES);
            assert_non_null(strstr(outcome.first, "of 0x00000007 the GPU gives 0xffffffff, the twin"));
        }
}

static void what_the_driver_refuses_is_a_failure(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        enum at_status status;
        const char *words;
    } cases[] = {
        {"fail=cuLaunchKernel:700", AT_ERR_DEVICE, "probe_lg2: CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access"},
        {"fail=cuCtxSynchronize:700 nth=7", AT_ERR_DEVICE, "probe_lg2: CUDA_ERROR_ILLEGAL_ADDRESS"},
        {"fail=cuMemAlloc_v2:2", AT_ERR_MEMORY, "MiB of its own memory left"},
        {"fail=cuMemAllocHost_v2:2", AT_ERR_MEMORY, "MiB of the host's pinned memory left"},
        {"fail=cuMemAllocHost_v2:2 nth=1", AT_ERR_MEMORY, "MiB of the host's pinned memory left"},
        {"fail=cuMemcpyHtoD_v2:700", AT_ERR_DEVICE, "copying to the GPU: CUDA_ERROR_ILLEGAL_ADDRESS"},
        {"fail=cuMemcpyDtoH_v2:700", AT_ERR_DEVICE, "copying from the GPU: CUDA_ERROR_ILLEGAL_ADDRESS"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_probe_outcome outcome = {.outputs = -1};
        struct at_error error = {""};
        struct at_gpu *gpu = open_stand_in(cases[i].asked);
        const struct at_probe_request request = {.floats = LAUNCHES};
        assert_status(at_probe_floats(find("lg2"), gpu, &request, NULL, &outcome, &error), &error, cases[i].status, cases[i].words);
        assert_int_equal(outcome.outputs, -1);
        assert_int_equal(driver_live(), 2);
        at_gpu_close(gpu);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_probe_walks_all_exponents),
        cmocka_unit_test(the_whole_walk_leaves_no_gap),
        cmocka_unit_test(a_difference_is_located),
        cmocka_unit_test(nothing_small_passes),
        cmocka_unit_test(what_the_driver_refuses_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
