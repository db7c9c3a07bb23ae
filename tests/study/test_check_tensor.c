/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_tensor.h"

#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two heads of three rows of two columns: element h, s, c is 100 h + 10 s + c. */
static const struct at_problem problem = {1, 2, 1, 3, 3, 2, false, 0};

static const char *write_file(const char *dtype, const char *shape, const void *data, size_t bytes, const char *more)
{
    char *file = calloc(1, 8 + 1024 + bytes);
    assert_non_null(file);
    int used = snprintf(file + 8, 1024, "{\"o\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[0,%zu]}%s}", dtype, shape, bytes, more);
    uint64_t length = (uint64_t)used;
    memcpy(file, &length, 8);
    memcpy(file + 8 + used, data, bytes);
    const char *path = scratch_write("o.safetensors", file, 8 + (size_t)used + bytes);
    free(file);
    return path;
}

static float element(int h, int s, int c)
{
    return (float)(100 * h + 10 * s + c);
}

static void rows_come_out_of_either_layout(void **state)
{
    (void)state;
    static const char *const layouts[2] = {"bhsd", "bshd"}, *const shapes[2] = {"[1,2,3,2]", "[1,3,2,2]"};
    for (int bshd = 0; bshd < 2; bshd++) {
        float data[12], *o = NULL, *lse = NULL;
        enum at_format format = AT_BF16;
        int64_t index[2] = {0, 2};
        const struct at_rows rows = {2, index};
        for (int h = 0; h < 2; h++)
            for (int s = 0; s < 3; s++)
                for (int c = 0; c < 2; c++)
                    data[((bshd ? s * 2 + h : h * 3 + s)) * 2 + c] = element(h, s, c);
        struct at_check_output output = {.path = write_file("F32", shapes[bshd], data, sizeof data, ""), .layout = layouts[bshd]};
        assert_int_equal(at_check_read_output(&output, &problem, &rows, &format, &o, &lse, NULL), AT_OK);
        assert_true(format == AT_FP32 && lse == NULL);
        for (int h = 0; h < 2; h++)
            for (int i = 0; i < 2; i++)
                for (int c = 0; c < 2; c++)
                    assert_true(o[(h * 2 + i) * 2 + c] == element(h, (int)index[i], c));
        free(o);
    }
}

static void assert_refused(const char *path, const struct at_check_output *given, enum at_status status, const char *says)
{
    struct at_check_output output = *given;
    struct at_error error = {""};
    float *o = NULL, *lse = NULL;
    enum at_format format;
    int64_t index[1] = {0};
    const struct at_rows rows = {1, index};
    output.path = path;
    assert_int_equal(at_check_read_output(&output, &problem, &rows, &format, &o, &lse, &error), status);
    if (!strstr(error.message, says) || !strstr(error.message, "o.safetensors") || strchr(error.message, '\n'))
        fail_msg("%s", error.message);
    assert_true(o == NULL && lse == NULL);
}

static void what_does_not_fit_is_named(void **state)
{
    (void)state;
    static const char data[64];
    const struct at_check_output plain = {0};
    assert_refused(write_file("F32", "[1,2,3,2]", data, 48, ""), &(struct at_check_output){.o = "out"}, AT_ERR_NOT_FOUND, "out");
    assert_refused(write_file("F32", "[1,2,2,2]", data, 32, ""), &plain, AT_ERR_FORMAT,
                   "tensor 'o' is 1 x 2 x 2 x 2, the inputs ask for 1 x 2 x 3 x 2");
    assert_refused(write_file("F32", "[2,3,2]", data, 48, ""), &plain, AT_ERR_FORMAT, "tensor 'o' is 2 x 3 x 2");
    assert_refused(write_file("F32", "[1,2,3,2]", data, 48, ""), &(struct at_check_output){.layout = "bshd"}, AT_ERR_FORMAT,
                   "ask for 1 x 3 x 2 x 2");
    assert_refused(write_file("F8_E4M3", "[1,2,3,2]", data, 12, ""), &plain, AT_ERR_UNSUPPORTED, "outputs are F16, BF16 or F32");
    assert_refused(write_file("F32", "[1,2,3,2]", data, 48, ",\"__metadata__\":{\"layout\":\"sbhd\"}"), &plain, AT_ERR_FORMAT,
                   "layout 'sbhd'");
    assert_refused(write_file("F32", "[1,2,3,2]", data, 48, ""), &(struct at_check_output){.lse = "l"}, AT_ERR_NOT_FOUND, "'l'");
    assert_refused(write_file("BF16", "[1,2,3,2]", data, 24, ",\"lse\":{\"dtype\":\"F32\",\"shape\":[1,2,2],\"data_offsets\":[24,24]}"),
                   &plain, AT_ERR_FORMAT, "lse");
    assert_refused(scratch_path("none/o.safetensors"), &plain, AT_ERR_NOT_FOUND, "none");
}

static void descales_are_checked(void **state)
{
    (void)state;
    const float good[1] = {0.5f}, bad[1] = {-1}, endless[1] = {INFINITY};
    struct at_error error = {""};
    float *scales = NULL;
    assert_int_equal(at_check_read_scales(write_file("F32", "[1,1]", good, sizeof good, ""), "o", &problem, &scales, NULL), AT_OK);
    assert_true(scales[0] == 0.5f);
    free(scales);
    scales = NULL;
    assert_int_equal(at_check_read_scales(write_file("F32", "[1,1]", bad, sizeof bad, ""), "o", &problem, &scales, &error), AT_ERR_FORMAT);
    assert_non_null(strstr(error.message, "holds -1"));
    assert_int_equal(at_check_read_scales(write_file("F32", "[1,1]", endless, sizeof endless, ""), "o", &problem, &scales, &error),
                     AT_ERR_FORMAT);
    assert_int_equal(at_check_read_scales(write_file("F16", "[1,1]", good, 2, ""), "o", &problem, &scales, &error), AT_ERR_UNSUPPORTED);
    assert_int_equal(at_check_read_scales(write_file("F32", "[1]", good, 4, ""), "o", &problem, &scales, &error), AT_ERR_FORMAT);
    assert_int_equal(at_check_read_scales(write_file("F32", "[1,1]", good, 4, ""), "x", &problem, &scales, &error), AT_ERR_NOT_FOUND);
    assert_null(scales);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_come_out_of_either_layout), cmocka_unit_test(what_does_not_fit_is_named),
                                       cmocka_unit_test(descales_are_checked)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
