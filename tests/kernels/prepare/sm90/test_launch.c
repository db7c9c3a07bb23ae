/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Which tensors one launch takes, and where their slots lie: on the stand-in for the driver, which knows none of the kernels. */
#include "kernels/prepare/sm90/launch.h"

#include "../../support/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_prepare_arguments waiting = {
    .slots = 4096, .tile_rows = 64, .head_tiles = 3, .tiles = 6, .input_bytes = 2, .width = 128, .source = AT_PREPARE_GROUP};

static struct at_device_operands operands_on(struct at_gpu *gpu)
{
    return (struct at_device_operands){.gpu = gpu, .problem = {.batch = 1, .heads_q = 2, .heads_kv = 2, .dim = 128}};
}

static void tensors_of_one_kernel(void **state)
{
    (void)state;
    struct at_gpu *gpu = open_stand_in("");
    struct at_device_operands o = operands_on(gpu);
    struct at_prepare_batch batch = {.count = 0};
    struct at_error error = {""};
    for (int i = 0; i < AT_PREPARE_TENSORS; i++) {
        assert_status(at_prepare_add_codes(&o, &waiting, &batch, &error), &error, AT_OK, "");
        assert_int_equal(batch.count, i + 1);
        assert_int_equal(batch.of[i].slots, 4096 + i * 6 * 8);
    }
    assert_status(at_prepare_start_codes(&o, &batch, &error), &error, AT_ERR_DEVICE, "prepare_groups_whole_d128_r64");
    assert_int_equal(batch.count, 0);
    assert_status(at_prepare_start_codes(&o, &batch, &error), &error, AT_OK, ""); /* nothing to start */
    at_gpu_close(gpu);
}

/* Two tensors in as many blocks as they have tiles: how many heads and tiles of each that is. */
static void steps_of_blocks(void **state)
{
    (void)state;
    struct at_gpu *gpu = open_stand_in("");
    struct at_device_operands o = operands_on(gpu);
    struct at_prepare_batch batch = {.count = 0};
    struct at_error error = {""};
    struct at_prepare_arguments longer = waiting;
    longer.head_tiles = 5;
    longer.tiles = 10;
    assert_status(at_prepare_add_codes(&o, &waiting, &batch, &error), &error, AT_OK, "");
    assert_status(at_prepare_add_codes(&o, &longer, &batch, &error), &error, AT_OK, "");
    assert_int_equal(at_prepare_start_codes(&o, &batch, &error), AT_ERR_DEVICE);
    assert_int_equal(batch.steps[0].heads, 5);
    assert_int_equal(batch.steps[0].tiles, 1);
    assert_int_equal(batch.steps[1].heads, 3);
    assert_int_equal(batch.steps[1].tiles, 1);
    at_gpu_close(gpu);
}

/* fp32 tensors: one whose scales are of rows has no slots, so that there is memory for those of the others only. */
static void slots_of_who_waits(void **state)
{
    (void)state;
    struct at_gpu *gpu = open_stand_in("");
    struct at_device_operands o = operands_on(gpu);
    struct at_prepare_batch batch = {.count = 0};
    struct at_error error = {""};
    struct at_prepare_arguments wide = waiting, by_row;
    wide.input_bytes = 4;
    by_row = wide;
    by_row.source = AT_PREPARE_TOKEN;
    const struct at_prepare_arguments *added[AT_PREPARE_TENSORS] = {&wide, &by_row, &wide};
    for (int i = 0; i < AT_PREPARE_TENSORS; i++)
        assert_status(at_prepare_add_codes(&o, added[i], &batch, &error), &error, AT_OK, "");
    assert_int_equal(batch.of[0].slots, 4096);
    assert_int_equal(batch.of[2].slots, 4096 + 6 * 8);
    at_gpu_close(gpu);
}

