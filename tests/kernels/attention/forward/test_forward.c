/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Which kernel of a family is launched for which numerics, what is refused by name, and what a GPU that fails leaves behind: on the
 * stand-in for the driver, which knows no forward kernel, so that a launch ends with the name asked for. That the kernels have the twin's
 * bits is gpu_attention's to show.
 */
#include "kernels/attention/forward/forward.h"

#include "../../support/driver.h"

#include "kernels/attention/kernel.h"
#include "kernels/prepare/prepare.h"
#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_problem plain = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 200, .seq_k = 300, .dim = 128};

static const struct at_kernel *kernel_named(const char *name)
{
    for (size_t i = 0; i < at_kernel_count; i++)
        if (strcmp(at_kernels[i]->name, name) == 0)
            return at_kernels[i];
    fail_msg("no kernel %s", name);
    return NULL;
}

static struct at_numerics numerics_of(const char *spelled, const struct at_problem *p)
{
    struct at_variant_choice choice;
    struct at_numerics resolved;
    struct at_error error = {""};
    if (at_variant_choose(spelled, &choice, &error) || at_numerics_resolve(&choice.numerics, p, &resolved, &error))
        fail_msg("%s: %s", spelled, error.message);
    return resolved;
}

static void prepare(const char *spelled, const struct at_problem *p, struct at_operands *ret_operands)
{
    struct at_numerics n = numerics_of(spelled, p);
    struct at_qkv inputs;
    struct at_error error = {""};
    if (at_qkv_init(&inputs, AT_FP16, p, &error) || at_prepare(p, &n, &inputs, ret_operands, &error))
        fail_msg("%s", error.message);
    at_qkv_done(&inputs);
}

