/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/readout.h"
#include "written.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TOKENS = 5, WIDTH = 3, COUNT = TOKENS * WIDTH };

#define TWO_TENSORS \
    "{\"lm_head\":{\"dtype\":\"F32\",\"shape\":[5,3],\"data_offsets\":[0,60]}," \
    "\"bias\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[60,80]}}"
#define ONE_TENSOR "{\"w\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[0,%d]}}"

static const char *write_one(const char *dtype, const char *shape, const void *data, int bytes)
{
    char json[256];
    snprintf(json, sizeof json, ONE_TENSOR, dtype, shape, bytes);
    return written_tensors("w.safetensors", json, data, (size_t)bytes);
}

static void assert_refused(const char *path, const char *tensor, enum at_status status, const char *part)
{
    struct at_readout_info info = {.tokens = -7};
    struct at_error error = {""};
    enum at_status got = at_readout_inspect(path, tensor, &info, &error);
    if (got != status || !strstr(error.message, path) || !strstr(error.message, part) || strchr(error.message, '\n'))
        fail_msg("status %d, '%s'; wanted %d, '... %s'", got, error.message, status, part);
    assert_int_equal(info.tokens, -7);
    assert_int_equal(at_readout_inspect(path, tensor, &info, NULL), status);
}

static void reads_each_format_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *dtype;
        enum at_format format;
    } rows[] = {{"F16", AT_FP16}, {"BF16", AT_BF16}, {"F32", AT_FP32}};
    for (int i = 0; i < 3; i++) {
        float values[COUNT], row[WIDTH];
        uint32_t codes[COUNT];
        struct at_readout_info info;
        struct at_readout readout;
        double largest = 0;
        for (int j = 0; j < COUNT; j++)
            values[j] = (float)(j - 7) / 8;
        at_encode_array(rows[i].format, values, COUNT, AT_OVERFLOW_SATURATE, codes);
        int bytes = COUNT * (int)at_format_size(rows[i].format);
        const char *path = write_one(rows[i].dtype, "[5,3]", codes, bytes);
        assert_int_equal(at_readout_inspect(path, NULL, &info, NULL), AT_OK);
        assert_true(info.tokens == TOKENS && info.width == WIDTH && info.format == rows[i].format && strcmp(info.tensor, "w") == 0);
        struct at_tensor tensor = {rows[i].format, 1, 1, TOKENS, WIDTH, codes};
        assert_string_equal(info.sha256.hex, at_sha256_of_tensor(&tensor).hex);
        assert_int_equal(at_readout_read(path, &info, &readout, NULL), AT_OK);
        for (int v = 0; v < TOKENS; v++) {
            double sum = 0;
            at_readout_row(&readout, v, row);
            assert_memory_equal(row, values + v * WIDTH, sizeof row);
            for (int j = 0; j < WIDTH; j++)
                sum += (double)row[j] * (double)row[j];
            largest = fmax(largest, sqrt(sum));
        }
        assert_true(readout.norm >= largest && readout.norm <= largest * (1 + 0x1p-40));
        at_readout_done(&readout);
        assert_null(readout.codes);
    }
}

static void names_the_tensor(void **state)
{
    (void)state;
    float data[20] = {0};
    struct at_readout_info info;
    const char *path = written_tensors("two.safetensors", TWO_TENSORS, data, sizeof data);
    assert_int_equal(at_readout_inspect(path, "lm_head", &info, NULL), AT_OK);
    assert_string_equal(info.tensor, "lm_head");
    assert_refused(path, "lm_haed", AT_ERR_NOT_FOUND, "did you mean lm_head?");
    assert_refused(path, NULL, AT_ERR_ARGUMENT, "holds 2 tensors: say which");
    assert_refused(path, "bias", AT_ERR_FORMAT, "'bias' has 1 dimensions, not 2 (tokens, width)");
}

