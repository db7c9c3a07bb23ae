/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * What is refused, what is allocated, what is launched first, and what a failure leaves behind: on the stand-in for the driver, which knows
 * no prepare kernel. That the kernels have at_prepare's bits is for emulated_prepare and gpu_prepare to show.
 */
#include "kernels/prepare/sm90/prepare_cuda.h"

#include "../../support/driver.h"

#include "kernels/prepare/sm90/config.h"
#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_problem plain = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 5, .seq_k = 300, .dim = 64};

static struct at_numerics resolved(const char *spelled, const struct at_problem *p)
{
    struct at_variant_choice choice;
    struct at_numerics numerics;
    struct at_error error = {""};
    if (at_variant_choose(spelled, &choice, &error) || at_numerics_resolve(&choice.numerics, p, &numerics, &error))
        fail_msg("%s", error.message);
    return numerics;
}

/* Everything the variants ask for but smoothed queries, and what the kernels' shared memory leaves room for. */
static void what_it_prepares(void **state)
{
    (void)state;
    for (size_t i = 0; i < at_variant_count; i++)
        for (int64_t dim = 64; dim <= 256; dim *= 2) {
            struct at_problem p = plain;
            struct at_error error = {""};
            p.dim = dim;
            struct at_numerics n = resolved(at_variants[i]->name, &p);
            if (at_prepare_gpu_check(&n, &p, &error) != AT_OK)
                fail_msg("%s", error.message);
            for (int rows = AT_PREPARE_GROUP_ROWS(dim); rows <= AT_PREPARE_ROWS; rows *= 2) {
                assert_true(AT_PREPARE_SHARED(dim, rows) <= 227 << 10);
                assert_true(AT_PREPARE_BLOCKS(dim, rows) * AT_PREPARE_THREADS(dim, rows) * 128 <= 65536);
            }
        }
}

static void what_it_refuses(void **state)
{
    (void)state;
    struct at_error error = {""};
    struct at_numerics n = resolved("fa3-fp8", &plain), smooth = resolved("fp8:smooth=q", &plain);
    struct at_problem narrow = plain, large = plain;
    narrow.dim = 32;
    large.batch = INT32_MAX;
    assert_status(at_prepare_gpu_check(&n, &narrow, &error), &error, AT_ERR_UNSUPPORTED, "head dimension 32");
    assert_status(at_prepare_gpu_check(&smooth, &plain, &error), &error, AT_ERR_UNSUPPORTED, "q.smooth=mean");
    assert_status(at_prepare_gpu_check(&n, &large, &error), &error, AT_ERR_UNSUPPORTED, "2147483647 batches");
    large.batch = 1;
    large.seq_k = INT64_MAX / 4;
    assert_status(at_prepare_gpu_check(&n, &large, &error), &error, AT_ERR_UNSUPPORTED, "rows");
}

/* Numbers of tiles where scales reach across them, numbers of columns for means and channel scales, nothing else. */
static void work_is_that_of_the_numerics(void **state)
{
    (void)state;
    static const struct {
        const char *spelled;
        int arrays;
    } cases[] = {{"fa3-fp16", 0}, {"fa3-fp8", 1}, {"fp8-block128", 0}, {"fp8-smooth-kv", 2}, {"fp8:scale=token,v.scale=channel", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_numerics n = resolved(cases[i].spelled, &plain);
        struct at_prepare_work work;
        struct at_error error = {""};
        struct at_gpu *gpu = open_stand_in("");
        int live = driver_live();
        assert_status(at_prepare_work_init(gpu, &plain, &n, &work, &error), &error, AT_OK, "");
        assert_int_equal(driver_live(), live + cases[i].arrays);
        for (int j = 0; work.slots && j < 3; j++)
            assert_true(((const uint64_t *)(uintptr_t)work.slots)[j] == 0);
        at_prepare_work_done(&work);
        at_prepare_work_done(&work);
        assert_int_equal(driver_live(), live);
        at_gpu_close(gpu);
    }
}

static void a_failure_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *fault;
        enum at_status status;
    } cases[] = {
        {"fail=cuMemAlloc_v2:2", AT_ERR_MEMORY}, {"fail=cuMemAlloc_v2:2 nth=1", AT_ERR_MEMORY}, {"fail=cuMemsetD8_v2:700", AT_ERR_DEVICE}};
    struct at_numerics n = resolved("fp8-smooth-kv", &plain);
    struct at_gpu *gpu = open_stand_in("");
    int live = driver_live();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_prepare_work work = {.gpu = NULL};
        struct at_error error = {""};
        ask(cases[i].fault);
        assert_status(at_prepare_work_init(gpu, &plain, &n, &work, &error), &error, cases[i].status, "");
        assert_null(work.gpu);
        assert_int_equal(driver_live(), live);
    }
    ask("");
    at_gpu_close(gpu);
}

/* The kernel that is asked for first is the one that the message names: the stand-in has none of them. */
static void what_is_launched(void **state)
{
    (void)state;
    static const struct {
        const char *spelled, *first;
    } cases[] = {{"fa3-fp8", "prepare_groups_plain_d64_r128"},
                 {"fp8-smooth-kv", "prepare_columns_d64_r128"},
                 {"fp8-block128", "prepare_codes_plain_d64_r128"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_numerics n = resolved(cases[i].spelled, &plain);
        struct at_device_inputs inputs = {{256, AT_FP16}, {512, AT_FP16}, {1024, AT_FP16}};
        struct at_device_operands operands;
        struct at_prepare_work work;
        struct at_error error = {""};
        struct at_gpu *gpu = open_stand_in("");
        int live = driver_live();
        assert_int_equal(at_device_operands_init(gpu, &plain, &n, &operands, &error), AT_OK);
        assert_int_equal(at_prepare_work_init(gpu, &plain, &n, &work, &error), AT_OK);
        assert_status(at_prepare_on_gpu(&inputs, &operands, &work, &error), &error, AT_ERR_DEVICE, cases[i].first);
        inputs.q.codes = 264;
        assert_status(at_prepare_one_on_gpu(0, &inputs, &operands, &work, &error), &error, AT_ERR_ARGUMENT, "Q at 0x108");
        /* before anything of K, which comes first, is launched */
        assert_status(at_prepare_on_gpu(&inputs, &operands, &work, &error), &error, AT_ERR_ARGUMENT, "Q at 0x108");
        operands.problem.dim = 32;
        assert_status(at_prepare_on_gpu(&inputs, &operands, &work, &error), &error, AT_ERR_UNSUPPORTED, "head dimension 32");
        at_prepare_work_done(&work);
        at_device_operands_done(&operands);
        assert_int_equal(driver_live(), live);
        at_gpu_close(gpu);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_prepares),         cmocka_unit_test(what_it_refuses),  cmocka_unit_test(work_is_that_of_the_numerics),
        cmocka_unit_test(a_failure_leaves_nothing), cmocka_unit_test(what_is_launched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
