/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Operands on the GPU: the order of V's keys, what is allocated for which numerics, and what a failure leaves behind. */
#include "kernels/device.h"

#include "support/driver.h"

#include "kernels/prepare/prepare.h"
#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Column of the accumulator that thread t of a quad holds in its n-th register of a row: 8 (n / 2) + 2 t + n % 2 (PTX ISA, wgmma, D); the
 * n-th of four bytes of its A operand for the keys [16 a, 16 a + 16): 16 a + 4 t + n (PTX ISA, wgmma, A of 8-bit types). */
static void keys_lie_as_a_thread_holds_its_scores(void **state)
{
    (void)state;
    enum { KEYS = 40, DIM = 2, COLUMNS = 128 };
    struct at_tensor v, back;
    uint8_t turned[DIM * COLUMNS];
    assert_int_equal(at_tensor_init(&v, AT_E4M3, 1, 1, KEYS, DIM, NULL), AT_OK);
    assert_int_equal(at_tensor_init(&back, AT_E4M3, 1, 1, KEYS, DIM, NULL), AT_OK);
    for (int i = 0; i < KEYS * DIM; i++)
        ((uint8_t *)v.codes)[i] = (uint8_t)(i + 1);
    at_device_turn_v(&v, turned);
    for (int group = 0; group < COLUMNS; group += 32)
        for (int t = 0; t < 4; t++)
            for (int n = 0; n < 8; n++) {
                int key = group + 8 * (n / 2) + 2 * t + n % 2, place = group + 16 * (n / 4) + 4 * t + n % 4;
                for (int c = 0; c < DIM; c++)
                    assert_int_equal(turned[c * COLUMNS + place], key < KEYS ? key * DIM + c + 1 : 0);
            }
    at_device_turn_v_back(turned, &back);
    assert_memory_equal(v.codes, back.codes, KEYS * DIM);
    at_tensor_done(&v);
    at_tensor_done(&back);
}

static const struct at_problem problem = {.batch = 2, .heads_q = 4, .heads_kv = 2, .seq_q = 130, .seq_k = 300, .dim = 64};

static void prepare(const char *variant, struct at_operands *ret_operands)
{
    struct at_variant_choice choice;
    struct at_qkv inputs;
    struct at_error error = {""};
    if (at_variant_choose(variant, &choice, &error) || at_qkv_init(&inputs, AT_FP16, &problem, &error) ||
        at_prepare(&problem, &choice.numerics, &inputs, ret_operands, &error))
        fail_msg("%s", error.message);
    at_qkv_done(&inputs);
}

static void arrays_are_those_of_the_numerics(void **state)
{
    (void)state;
    static const struct {
        const char *variant;
        int arrays; /* codes, scales, means, the shift */
    } cases[] = {{"fa3-fp16", 3}, {"fa3-fp8", 6}, {"fp8-block128", 6}, {"fp8-smooth-kv", 9}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_operands host;
        struct at_device_operands device;
        struct at_device_outputs outputs;
        struct at_error error = {""};
        struct at_gpu *gpu = open_stand_in("");
        int live = driver_live();
        prepare(cases[i].variant, &host);
        if (at_device_operands_init(gpu, &problem, &host.numerics, &device, &error) || at_device_operands_upload(&device, &host, &error))
            fail_msg("%s", error.message);
        assert_int_equal(driver_live(), live + cases[i].arrays);
        assert_int_equal(at_device_outputs_init(gpu, &problem, &host.numerics, &outputs, &error), AT_OK);
        assert_int_equal(driver_live(), live + cases[i].arrays + 5);
        for (int b = 0; b < AT_DEVICE_WORK_BYTES; b++)
            assert_int_equal(((const char *)(uintptr_t)outputs.work)[b], 0);
        at_device_outputs_done(&outputs);
        at_device_operands_done(&device);
        assert_int_equal(driver_live(), live);
        at_operands_done(&host);
        at_gpu_close(gpu);
    }
}