static void what_is_no_readout_is_refused(void **state)
{
    (void)state;
    float data[COUNT] = {0};
    assert_refused(write_one("F32", "[1,15]", data, 60), NULL, AT_ERR_FORMAT, "1 token (its rows): nothing can change");
    assert_refused(write_one("F32", "[0,15]", data, 0), NULL, AT_ERR_FORMAT, "0 tokens");
    assert_refused(write_one("F32", "[15,0]", data, 0), NULL, AT_ERR_FORMAT, "rows of no column");
    assert_refused(write_one("I32", "[5,3]", data, 60), NULL, AT_ERR_UNSUPPORTED, "dtype I32: a readout is F16, BF16 or F32");
    assert_refused("/nowhere/w.safetensors", NULL, AT_ERR_NOT_FOUND, "no such file");
    data[10] = NAN;
    assert_refused(write_one("F32", "[5,3]", data, 60), NULL, AT_ERR_FORMAT, "'w', row 3 holds NaN or infinity");
    data[10] = 0;
    data[2] = -INFINITY;
    assert_refused(write_one("F32", "[5,3]", data, 60), "w", AT_ERR_FORMAT, "'w', row 0 holds NaN or infinity");
}

static void a_truncated_file_is_refused(void **state)
{
    (void)state;
    float data[COUNT] = {0};
    char json[256];
    snprintf(json, sizeof json, ONE_TENSOR, "F32", "[5,3]", 60);
    assert_refused(written_tensors("short.safetensors", json, data, 59), NULL, AT_ERR_FORMAT, "short.safetensors");
    assert_refused(written_file("short.safetensors", "abc", 3), NULL, AT_ERR_FORMAT, "truncated");
}

static void another_content_is_told(void **state)
{
    (void)state;
    float data[COUNT] = {0};
    struct at_readout_info info;
    struct at_readout readout = {.norm = -7};
    struct at_error error = {""};
    assert_int_equal(at_readout_inspect(write_one("F32", "[5,3]", data, 60), NULL, &info, NULL), AT_OK);
    data[14] = 1;
    assert_int_equal(at_readout_read(write_one("F32", "[5,3]", data, 60), &info, &readout, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "changed while the study ran"));
    assert_true(readout.norm == -7);
}

/* Rows that do not fill the pieces in which the file is read, and the last piece not whole. */
static void large_ones_are_read_whole(void **state)
{
    (void)state;
    enum { MANY = 4000, WIDE = 777 };
    float *data = calloc((size_t)MANY * WIDE, sizeof *data), row[WIDE];
    char json[256];
    struct at_readout_info info;
    struct at_readout readout;
    assert_non_null(data);
    for (int i = 0; i < MANY * WIDE; i++)
        data[i] = (float)i;
    snprintf(json, sizeof json, ONE_TENSOR, "F32", "[4000,777]", MANY * WIDE * 4);
    const char *path = written_tensors("large.safetensors", json, data, (size_t)MANY * WIDE * 4);
    assert_int_equal(at_readout_inspect(path, NULL, &info, NULL), AT_OK);
    struct at_tensor tensor = {AT_FP32, 1, 1, MANY, WIDE, data};
    assert_string_equal(info.sha256.hex, at_sha256_of_tensor(&tensor).hex);
    assert_int_equal(at_readout_read(path, &info, &readout, NULL), AT_OK);
    at_readout_row(&readout, MANY - 1, row);
    assert_memory_equal(row, data + (size_t)(MANY - 1) * WIDE, sizeof row);
    at_readout_done(&readout);
    data[(size_t)(MANY - 1) * WIDE + 5] = NAN;
    assert_refused(written_tensors("large.safetensors", json, data, (size_t)MANY * WIDE * 4), NULL, AT_ERR_FORMAT, "row 3999");
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_format_exactly),     cmocka_unit_test(names_the_tensor),
        cmocka_unit_test(what_is_no_readout_is_refused), cmocka_unit_test(a_truncated_file_is_refused),
        cmocka_unit_test(another_content_is_told),       cmocka_unit_test(large_ones_are_read_whole),
    };
    return cmocka_run_group_tests_name("readout", tests, NULL, written_clean);
}
