/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/safetensors.h"
#include "written.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char two_tensors[] = "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                                  "\"b\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[3,8]}}";

static void assert_refused(const char *path, enum at_status status, const char *part)
{
    struct at_safetensors file, before;
    struct at_error error = {{0}};
    memset(&file, 0x5a, sizeof file);
    before = file;
    assert_int_equal(at_safetensors_open(path, &file, &error), status);
    if (strncmp(error.message, path, strlen(path)) != 0 || !strstr(error.message, part))
        fail_msg("'%s' does not begin with '%s' or lacks '%s'", error.message, path, part);
    assert_memory_equal(&file, &before, sizeof file);
    assert_int_equal(at_safetensors_open(path, &file, NULL), status);
}

static void reads_the_bytes_of_a_tensor(void **state)
{
    (void)state;
    struct at_safetensors file;
    const struct at_safetensor *t;
    char bytes[8] = "";
    const char *path = written_tensors("good.safetensors", two_tensors, "abcdefgh", 8);
    assert_int_equal(at_safetensors_open(path, &file, NULL), AT_OK);
    assert_int_equal(at_safetensors_find(&file, "b", &t, NULL), AT_OK);
    assert_int_equal(at_safetensors_read(&file, t, 0, 5, bytes, NULL), AT_OK);
    assert_memory_equal(bytes, "defgh", 5);
    assert_int_equal(at_safetensors_read(&file, t, 1, 2, bytes, NULL), AT_OK);
    assert_memory_equal(bytes, "ef", 2);
    /* The file shrinks under the reader. */
    struct at_error error;
    assert_int_equal(truncate(path, 8 + (off_t)strlen(two_tensors) + 4), 0);
    assert_int_equal(at_safetensors_read(&file, t, 0, 5, bytes, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "ends at byte"));
    at_safetensors_close(&file);
    at_safetensors_close(&file); /* closing twice is fine */
}

static void refuses_what_is_no_file(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s/missing.safetensors", written_folder());
    assert_refused(path, AT_ERR_NOT_FOUND, "no such file");
    assert_refused(written_folder(), AT_ERR_IO, "is a folder");
    snprintf(path, sizeof path, "%s/fifo", written_folder());
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(path, AT_ERR_IO, "not a regular file");
    snprintf(path, sizeof path, "%s/good.safetensors/x", written_folder());
    assert_refused(path, AT_ERR_IO, "cannot open");
}

static void refuses_lengths_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        uint64_t length;
        const char *part;
    } rows[] = {
        {0, "not from 2 to"}, {1, "not from 2 to"}, {UINT64_MAX, "not from 2 to"}, {UINT64_C(1) << 63, "not from 2 to"},
        {AT_SAFETENSORS_HEADER_MAX + 1, "not from 2 to"}, {AT_SAFETENSORS_HEADER_MAX, "truncated in the header"},
        {3, "truncated in the header"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char bytes[10] = {0};
        memcpy(bytes, &rows[i].length, 8);
        memcpy(bytes + 8, "{}", 2);
        assert_refused(written_file("length", bytes, sizeof bytes), AT_ERR_FORMAT, rows[i].part);
    }
    assert_refused(written_file("empty", "", 0), AT_ERR_FORMAT, "the file is empty");
    assert_refused(written_file("short", "1234567", 7), AT_ERR_FORMAT, "truncated");
    assert_refused(written_file("text", "This is a text, not tensors.", 28), AT_ERR_FORMAT, "is it a safetensors file?");
}

static void refuses_data_of_another_size(void **state)
{
    (void)state;
    assert_refused(written_tensors("truncated", two_tensors, "abcdefg", 7), AT_ERR_FORMAT, "tensor 'b': its data ends at byte 8");
    assert_refused(written_tensors("longer", two_tensors, "abcdefghi", 9), AT_ERR_FORMAT, "1 bytes follow the last tensor");
    assert_refused(written_tensors("nothing", two_tensors, "", 0), AT_ERR_FORMAT, "truncated");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_bytes_of_a_tensor),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(refuses_lengths_that_do_not_fit),
        cmocka_unit_test(refuses_data_of_another_size),
    };
    return cmocka_run_group_tests(tests, NULL, written_clean);
}