static void a_failure_leaves_nothing(void **state)
{
    (void)state;
    struct at_operands host;
    struct at_gpu *gpu = open_stand_in("");
    int live = driver_live();
    prepare("fp8-smooth-kv", &host);
    for (int n = 0; n < 9; n++) {
        struct at_device_operands device = {.gpu = NULL};
        struct at_error error = {""};
        char fault[64];
        snprintf(fault, sizeof fault, "fail=cuMemAlloc_v2:2 nth=%d", n);
        ask(fault);
        enum at_status status = at_device_operands_init(gpu, &problem, &host.numerics, &device, &error);
        ask("");
        assert_status(status, &error, AT_ERR_MEMORY, "MiB");
        assert_null(device.gpu);
        assert_int_equal(driver_live(), live);
    }
    at_operands_done(&host);
    at_gpu_close(gpu);
}

/* All pairs hold what the first three do, over and over, and no array is longer or shorter than told. */
static void operands_are_repeated(void **state)
{
    (void)state;
    enum { PAIRS = 3 };
    static const struct at_problem many = {.batch = 2, .heads_q = 8, .heads_kv = 4, .seq_q = 130, .seq_k = 300, .dim = 64};
    static const char *const variants[] = {"fa3-fp16", "fp8-smooth-kv", "fp8-token"};
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        struct at_operands host;
        struct at_device_operands device, first;
        struct at_error error = {""};
        struct at_gpu *gpu = open_stand_in("");
        prepare(variants[i], &host); /* of zeros: their places are told apart below */
        assert_status(at_device_operands_init(gpu, &many, &host.numerics, &device, &error), &error, AT_OK, "");
        const struct at_device_operand *operands[] = {&device.q, &device.k, &device.v};
        const struct at_operand_numerics *n[] = {&host.numerics.q, &host.numerics.k, &host.numerics.v};
        size_t told = 0;
        for (int o = 0; o < 3; o++) {
            size_t seq = (size_t)(o == 0 ? many.seq_q : o == 1 || at_formats[n[o]->format].bits == 16 ? many.seq_k : 384);
            size_t group = o == 0 ? 2 : 1, part = group * seq * 64 * at_format_size(n[o]->format), whole = 8 * part;
            size_t scales = n[o]->scale == AT_SCALE_NONE ? 0 : 4 * (size_t)at_scale_groups(n[o]->scale, o ? 300 : 130, 64) * group;
            unsigned char *codes = (unsigned char *)(uintptr_t)operands[o]->codes;
            unsigned char *scale = (unsigned char *)(uintptr_t)operands[o]->scale;
            for (size_t at = 0; at < PAIRS * part; at++)
                codes[at] = (unsigned char)(at % 251);
            for (size_t at = 0; at < PAIRS * scales; at++)
                scale[at] = (unsigned char)(at % 239);
            told += whole + 8 * scales + (n[o]->smooth ? 8 * 64 * sizeof(float) : 0);
        }
        told += host.numerics.k.smooth ? 2 * 8 * 130 * sizeof(float) : 0;
        assert_int_equal(at_device_operands_bytes(&many, &host.numerics), told);
        first = device;
        assert_status(at_device_operands_repeat(&first, PAIRS, &error), &error, AT_OK, "");
        for (int o = 0; o < 3; o++) {
            size_t seq = (size_t)(o == 0 ? many.seq_q : o == 1 || at_formats[n[o]->format].bits == 16 ? many.seq_k : 384);
            size_t group = o == 0 ? 2 : 1, part = group * seq * 64 * at_format_size(n[o]->format);
            size_t scales = n[o]->scale == AT_SCALE_NONE ? 0 : 4 * (size_t)at_scale_groups(n[o]->scale, o ? 300 : 130, 64) * group;
            for (size_t at = 0; at < 8 * part; at++)
                assert_int_equal(((unsigned char *)(uintptr_t)operands[o]->codes)[at], at % (PAIRS * part) % 251);
            for (size_t at = 0; at < 8 * scales; at++)
                assert_int_equal(((unsigned char *)(uintptr_t)operands[o]->scale)[at], at % (PAIRS * scales) % 239);
        }
        at_device_operands_done(&device);
        at_operands_done(&host);
        at_gpu_close(gpu);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_lie_as_a_thread_holds_its_scores),
        cmocka_unit_test(arrays_are_those_of_the_numerics),
        cmocka_unit_test(a_failure_leaves_nothing),
        cmocka_unit_test(operands_are_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
