/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Against the stand-in of support/fake_driver.h. With an argument: all probes, more outputs, and a fault at each launch. */
#include "kernels/probes/compare.h"

#include "../support/codes.h"
#include "../support/driver.h"
#include "kernels/twin/wgmma.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool thorough;

/* The least that can be asked for: one case of each use of each shape. */
enum { SHAPES = 32, USES = 3, LEAST_OUTPUTS = USES * AT_PROBE_ROWS * 8 * (SHAPES * (SHAPES + 1) / 2) };

static const struct at_probe *find(const char *name)
{
    const struct at_probe *probe;
    assert_int_equal(at_probe_find(name, &probe, NULL), AT_OK);
    return probe;
}

static struct at_probe_outcome run(const char *name, uint64_t seed, int64_t outputs, const char *asked)
{
    struct at_probe_outcome outcome = {.outputs = -1};
    struct at_error error = {""};
    struct at_gpu *gpu = open_stand_in(asked);
    const struct at_probe_request request = {.seed = seed, .outputs = outputs};
    if (at_probe_dots(find(name), gpu, &request, NULL, &outcome, &error))
        fail_msg("%s: %s", name, error.message);
    assert_int_equal(driver_live(), 2); /* context and module: all memory is given back */
    at_gpu_close(gpu);
    return outcome;
}

static void every_shape_and_place_gives_the_same_bits(void **state)
{
    (void)state;
    static const char *const names[] = {"wgmma-e5m2-e4m3", "wgmma-tf32", "wgmma-bf16", "wgmma-e4m3",
                                        "wgmma-e5m2", "wgmma-e4m3-e5m2", "wgmma-fp16"};
    for (size_t i = 0; i < (thorough ? 7 : 1); i++) {
        struct at_probe_outcome outcome = run(names[i], 1 + i, thorough ? 3000000 : 1, "");
        if (outcome.differing || outcome.first[0])
            fail_msg("%s: %lld differ: %s", names[i], (long long)outcome.differing, outcome.first);
        assert_true(thorough ? outcome.outputs >= 3000000 : outcome.outputs == LEAST_OUTPUTS);
        for (int n = 8; n <= 256; n += 8) {
            char kernel[64];
            snprintf(kernel, sizeof kernel, "probe_%s_n%d_shared", find(names[i])->code, n);
            assert_int_equal(driver_launched(kernel), 2); /* with the accumulator and without */
            snprintf(kernel, sizeof kernel, "probe_%s_n%d_registers", find(names[i])->code, n);
            assert_int_equal(driver_launched(kernel), 1);
        }
    }
}

/* One wrong bit in each launch: each is found, the first is told. */
static void a_flip_in_any_kernel_is_found(void **state)
{
    (void)state;
    struct at_probe_outcome outcome = run("wgmma-fp16", 5, 1, "wrong=flip nth=-1 at=511");
    assert_int_equal(outcome.outputs, LEAST_OUTPUTS);
    assert_int_equal(outcome.differing, SHAPES * USES);
    assert_non_null(strstr(outcome.first, "m64n8, A from shared memory, case 0, row 63, column 7: the GPU gives 0x"));
}

/* What the twin says of output `row`, `column` of a case without NaN and accumulator rules of its own: as the probe does it. */
static uint32_t twin_of(const char *name, uint64_t seed, int n, int64_t index, int row, int column, bool accumulate)
{
    static unsigned char a[AT_PROBE_ROWS * AT_PROBE_ROW_BYTES], b[AT_PROBE_MOST_COLUMNS * AT_PROBE_ROW_BYTES];
    static float c[AT_PROBE_ROWS * AT_PROBE_MOST_COLUMNS];
    const struct at_probe *probe = find(name);
    float x[32], y[32];
    int depth = at_wgmma_depth(probe->a);
    at_probe_case(probe, seed, n, index, a, b, c);
    at_probe_decode(probe->a, a + row * AT_PROBE_ROW_BYTES, depth, x);
    at_probe_decode(probe->b, b + column * AT_PROBE_ROW_BYTES, depth, y);
    return bits_of(at_wgmma_dot(probe->a, probe->b, x, y, 1, accumulate ? c[row * n + column] : 0));
}

/* Launch by launch, the place of a flipped bit is told exactly, and that it is one. */
static void a_flip_is_located(void **state)
{
    (void)state;
    static const char *const uses[] = {"A from shared memory", "A from registers", "without the accumulator"};
    for (int i = 0; i < (thorough ? SHAPES * USES : 1); i++) {
        int launch = thorough ? i : 53, n = 8 * (launch / USES + 1), use = launch % USES, row = (7 * launch + 3) % 64;
        int column = (5 * launch + 2) % n;
        char asked[64], wanted[256];
        snprintf(asked, sizeof asked, "wrong=flip nth=%d at=%d", launch, row * n + column);
        uint32_t twin = twin_of("wgmma-tf32", 9, n, use, row, column, use < 2); /* the case's number is the use: there is one each */
        struct at_probe_outcome outcome = run("wgmma-tf32", 9, 1, asked);
        snprintf(wanted, sizeof wanted, "m64n%d, %s, case %d, row %d, column %d: the GPU gives 0x%08x, the twin 0x%08x", n, uses[use], use,
                 row, column, twin ^ 1, twin);
        assert_string_equal(outcome.first, wanted);
        assert_int_equal(outcome.differing, 1);
    }
}

