/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One tensor entry. */
#define TENSOR(name, dtype, shape, begin, end) \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" #begin "," #end "]}"

static void reads_tensors_and_metadata(void **state)
{
    (void)state;
    static const char json[] = "{" TENSOR("late", "BF16", "[2,3]", 8, 20) ",\"__metadata__\":{\"layout\":\"b h s d\",\"empty\":\"\"},"
                               TENSOR("early", "F32", "[2]", 0, 8) "," TENSOR("scalar", "I64", "[]", 20, 28) ","
                               TENSOR("none", "F16", "[3,0,9223372036854775807]", 28, 28) "," TENSOR("half", "F4", "[6]", 28, 31) ","
                               TENSOR("new", "F128", "[1]", 31, 47) "}   ";
    struct at_safetensors file;
    const struct at_safetensor *t;
    struct at_error error = {{0}};
    if (at_safetensors_parse(json, strlen(json), 47, &file, &error))
        fail_msg("%s", error.message);
    assert_int_equal(file.count, 6);
    assert_string_equal(file.tensors[0].name, "early");
    assert_int_equal(at_safetensors_find(&file, "late", &t, NULL), AT_OK);
    assert_string_equal(t->dtype, "BF16");
    assert_int_equal(t->bits, 16);
    assert_int_equal(t->rank, 2);
    assert_int_equal(t->shape[0], 2);
    assert_int_equal(t->shape[1], 3);
    assert_int_equal(t->begin, 8);
    assert_int_equal(t->end, 20);
    assert_int_equal(at_safetensors_find(&file, "scalar", &t, NULL), AT_OK);
    assert_int_equal(t->rank, 0);
    assert_int_equal(at_safetensors_find(&file, "new", &t, NULL), AT_OK);
    assert_int_equal(t->bits, 0);
    assert_string_equal(at_safetensors_metadata(&file, "layout"), "b h s d");
    assert_string_equal(at_safetensors_metadata(&file, "empty"), "");
    assert_null(at_safetensors_metadata(&file, "scale"));
    at_safetensors_close(&file);
    assert_int_equal(file.count, 0);
}

static void unknown_tensor_gets_the_nearest_and_a_list(void **state)
{
    (void)state;
    static const char json[] = "{" TENSOR("layer0.query", "F32", "[1]", 0, 4) "," TENSOR("layer0.key", "F32", "[1]", 4, 8) "}";
    struct at_safetensors file;
    const struct at_safetensor *t = NULL;
    struct at_error error;
    assert_int_equal(at_safetensors_parse(json, strlen(json), 8, &file, NULL), AT_OK);
    assert_int_equal(at_safetensors_find(&file, "layer0.kex", &t, &error), AT_ERR_NOT_FOUND);
    assert_string_equal(error.message, "no tensor named 'layer0.kex' (did you mean layer0.key?); it holds layer0.query, layer0.key");
    assert_null(t);
    at_safetensors_close(&file);
    assert_int_equal(at_safetensors_parse("{}", 2, 0, &file, NULL), AT_OK);
    assert_int_equal(at_safetensors_find(&file, "q", &t, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "it holds none"));
    at_safetensors_close(&file);
}

