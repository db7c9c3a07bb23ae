/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* On the stand-in for the driver, which knows no prepare kernel: what is asked of them. Their bits are the prepare tests' to show. */
#include "study/bench_prepare.h"

#include "kernels/prepare/sm90/prepare_cuda.h"
#include "kernels/variants/variant.h"
#include "tests/kernels/support/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct at_problem problem = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 5, .seq_k = 300, .dim = 64};

static struct at_numerics resolved(const char *spelled)
{
    struct at_variant_choice choice;
    struct at_numerics numerics;
    struct at_error error = {""};
    if (at_variant_choose(spelled, &choice, &error) || at_numerics_resolve(&choice.numerics, &problem, &numerics, &error))
        fail_msg("%s", error.message);
    return numerics;
}

static void what_it_takes(void **state)
{
    (void)state;
    struct at_numerics n = resolved("fa3-fp8"), smooth = resolved("fp8:smooth=q");
    struct at_problem narrow = problem;
    struct at_error error = {""};
    narrow.dim = 32;
    assert_ptr_equal(at_bench_preparer.image, &at_prepare_image);
    assert_int_equal(at_bench_preparer.check(&n, &problem, &error), AT_OK);
    assert_status(at_bench_preparer.check(&n, &narrow, &error), &error, AT_ERR_UNSUPPORTED, "head dimension 32");
    assert_status(at_bench_preparer.check(&smooth, &problem, &error), &error, AT_ERR_UNSUPPORTED, "q.smooth=mean");
}

/* Each of the inputs is handed on, in its format: one that is not aligned is refused by its name, the first is launched. */
static void inputs_are_handed_on(void **state)
{
    (void)state;
    static const struct {
        uint64_t q, k, v;
        enum at_status status;
        const char *words;
    } cases[] = {
        {512, 1032, 2048, AT_ERR_ARGUMENT, "K at 0x408"},
        {520, 1024, 2048, AT_ERR_ARGUMENT, "Q at 0x208"},
        {512, 1024, 2048, AT_ERR_DEVICE, "prepare_"}, /* the stand-in has no such kernel */
    };
    struct at_numerics n = resolved("fa3-fp8");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_gpu *gpu = open_stand_in("");
        int live = driver_live();
        struct at_device_operands operands;
        struct at_error error = {""};
        void *preparing = NULL;
        const struct at_bench_inputs in = {gpu, problem, AT_BF16, cases[i].q, cases[i].k, cases[i].v};
        assert_int_equal(at_device_operands_init(gpu, &problem, &n, &operands, &error), AT_OK);
        assert_int_equal(at_bench_preparer.open(&in, &n, &preparing, &error), AT_OK);
        assert_status(at_bench_preparer.start(preparing, &operands, &error), &error, cases[i].status, cases[i].words);
        at_bench_preparer.close(preparing);
        at_device_operands_done(&operands);
        assert_int_equal(driver_live(), live);
        at_gpu_close(gpu);
    }
}

static void a_failure_leaves_nothing(void **state)
{
    (void)state;
    struct at_numerics n = resolved("fa3-fp8"), smooth = resolved("fp8:smooth=q");
    struct at_gpu *gpu = open_stand_in("");
    const struct at_bench_inputs in = {gpu, problem, AT_FP16, 512, 1024, 2048};
    int live = driver_live();
    struct at_error error = {""};
    void *preparing = NULL;
    ask("fail=cuMemAlloc_v2:2");
    assert_status(at_bench_preparer.open(&in, &n, &preparing, &error), &error, AT_ERR_MEMORY, "of its own memory left");
    ask("");
    assert_status(at_bench_preparer.open(&in, &smooth, &preparing, &error), &error, AT_ERR_UNSUPPORTED, "q.smooth=mean");
    assert_null(preparing);
    assert_int_equal(driver_live(), live);
    at_gpu_close(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_takes),
        cmocka_unit_test(inputs_are_handed_on),
        cmocka_unit_test(a_failure_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