static void the_kernel_is_that_of_the_numerics(void **state)
{
    (void)state;
    static const struct {
        const char *spelled, *kernel;
        int dim, causal;
    } cases[] = {
        {"fa3-fp16", "fwd_f16_f16_f16_d128_128x176_none_full:", 128, 0},
        {"fa3-bf16", "fwd_bf16_bf16_bf16_d128_128x128_none_causal:", 128, 1},
        {"fa3-fp16", "fwd_f16_f16_f16_d64_192x192_none_full:", 64, 0},
        {"fp16:tile=192x128", "fwd_f16_f16_f16_d64_192x128_none_full:", 64, 0},
        {"fp16:tile=64x128", "fwd_f16_f16_f16_d64_192x128_none_full:", 64, 0}, /* without a mask its rows do not matter */
        {"fa3-fp8", "fwd_e4m3_e4m3_e4m3_d256_128x128_none_full:", 256, 0},
        {"fa3-fp8", "fwd_e4m3_e4m3_e4m3_d128_128x224_none_causal:", 128, 1},
        {"fp8:tile=192x96", "fwd_e4m3_e4m3_e4m3_d128_192x96_none_causal:", 128, 1},
        {"fp8-two-level", "fwd_e4m3_e4m3_e4m3_d128_128x192_by_tile_causal:", 128, 1},
        {"fp8:promote=128", "fwd_e4m3_e4m3_e4m3_d128_128x128_by_tile_full:", 128, 0},
        {"fp8-block128", "fwd_e4m3_e4m3_e4m3_d64_128x128_by_block_causal:", 64, 1},
        {"fp8:k.scale=block128,promote=128", "fwd_e4m3_e4m3_e4m3_d128_128x128_by_block_full:", 128, 0},
        {"fp8-e5m2", "fwd_e5m2_e5m2_e5m2_d64_192x160_none_full:", 64, 0},
        {"fp8:k.format=e5m2,k.storage=e5m2,v.format=e5m2,v.storage=e5m2", "fwd_e4m3_e5m2_e5m2_d128_128x224_none_full:", 128, 0},
        {"fp8-kv-cache", "fwd_f16_f16_f16_d256_128x80_none_full:", 256, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_problem p = plain;
        struct at_operands operands;
        struct at_error error = {""};
        struct at_gpu *gpu = open_stand_in("");
        int live = driver_live();
        const struct at_kernel *kernel;
        p.dim = cases[i].dim;
        p.causal = cases[i].causal;
        prepare(cases[i].spelled, &p, &operands);
        if (at_kernel_choose(&operands.numerics, &p, &kernel, &error))
            fail_msg("%s: %s", cases[i].spelled, error.message);
        assert_status(at_kernel_attend(kernel, gpu, &operands, &(struct at_kernel_outputs){NULL, NULL, NULL, NULL}, &error), &error,
                      AT_ERR_DEVICE, cases[i].kernel);
        assert_int_equal(driver_live(), live);
        at_operands_done(&operands);
        at_gpu_close(gpu);
    }
}

/* A single query sees every key. */
static void a_single_query_has_no_mask(void **state)
{
    (void)state;
    struct at_problem p = plain;
    struct at_error error = {""};
    p.seq_q = 1;
    p.causal = true;
    struct at_numerics n = numerics_of("fa3-fp16", &p);
    assert_int_equal(n.tile_n, 176);
    assert_int_equal(kernel_named("fwd-f16-sm90")->check(&n, &p, &error), AT_OK);
}

/* Each field that the kernels do not have is refused by name, before anything is launched. */
static void what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *spelled, *words;
        int causal;
    } cases[] = {
        {"fp8:exp2=exact", "exp2=exact", 0},
        {"fp8:reciprocal=exact", "reciprocal=exact", 0},
        {"fp8:sum=quantised", "sum=quantised", 0},
        {"fp8:p.offset=normalised", "p.offset=normalised", 0},
        {"fp8:scores=fp16", "scores rounded", 0},
        {"fp8:smooth=q", "q.smooth=mean", 0},
        {"fp8:v.rotate=hadamard", "v.rotate", 0},
        {"fp8:k.scale=token", "k.scale=token", 0},
        {"fp8:v.scale=token,promote=tile", "v.scale=token", 0},
        {"fp8:k.scale=block64,promote=64", "block scales", 0},
        {"fp8:v.scale=block128,promote=128", "block scales", 0},
        {"fp8:k.scale=block128", "promote=none", 0},
        {"fp8:promote=64", "promote", 0},
        {"fp8:output=fp16", "output=fp16: the kernel writes bf16", 0},
        {"fp8:tile=128x64", "tile=128x64 for head dimension 128 with one accumulator: the kernel has 128x224, 192x96", 0},
        {"fp8:tile=192x224", "under a mask", 1},
        {"fp8:promote=tile,tile=128x96", "with promotion per tile: the kernel has 128x192, 128x128", 0},
    };
    const struct at_kernel *kernel = kernel_named("fwd-e4m3-sm90");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_problem p = plain;
        struct at_error error = {""};
        p.causal = cases[i].causal;
        struct at_numerics n = numerics_of(cases[i].spelled, &p);
        assert_status(kernel->check(&n, &p, &error), &error, AT_ERR_UNSUPPORTED, cases[i].words);
        assert_non_null(strstr(error.message, "fwd-e4m3-sm90: "));
    }
}

static void problems_that_are_too_large(void **state)
{
    (void)state;
    struct at_problem p = plain;
    struct at_error error = {""};
    struct at_numerics n = numerics_of("fa3-fp8", &p);
    const struct at_kernel *kernel = kernel_named("fwd-e4m3-sm90");
    p.dim = 96;
    assert_status(kernel->check(&n, &p, &error), &error, AT_ERR_UNSUPPORTED, "head dimension 96: the kernel has 64, 128 and 256");
    p = plain;
    p.seq_q = INT64_C(1) << 31;
    assert_status(kernel->check(&n, &p, &error), &error, AT_ERR_UNSUPPORTED, "split the batch");
    p = plain;
    p.batch = INT64_C(1) << 30;
    assert_status(kernel->check(&n, &p, &error), &error, AT_ERR_UNSUPPORTED, "split the batch");
    p.batch = INT64_C(1) << 33; /* times the heads: 2^64 */
    p.heads_q = p.heads_kv = INT64_C(1) << 31;
    assert_status(kernel->check(&n, &p, &error), &error, AT_ERR_UNSUPPORTED, "split the batch");
    p = plain;
    p.heads_q = p.heads_kv = 1 << 10; /* 2^37 elements are fine */
    p.seq_k = p.seq_q = 1 << 20;
    assert_int_equal(kernel->check(&n, &p, &error), AT_OK);
}

