/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/safetensors.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SHOWN "%.100s" /* of a name that the file chose */

static const struct {
    const char *name;
    int bits;
} dtypes[] = {
    {"F64", 64}, {"F32", 32}, {"F16", 16}, {"BF16", 16}, {"F8_E4M3", 8}, {"F8_E5M2", 8}, {"F8_E8M0", 8}, {"F6_E2M3", 6}, {"F6_E3M2", 6},
    {"F4", 4},   {"I64", 64}, {"I32", 32}, {"I16", 16},  {"I8", 8},      {"U64", 64},    {"U32", 32},    {"U16", 16},    {"U8", 8},
    {"BOOL", 8}, {"C64", 64},
};

static enum at_status read_dtype(const json_t *entry, struct at_safetensor *t, struct at_error *error)
{
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    if (!dtype || !*dtype || strlen(dtype) >= sizeof t->dtype)
        return at_fail(error, AT_ERR_FORMAT, "tensor '" SHOWN "': dtype is %s; write it as \"BF16\"", t->name,
                       dtype ? "empty or too long" : "missing or not a string");
    memcpy(t->dtype, dtype, strlen(dtype) + 1);
    for (size_t i = 0; i < COUNT(dtypes); i++)
        if (strcmp(dtypes[i].name, dtype) == 0)
            t->bits = dtypes[i].bits;
    return AT_OK;
}

/* Shape, and its size in bytes (ret_bytes; -1 for an unknown dtype). */
static enum at_status read_shape(const json_t *entry, struct at_safetensor *t, int64_t *ret_bytes, struct at_error *error)
{
    const json_t *shape = json_object_get(entry, "shape");
    int64_t bits = t->bits;
    bool empty = false;
    if (!json_is_array(shape))
        return at_fail(error, AT_ERR_FORMAT, "tensor '" SHOWN "': shape is missing or not a list of sizes", t->name);
    if (json_array_size(shape) > AT_SAFETENSORS_RANK_MAX)
        return at_fail(error, AT_ERR_UNSUPPORTED, "tensor '" SHOWN "': shape has %zu sizes, this reader takes up to %d", t->name,
                       json_array_size(shape), AT_SAFETENSORS_RANK_MAX);
    t->rank = (int)json_array_size(shape);
    for (int i = 0; i < t->rank; i++) {
        const json_t *size = json_array_get(shape, (size_t)i);
        if (!json_is_integer(size) || json_integer_value(size) < 0)
            return at_fail(error, AT_ERR_FORMAT, "tensor '" SHOWN "': size %d of its shape is not a whole number of at least 0", t->name,
                           i);
        t->shape[i] = json_integer_value(size);
        empty |= t->shape[i] == 0;
    }
    for (int i = 0; i < t->rank && !empty; i++)
        if (__builtin_mul_overflow(bits, t->shape[i], &bits))
            return at_fail(error, AT_ERR_FORMAT, "tensor '" SHOWN "': its shape overflows 2^63 bits: damaged header; save the file "
                           "again", t->name);
    if (empty)
        bits = 0;
    if (bits % 8 != 0)
        return at_fail(error, AT_ERR_FORMAT, "tensor '" SHOWN "': its %s elements do not fill whole bytes: damaged header; save "
                       "the file again", t->name, t->dtype);
    *ret_bytes = t->bits ? bits / 8 : -1;
    return AT_OK;
}

static enum at_status read_offsets(const json_t *entry, int64_t data_bytes, struct at_safetensor *t, struct at_error *error)
{
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end))
        return at_fail(error, AT_ERR_FORMAT, "tensor '" SHOWN "': data_offsets is missing or not two whole numbers", t->name);
    t->begin = json_integer_value(begin);
    t->end = json_integer_value(end);
    if (t->begin < 0 || t->end < t->begin)
        return at_fail(error, AT_ERR_FORMAT,
                       "tensor '" SHOWN "': data_offsets %" PRId64 " to %" PRId64 " are not a range: damaged header; save the file again",
                       t->name, t->begin, t->end);
    if (t->end > data_bytes)
        return at_fail(error, AT_ERR_FORMAT,
                       "tensor '" SHOWN "': its data ends at byte %" PRId64 ", the file's at %" PRId64 ": truncated; copy the file again",
                       t->name, t->end, data_bytes);
    return AT_OK;
}