/* The second and later cases of a launch are numbered on. */
static void a_later_case_is_located(void **state)
{
    (void)state;
    enum { N = 8, AT = AT_PROBE_ROWS * N + 5 * N + 6, OUTPUTS = SHAPES * 3 * AT_PROBE_ROWS * N }; /* 2, 2 and 1 cases of n = 8 */
    char asked[64], wanted[256];
    snprintf(asked, sizeof asked, "wrong=flip nth=1 at=%d", AT);
    uint32_t twin = twin_of("wgmma-e4m3", 2, N, 3, 5, 6, true);
    struct at_probe_outcome outcome = run("wgmma-e4m3", 2, OUTPUTS, asked);
    snprintf(wanted, sizeof wanted, "m64n8, A from registers, case 3, row 5, column 6: the GPU gives 0x%08x, the twin 0x%08x", twin ^ 1,
             twin);
    assert_string_equal(outcome.first, wanted);
    assert_int_equal(outcome.differing, 1);
    assert_true(outcome.outputs >= OUTPUTS);
}

/* The payload of a NaN, the sign of a zero, an output that is not written, rows that are exchanged. */
static void nothing_small_passes(void **state)
{
    (void)state;
    struct at_probe_outcome outcome = run("wgmma-bf16", 1, 1, "wrong=nan");
    assert_int_equal(outcome.differing, 1);
    assert_non_null(strstr(outcome.first, "the GPU gives 0x7fc00000, the twin 0x7fffffff"));
    outcome = run("wgmma-bf16", 1, 1, "wrong=short nth=95");
    assert_int_equal(outcome.differing, 1);
    assert_non_null(strstr(outcome.first, "m64n256, without the accumulator, case 2, row 63, column 255: the GPU gives 0xffffffff, the"));
    /* Of ten cases of n = 8 the numbers 5 to 8 are the second launch's; in number 6 the products cancel. */
    outcome = run("wgmma-e4m3", 1, SHAPES * 10 * AT_PROBE_ROWS * 8, "wrong=zero nth=1 at=512");
    assert_int_equal(outcome.differing, 1);
    assert_non_null(
        strstr(outcome.first, "m64n8, A from registers, case 6, row 0, column 0: the GPU gives 0x80000000, the twin 0x00000000"));
    int64_t unequal = 0;
    for (int j = 0; j < 8; j++)
        unequal += twin_of("wgmma-bf16", 1, 8, 1, 0, j, true) != twin_of("wgmma-bf16", 1, 8, 1, 1, j, true);
    assert_true(unequal > 1);
    outcome = run("wgmma-bf16", 1, 1, "wrong=rows nth=1");
    assert_int_equal(outcome.differing, 2 * unequal);
    assert_non_null(strstr(outcome.first, "m64n8, A from registers, case 1, row 0, column "));
}

static void what_the_driver_refuses_is_a_failure(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        enum at_status status;
        const char *words;
    } cases[] = {
        {"fail=cuLaunchKernel:700 kernel=probe_e4m3_e4m3_n8_registers", AT_ERR_DEVICE,
         "probe_e4m3_e4m3_n8_registers: CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access"},
        {"fail=cuModuleGetFunction:500", AT_ERR_DEVICE, "probe_e4m3_e4m3_n8_shared: CUDA_ERROR_NOT_FOUND"},
        {"fail=cuMemAlloc_v2:2", AT_ERR_MEMORY, "GPU 0: no 8.0 MiB of its own memory left"},
        {"fail=cuMemAlloc_v2:2 nth=3", AT_ERR_MEMORY, "of its own memory left"},
        {"fail=cuMemAllocHost_v2:2 nth=1", AT_ERR_MEMORY, "GPU 0: no 1.0 MiB of the host's pinned memory left"},
        {"fail=cuMemcpyHtoD_v2:700 nth=3", AT_ERR_DEVICE, "copying to the GPU: CUDA_ERROR_ILLEGAL_ADDRESS"},
        {"fail=cuMemcpyDtoH_v2:700", AT_ERR_DEVICE, "copying from the GPU: CUDA_ERROR_ILLEGAL_ADDRESS"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_probe_outcome outcome = {.outputs = -1};
        struct at_error error = {""};
        struct at_gpu *gpu = open_stand_in(cases[i].asked);
        const struct at_probe_request request = {.seed = 1, .outputs = 1};
        assert_status(at_probe_dots(find("wgmma-e4m3"), gpu, &request, NULL, &outcome, &error), &error, cases[i].status, cases[i].words);
        assert_int_equal(outcome.outputs, -1);
        assert_int_equal(driver_live(), 2);
        at_gpu_close(gpu);
    }
}

int main(int argc, char **argv)
{
    (void)argv;
    thorough = argc > 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_and_place_gives_the_same_bits),
        cmocka_unit_test(a_flip_in_any_kernel_is_found),
        cmocka_unit_test(a_flip_is_located),
        cmocka_unit_test(a_later_case_is_located),
        cmocka_unit_test(nothing_small_passes),
        cmocka_unit_test(what_the_driver_refuses_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