static void a_failure_leaves_the_outputs_alone(void **state)
{
    (void)state;
    static const char *const faults[] = {"", "fail=cuMemAlloc_v2:2", "fail=cuMemcpyHtoD_v2:700", "fail=cuTensorMapEncodeTiled:1",
                                         "fail=cuMemsetD8_v2:700"};
    enum { ROWS = 2 * 5, DIM = 64 };
    const struct at_problem p = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 5, .seq_k = 9, .dim = DIM};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct at_operands operands;
        struct at_error error = {""};
        uint16_t o[ROWS * DIM];
        float row_max[ROWS], row_sum[ROWS], lse[ROWS];
        prepare("fa3-fp8", &p, &operands);
        struct at_gpu *gpu = open_stand_in("");
        int live = driver_live();
        memset(o, 0x11, sizeof o);
        memset(lse, 0x11, sizeof lse);
        struct at_kernel_outputs outputs = {o, row_max, row_sum, lse};
        ask(faults[i]);
        enum at_status status = at_kernel_attend(kernel_named("fwd-e4m3-sm90"), gpu, &operands, &outputs, &error);
        assert_true(status == AT_ERR_DEVICE || status == AT_ERR_MEMORY);
        for (size_t j = 0; j < sizeof o / sizeof o[0]; j++)
            assert_int_equal(o[j], 0x1111);
        for (size_t j = 0; j < sizeof lse; j++)
            assert_int_equal(((const char *)lse)[j], 0x11);
        assert_int_equal(driver_live(), live);
        ask("");
        at_gpu_close(gpu);
        at_operands_done(&operands);
    }
}

/* What the copy engine cannot reach is refused before a launch, operands and outputs alike. */
static void addresses_that_are_not_aligned(void **state)
{
    (void)state;
    const struct at_problem p = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = 5, .seq_k = 9, .dim = 64};
    const struct at_numerics n = numerics_of("fa3-fp8", &p);
    const struct at_kernel *kernel = kernel_named("fwd-e4m3-sm90");
    struct at_gpu *gpu = open_stand_in("");
    for (int which = -1; which < 4; which++) {
        struct at_device_operands operands;
        struct at_device_outputs outputs;
        struct at_error error = {""};
        assert_int_equal(at_device_operands_init(gpu, &p, &n, &operands, NULL), AT_OK);
        assert_int_equal(at_device_outputs_init(gpu, &p, &n, &outputs, NULL), AT_OK);
        uint64_t *const addresses[] = {&operands.q.codes, &operands.k.codes, &operands.v.codes, &outputs.o};
        if (which >= 0)
            *addresses[which] += 8;
        assert_status(kernel->start(&operands, &outputs, &error), &error, AT_ERR_DEVICE,
                      which < 0 ? "fwd_e4m3_e4m3_e4m3_d64_192x160_none_full:" : "a tensor cannot be mapped for the copy engine");
        if (which >= 0)
            *addresses[which] -= 8;
        at_device_outputs_done(&outputs);
        at_device_operands_done(&operands);
    }
    at_gpu_close(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_is_that_of_the_numerics),
        cmocka_unit_test(a_single_query_has_no_mask),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(problems_that_are_too_large),
        cmocka_unit_test(a_failure_leaves_the_outputs_alone),
        cmocka_unit_test(addresses_that_are_not_aligned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