/* Each differs from the first in one thing that a launch has once; the first is started, which the message names. */
static void tensors_of_several(void **state)
{
    (void)state;
    struct at_prepare_arguments other[5] = {waiting, waiting, waiting, waiting, waiting};
    other[0].source = AT_PREPARE_TOKEN;
    other[1].mean = 512;
    other[2].width = 0;
    other[3].tile_rows = 128;
    other[4].input_bytes = 1;
    for (int i = 0; i < 5; i++) {
        struct at_gpu *gpu = open_stand_in("");
        struct at_device_operands o = operands_on(gpu);
        struct at_prepare_batch batch = {.count = 0};
        struct at_error error = {""};
        assert_int_equal(at_prepare_add_codes(&o, &waiting, &batch, &error), AT_OK);
        assert_status(at_prepare_add_codes(&o, &other[i], &batch, &error), &error, AT_ERR_DEVICE, "prepare_groups_whole_d128_r64");
        at_gpu_close(gpu);
    }
}

/* The tuned kernels, and each thing for which another takes the tensor. */
static void tuned_tensors(void **state)
{
    (void)state;
    struct at_prepare_arguments tuned = waiting, other[6];
    tuned.input_format = AT_BF16;
    tuned.storage = tuned.format = AT_E4M3;
    tuned.rows = 128;
    tuned.head_tiles = 2;
    for (int i = 0; i < 6; i++)
        other[i] = tuned;
    other[0].input_format = AT_E5M2;
    other[1].storage = AT_E5M2;
    other[2].format = AT_FP16;
    other[3].rows = 127;
    other[4].rows = 64; /* of turned V the second tile has no rows */
    struct at_gpu *gpu = open_stand_in("");
    struct at_device_operands o = operands_on(gpu);
    struct at_error error = {""};
    assert_status(at_prepare_start_alone(NULL, &o, &tuned, &error), &error, AT_ERR_DEVICE, "prepare_groups_whole_tuned_d128_r64");
    struct at_prepare_arguments plain = tuned;
    plain.width = 0;
    assert_status(at_prepare_start_alone(NULL, &o, &plain, &error), &error, AT_ERR_DEVICE, "prepare_groups_plain_tuned_d128_r64");
    plain.rows = 127;
    assert_status(at_prepare_start_alone(NULL, &o, &plain, &error), &error, AT_ERR_DEVICE, "prepare_groups_plain_d128_r64");
    for (int i = 0; i < 5; i++)
        assert_status(at_prepare_start_alone(NULL, &o, &other[i], &error), &error, AT_ERR_DEVICE, "prepare_groups_whole_d128_r64");
    o.problem.dim = other[5].width = 64;
    other[5].source = AT_PREPARE_TILE;
    assert_status(at_prepare_start_alone(NULL, &o, &other[5], &error), &error, AT_ERR_DEVICE, "prepare_codes_whole_d64_r64");
    at_gpu_close(gpu);
}

static void one_tensor(void **state)
{
    (void)state;
    struct at_gpu *gpu = open_stand_in("");
    struct at_device_operands o = operands_on(gpu);
    struct at_error error = {""};
    struct at_prepare_arguments wide = waiting;
    wide.input_bytes = 4;
    assert_status(at_prepare_start_alone("columns", &o, &waiting, &error), &error, AT_ERR_DEVICE, "prepare_columns_d128_r64");
    assert_status(at_prepare_start_alone(NULL, &o, &wide, &error), &error, AT_ERR_DEVICE, "prepare_codes_whole_d128_r64");
    assert_status(at_prepare_start_end("prepare_heads", &o, waiting, 1, &error), &error, AT_ERR_DEVICE, "prepare_heads");
    assert_int_equal(at_prepare_blocks(&o, 64, 3), 3);
    assert_int_equal(at_prepare_blocks(&o, 64, INT32_MAX), at_gpu_facts(gpu)->multiprocessors * 4);
    at_gpu_close(gpu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tensors_of_one_kernel), cmocka_unit_test(steps_of_blocks),
                                       cmocka_unit_test(slots_of_who_waits),    cmocka_unit_test(tensors_of_several),
                                       cmocka_unit_test(tuned_tensors),         cmocka_unit_test(one_tensor)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