static enum at_status read_tensor(const char *name, const json_t *entry, int64_t data_bytes, struct at_safetensor *ret_tensor,
                                  struct at_error *error)
{
    struct at_safetensor t = {.name = strdup(name)};
    int64_t bytes = 0;
    enum at_status status = AT_OK;
    if (!t.name)
        return at_fail(error, AT_ERR_MEMORY, "no memory for a tensor's name");
    if (!json_is_object(entry))
        status = at_fail(error, AT_ERR_FORMAT, "tensor '" SHOWN "': its entry is not an object with dtype, shape and data_offsets", name);
    if (!status)
        status = read_dtype(entry, &t, error);
    if (!status)
        status = read_shape(entry, &t, &bytes, error);
    if (!status)
        status = read_offsets(entry, data_bytes, &t, error);
    if (!status && bytes >= 0 && bytes != t.end - t.begin)
        status = at_fail(error, AT_ERR_FORMAT,
                         "tensor '" SHOWN "': its shape in %s takes %" PRId64 " bytes, its data_offsets give %" PRId64 ": damaged header",
                         name, t.dtype, bytes, t.end - t.begin);
    if (status)
        free(t.name);
    else
        *ret_tensor = t;
    return status;
}

static enum at_status read_metadata(json_t *object, struct at_safetensors *file, struct at_error *error)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return at_fail(error, AT_ERR_FORMAT, "__metadata__ is not an object of texts: save the file again");
    file->metadata = calloc(json_object_size(object) + 1, sizeof *file->metadata);
    if (!file->metadata)
        return at_fail(error, AT_ERR_MEMORY, "no memory for the metadata");
    json_object_foreach(object, key, value) {
        if (!json_is_string(value))
            return at_fail(error, AT_ERR_FORMAT, "__metadata__: '" SHOWN "' is not a text: write its value in quotes", key);
        struct at_safetensors_text *text = &file->metadata[file->metadata_count++];
        text->key = strdup(key);
        text->value = strdup(json_string_value(value));
        if (!text->key || !text->value)
            return at_fail(error, AT_ERR_MEMORY, "no memory for the metadata");
    }
    return AT_OK;
}

static int by_place(const void *left, const void *right)
{
    const struct at_safetensor *a = left, *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

/* The tensors cover the data, each byte once. */
static enum at_status check_cover(struct at_safetensors *file, int64_t data_bytes, struct at_error *error)
{
    int64_t covered = 0;
    const char *before = "the header";
    if (file->count)
        qsort(file->tensors, file->count, sizeof *file->tensors, by_place);
    for (size_t i = 0; i < file->count; i++) {
        const struct at_safetensor *t = &file->tensors[i];
        if (t->begin < covered)
            return at_fail(error, AT_ERR_FORMAT, "tensor '" SHOWN "' overlaps '" SHOWN "' (byte %" PRId64 " of the data): damaged header",
                           t->name, before, t->begin);
        if (t->begin > covered)
            return at_fail(error, AT_ERR_FORMAT, "bytes %" PRId64 " to %" PRId64 " of the data belong to no tensor: damaged header",
                           covered, t->begin);
        covered = t->end;
        before = t->name;
    }
    if (covered != data_bytes)
        return at_fail(error, AT_ERR_FORMAT,
                       "%" PRId64 " bytes follow the last tensor: something was appended; copy or save the file again",
                       data_bytes - covered);
    return AT_OK;
}

static enum at_status read_entries(json_t *root, int64_t data_bytes, struct at_safetensors *file, struct at_error *error)
{
    const char *name;
    json_t *entry;
    file->tensors = calloc(json_object_size(root) + 1, sizeof *file->tensors);
    if (!file->tensors)
        return at_fail(error, AT_ERR_MEMORY, "no memory for %zu tensors", json_object_size(root));
    json_object_foreach(root, name, entry) {
        bool metadata = strcmp(name, "__metadata__") == 0;
        enum at_status status = metadata ? read_metadata(entry, file, error)
                                         : read_tensor(name, entry, data_bytes, &file->tensors[file->count], error);
        if (status)
            return status;
        file->count += !metadata;
    }
    return check_cover(file, data_bytes, error);
}

enum at_status at_safetensors_parse(const char *json, size_t length, int64_t data_bytes, struct at_safetensors *ret_file,
                                    struct at_error *error)
{
    struct at_safetensors file = {.fd = -1};
    json_error_t detail;
    json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &detail);
    if (!root)
        return at_fail(error, AT_ERR_FORMAT, "the header is not JSON: %.150s (byte %d); is it a safetensors file?", detail.text,
                       detail.position);
    enum at_status status = json_is_object(root) ? read_entries(root, data_bytes, &file, error)
                                                 : at_fail(error, AT_ERR_FORMAT, "the header is not a JSON object of tensors");
    json_decref(root);
    if (status)
        at_safetensors_close(&file);
    else
        *ret_file = file;
    return status;
}
