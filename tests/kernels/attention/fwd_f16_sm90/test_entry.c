/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * What the kernel refuses, and what a GPU that fails leaves behind: on the stand-in for the driver, which knows no attention kernel. That
 * the kernel has the twin's bits is gpu_attention's to show.
 */
#include "kernels/attention/kernel.h"

#include "../../support/driver.h"

#include "kernels/attention/fwd_f16_sm90/config.h"
#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_kernel *kernel;

static const struct at_problem plain = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 5, .seq_k = 9, .dim = 64};

static enum at_status check(const char *spelled, const struct at_problem *p, struct at_error *error)
{
    struct at_variant_choice choice;
    struct at_numerics resolved;
    if (at_variant_choose(spelled, &choice, error) || at_numerics_resolve(&choice.numerics, p, &resolved, error))
        fail_msg("%s", error->message);
    return kernel->check(&resolved, p, error);
}

static void what_it_computes(void **state)
{
    (void)state;
    static const int64_t dims[] = {64, 128, 256};
    for (int i = 0; i < 3; i++)
        for (int causal = 0; causal < 2; causal++) {
            struct at_problem p = plain;
            struct at_error error = {""};
            p.dim = dims[i];
            p.causal = causal;
            bool ours = causal && dims[i] == 64; /* FlashAttention-3 has 192 rows there */
            if (check(ours ? "fp16:tile=128x128" : "fa3-fp16", &p, &error) || check(ours ? "bf16:tile=128x128" : "fa3-bf16", &p, &error))
                fail_msg("%s", error.message);
            if (ours)
                assert_status(check("fa3-fp16", &p, &error), &error, AT_ERR_UNSUPPORTED, "tile=192x128");
        }
}

/* Each field that the kernel does not have is refused by name. */
static void what_it_refuses(void **state)
{
    (void)state;
    static const char *const spelled[] = {"fa3-fp8",           "fp16:exp2=exact",    "fp16:order=forward", "fp16:promote=tile",
                                          "fp16:tile=128x64",  "fp16:sum=quantised", "fp16:output=fp32",   "fp16:reciprocal=exact",
                                          "fp16:q.scale=head", "standard-fp16",      "fp8-kv-cache"};
    for (size_t i = 0; i < sizeof spelled / sizeof spelled[0]; i++) {
        struct at_error error = {""};
        assert_status(check(spelled[i], &plain, &error), &error, AT_ERR_UNSUPPORTED, "fwd-f16-sm90: ");
    }
    struct at_problem narrow = plain;
    struct at_error error = {""};
    narrow.dim = 32;
    assert_status(check("fa3-fp16", &narrow, &error), &error, AT_ERR_UNSUPPORTED, "head dimension 32");
}

static void a_failure_leaves_the_outputs_alone(void **state)
{
    (void)state;
    static const char *const faults[] = {"", "fail=cuMemAlloc_v2:2", "fail=cuMemcpyHtoD_v2:700", "fail=cuTensorMapEncodeTiled:1"};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct at_variant_choice choice;
        struct at_operands operands = {.problem = plain};
        struct at_error error = {""};
        assert_int_equal(at_variant_choose("fa3-fp16", &choice, NULL), AT_OK);
        assert_int_equal(at_numerics_resolve(&choice.numerics, &plain, &operands.numerics, NULL), AT_OK);
        assert_int_equal(at_tensor_init(&operands.q.codes, AT_FP16, 1, 2, 5, 64, NULL), AT_OK);
        assert_int_equal(at_tensor_init(&operands.k.codes, AT_FP16, 1, 1, 9, 64, NULL), AT_OK);
        assert_int_equal(at_tensor_init(&operands.v.codes, AT_FP16, 1, 1, 9, 64, NULL), AT_OK);
        struct at_gpu *gpu = open_stand_in("");
        int live = driver_live();
        uint16_t o[2 * 5 * 64];
        float row_max[10], row_sum[10], lse[10];
        memset(o, 0x11, sizeof o);
        memset(lse, 0x22, sizeof lse);
        struct at_kernel_outputs outputs = {o, row_max, row_sum, lse};
        ask(faults[i]);
        enum at_status status = at_kernel_attend(kernel, gpu, &operands, &outputs, &error);
        if (i == 0)
            assert_status(status, &error, AT_ERR_DEVICE, "fwd_f16_d64_full");
        else
            assert_true(status == AT_ERR_DEVICE || status == AT_ERR_MEMORY);
        for (size_t j = 0; j < sizeof o / sizeof o[0]; j++)
            assert_int_equal(o[j], 0x1111);
        assert_int_equal(driver_live(), live);
        ask("");
        at_gpu_close(gpu);
        at_operands_done(&operands);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_computes),
        cmocka_unit_test(what_it_refuses),
        cmocka_unit_test(a_failure_leaves_the_outputs_alone),
    };
    kernel = at_kernels[0];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