/* Each row is wrong in one way; `part` is what the message must say. */
static const struct {
    const char *json;
    int64_t data_bytes;
    enum at_status status;
    const char *part;
} refused[] = {
    {"", 0, AT_ERR_FORMAT, "not JSON"},
    {"not json at all", 0, AT_ERR_FORMAT, "not JSON"},
    {"{" TENSOR("q", "F32", "[1]", 0, 4), 4, AT_ERR_FORMAT, "not JSON"},
    {"{} {}", 0, AT_ERR_FORMAT, "not JSON"},
    {"{\"q\":1,\"q\":1}", 0, AT_ERR_FORMAT, "not JSON: duplicate"},
    {"{\"a\\u0000b\":1}", 0, AT_ERR_FORMAT, "not JSON"},
    {"{\"\xff\":1}", 0, AT_ERR_FORMAT, "not JSON"},
    {"[]", 0, AT_ERR_FORMAT, "not a JSON object"},
    {"{\"q\":[]}", 0, AT_ERR_FORMAT, "tensor 'q': its entry is not an object"},
    {"{\"q\":null}", 0, AT_ERR_FORMAT, "tensor 'q': its entry is not an object"},
    {"{\"q\":{}}", 0, AT_ERR_FORMAT, "tensor 'q': dtype is missing"},
    {"{\"q\":{\"dtype\":7}}", 0, AT_ERR_FORMAT, "tensor 'q': dtype is missing or not a string"},
    {"{" TENSOR("q", "", "[1]", 0, 4) "}", 4, AT_ERR_FORMAT, "dtype is empty"},
    {"{" TENSOR("q", "F32F32F32F32F32F32", "[1]", 0, 4) "}", 4, AT_ERR_FORMAT, "too long"},
    {"{\"q\":{\"dtype\":\"F32\"}}", 0, AT_ERR_FORMAT, "shape is missing"},
    {"{" TENSOR("q", "F32", "1", 0, 4) "}", 4, AT_ERR_FORMAT, "shape is missing or not a list"},
    {"{" TENSOR("q", "F32", "[-1]", 0, 4) "}", 4, AT_ERR_FORMAT, "size 0 of its shape"},
    {"{" TENSOR("q", "F32", "[1,1.0]", 0, 4) "}", 4, AT_ERR_FORMAT, "size 1 of its shape"},
    {"{" TENSOR("q", "F32", "[\"1\"]", 0, 4) "}", 4, AT_ERR_FORMAT, "size 0 of its shape"},
    {"{" TENSOR("q", "F32", "[18446744073709551617]", 0, 4) "}", 4, AT_ERR_FORMAT, "not JSON"},
    {"{" TENSOR("q", "F32", "[4294967296,4294967296]", 0, 0) "}", 0, AT_ERR_FORMAT,
     "overflows 2^63 bits: damaged header; save the file again"},
    {"{" TENSOR("q", "F32", "[9223372036854775807]", 0, 4) "}", 4, AT_ERR_FORMAT, "overflows"},
    {"{" TENSOR("q", "F32", "[1,1,1,1,1,1,1,1,1]", 0, 4) "}", 4, AT_ERR_UNSUPPORTED, "9 sizes"},
    {"{" TENSOR("q", "F4", "[3]", 0, 1) "}", 1, AT_ERR_FORMAT, "whole bytes"},
    {"{\"q\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, AT_ERR_FORMAT, "data_offsets is missing"},
    {"{\"q\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,2,4]}}", 4, AT_ERR_FORMAT, "not two whole numbers"},
    {"{\"q\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4.0]}}", 4, AT_ERR_FORMAT, "not two whole numbers"},
    {"{\"q\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":{\"0\":4}}}", 4, AT_ERR_FORMAT, "not two whole numbers"},
    {"{" TENSOR("q", "F32", "[1]", 4, 0) "}", 4, AT_ERR_FORMAT, "are not a range"},
    {"{" TENSOR("q", "F32", "[1]", -4, 0) "}", 4, AT_ERR_FORMAT, "are not a range"},
    {"{" TENSOR("q", "F32", "[1]", 0, 4) "}", 3, AT_ERR_FORMAT, "truncated"},
    {"{" TENSOR("q", "F32", "[1]", 9223372036854775803, 9223372036854775807) "}", 4, AT_ERR_FORMAT, "truncated"},
    {"{" TENSOR("q", "F32", "[1]", 0, 8) "}", 8, AT_ERR_FORMAT, "takes 4 bytes, its data_offsets give 8"},
    {"{" TENSOR("q", "F32", "[0]", 0, 4) "}", 4, AT_ERR_FORMAT, "takes 0 bytes, its data_offsets give 4"},
    {"{" TENSOR("q", "F32", "[2]", 0, 8) "," TENSOR("k", "F32", "[1]", 4, 8) "}", 8, AT_ERR_FORMAT, "'k' overlaps 'q'"},
    {"{" TENSOR("q", "F32", "[1]", 0, 4) "," TENSOR("k", "F32", "[1]", 0, 4) "}", 4, AT_ERR_FORMAT, "overlaps"},
    {"{" TENSOR("q", "F32", "[1]", 4, 8) "}", 8, AT_ERR_FORMAT, "bytes 0 to 4 of the data belong to no tensor"},
    {"{" TENSOR("q", "F32", "[1]", 0, 4) "}", 5, AT_ERR_FORMAT, "1 bytes follow the last tensor: something was appended; copy or save"},
    {"{}", 1, AT_ERR_FORMAT, "1 bytes follow"},
    {"{\"__metadata__\":[]}", 0, AT_ERR_FORMAT, "__metadata__ is not an object"},
    {"{\"__metadata__\":{\"a\":\"b\",\"causal\":true}}", 0, AT_ERR_FORMAT, "__metadata__: 'causal' is not a text"},
};

static void refuses_hostile_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct at_safetensors file, before;
        struct at_error error = {{0}};
        memset(&file, 0x5a, sizeof file);
        before = file;
        enum at_status status = at_safetensors_parse(refused[i].json, strlen(refused[i].json), refused[i].data_bytes, &file, &error);
        if (status != refused[i].status || !strstr(error.message, refused[i].part))
            fail_msg("%s: status %d, '%s' lacks '%s'", refused[i].json, status, error.message, refused[i].part);
        assert_memory_equal(&file, &before, sizeof file);
        assert_int_equal(at_safetensors_parse(refused[i].json, strlen(refused[i].json), refused[i].data_bytes, &file, NULL), status);
    }
}

static void refuses_deep_nesting(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    static char json[DEPTH];
    struct at_safetensors file;
    memset(json, '[', sizeof json);
    assert_int_equal(at_safetensors_parse(json, sizeof json, 0, &file, NULL), AT_ERR_FORMAT);
}

/* A good header with any one byte changed is read or refused, and never harms (for the sanitisers). */
static void survives_any_changed_byte(void **state)
{
    (void)state;
    static const char good[] = "{" TENSOR("q", "F32", "[1,2]", 0, 8) ","
                               TENSOR("k", "BF16", "[2]", 8, 12) ",\"__metadata__\":{\"a\":\"b\"}}";
    char json[sizeof good];
    struct at_safetensors file;
    struct at_error error;
    size_t length = sizeof good - 1, read = 0, total = 0;
    for (size_t at = 0; at < length; at++) {
        for (int byte = 0; byte < 256; byte++) {
            memcpy(json, good, length);
            json[at] = (char)byte;
            total++;
            if (at_safetensors_parse(json, length, 12, &file, &error) == AT_OK) {
                int64_t covered = 0;
                for (size_t i = 0; i < file.count; covered = file.tensors[i++].end)
                    assert_true(file.tensors[i].begin == covered && file.tensors[i].end >= covered);
                assert_int_equal(covered, 12);
                at_safetensors_close(&file);
                read++;
            }
        }
        assert_int_not_equal(at_safetensors_parse(good, at, 12, &file, &error), AT_OK); /* every truncation is refused */
    }
    assert_true(read >= length && read < total);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_tensors_and_metadata),
        cmocka_unit_test(unknown_tensor_gets_the_nearest_and_a_list),
        cmocka_unit_test(refuses_hostile_headers),
        cmocka_unit_test(refuses_deep_nesting),
        cmocka_unit_test(survives_any_changed_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
