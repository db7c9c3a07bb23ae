/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/readout.h"

#include "datasets/safetensors.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes read at once, or one row if that is more. */
enum { CHUNK_BYTES = 1 << 22 };

static enum at_status find_format(const struct at_safetensor *t, enum at_format *ret_format, struct at_error *error)
{
    static const struct {
        const char *dtype;
        enum at_format format;
    } rows[] = {{"F16", AT_FP16}, {"BF16", AT_BF16}, {"F32", AT_FP32}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].dtype, t->dtype) == 0) {
            *ret_format = rows[i].format;
            return AT_OK;
        }
    return at_fail(error, AT_ERR_UNSUPPORTED, "tensor '%.100s': dtype %s: a readout is F16, BF16 or F32; convert it when saving", t->name,
                   t->dtype);
}

static enum at_status find_tensor(const struct at_safetensors *file, const char *name, const struct at_safetensor **ret_tensor,
                                  struct at_error *error)
{
    if (name)
        return at_safetensors_find(file, name, ret_tensor, error);
    if (file->count == 1) {
        *ret_tensor = &file->tensors[0];
        return AT_OK;
    }
    return at_fail(error, AT_ERR_ARGUMENT,
                   "holds %zu tensors: say which is the readout, with --readout FILE:TENSOR, in a study file with "
                   "tensor: NAME%s%.100s",
                   file->count, file->count ? "; the first is " : "", file->count ? file->tensors[0].name : "");
}

static enum at_status describe(const struct at_safetensor *t, struct at_readout_info *ret_info, struct at_error *error)
{
    if (strlen(t->name) >= AT_READOUT_NAME_SIZE)
        return at_fail(error, AT_ERR_UNSUPPORTED, "tensor '%.60s...': a name of %d bytes or more; rename it when saving", t->name,
                       AT_READOUT_NAME_SIZE);
    if (t->rank != 2)
        return at_fail(error, AT_ERR_FORMAT, "tensor '%.100s' has %d dimensions, not 2 (tokens, width): reshape it when saving", t->name,
                       t->rank);
    struct at_readout_info info = {.tokens = t->shape[0], .width = t->shape[1]};
    if (info.tokens < 2)
        return at_fail(error, AT_ERR_FORMAT,
                       "tensor '%.100s' has %" PRId64 " token%s (its rows): nothing can change between fewer than 2; was it transposed?",
                       t->name, info.tokens, info.tokens == 1 ? "" : "s");
    if (info.width < 1)
        return at_fail(error, AT_ERR_FORMAT, "tensor '%.100s' has rows of no column", t->name);
    enum at_status status = find_format(t, &info.format, error);
    if (status)
        return status;
    snprintf(info.tensor, sizeof info.tensor, "%s", t->name);
    *ret_info = info;
    return AT_OK;
}

static bool row_is_finite(const float *row, int64_t width)
{
    for (int64_t i = 0; i < width; i++)
        if (!isfinite(row[i]))
            return false;
    return true;
}

/* Not below the Euclidean norm: a plain sum of `width` squares and a root round by (width + 4) 2^-53 at most. */
static double norm_upper(const float *row, int64_t width)
{
    double sum = 0;
    for (int64_t i = 0; i < width; i++)
        sum += (double)row[i] * (double)row[i];
    return sqrt(sum) * (1 + ((double)width + 4) * 0x1p-52);
}

/* Looks at rows [first, first + count). */
static enum at_status check_rows(const struct at_readout_info *info, int64_t first, int64_t count, const char *codes, float *row,
                                 double *norm, struct at_error *error)
{
    size_t bytes = (size_t)info->width * at_format_size(info->format);
    for (int64_t i = 0; i < count; i++) {
        at_decode_array(info->format, codes + (size_t)i * bytes, (size_t)info->width, row);
        if (!row_is_finite(row, info->width))
            return at_fail(error, AT_ERR_FORMAT, "tensor '%.100s', row %" PRId64 " holds NaN or infinity: logits of it have no value",
                           info->tensor, first + i);
        *norm = fmax(*norm, norm_upper(row, info->width));
    }
    return AT_OK;
}

/* Every row once; into `codes` unless that is NULL. */
static enum at_status walk(const struct at_safetensors *file, const struct at_safetensor *t, struct at_readout_info *info, char *codes,
                           double *ret_norm, struct at_error *error)
{
    int64_t row_bytes = info->width * (int64_t)at_format_size(info->format), step = CHUNK_BYTES / row_bytes;
    step = step < 1 ? 1 : step < info->tokens ? step : info->tokens;
    char *chunk = codes ? NULL : malloc((size_t)(step * row_bytes));
    float *row = malloc((size_t)info->width * sizeof *row);
    const int64_t shape[4] = {1, 1, info->tokens, info->width};
    const char *format = at_formats[info->format].name;
    struct at_hasher hasher;
    double norm = 0;
    enum at_status status = (chunk || codes) && row ? AT_OK : at_fail(error, AT_ERR_MEMORY, "readout: out of memory");
    at_hasher_start(&hasher);
    at_hasher_add(&hasher, format, strlen(format));
    at_hasher_add(&hasher, shape, sizeof shape);
    for (int64_t i = 0; i < info->tokens && !status; i += step) {
        int64_t count = info->tokens - i < step ? info->tokens - i : step;
        char *into = codes ? codes + i * row_bytes : chunk;
        status = at_safetensors_read(file, t, i * row_bytes, count * row_bytes, into, error);
        if (!status)
            status = check_rows(info, i, count, into, row, &norm, error);
        if (!status)
            at_hasher_add(&hasher, into, (size_t)(count * row_bytes));
    }
    free(chunk);
    free(row);
    if (status)
        return status;
    info->sha256 = at_hasher_end(&hasher);
    *ret_norm = norm;
    return AT_OK;
}

/* Holds the matrix too when `codes` is not NULL. */
static enum at_status read_tensor(const struct at_safetensors *file, const char *name, struct at_readout_info *info, char **codes,
                                  double *norm, struct at_error *error)
{
    const struct at_safetensor *t = NULL;
    enum at_status status = find_tensor(file, name, &t, error);
    if (!status)
        status = describe(t, info, error);
    if (!status && codes && !(*codes = malloc((size_t)(t->end - t->begin))))
        status = at_fail(error, AT_ERR_MEMORY, "tensor '%.100s': no memory for %" PRId64 " bytes", t->name, t->end - t->begin);
    return status ? status : walk(file, t, info, codes ? *codes : NULL, norm, error);
}

static enum at_status open_and_read(const char *path, const char *name, struct at_readout_info *ret_info, char **ret_codes,
                                    double *ret_norm, struct at_error *error)
{
    struct at_safetensors file;
    struct at_readout_info info = {.tokens = 0};
    char *codes = NULL;
    enum at_status status = at_safetensors_open(path, &file, error);
    if (!status) {
        char place[512];
        snprintf(place, sizeof place, "%.500s", path);
        status = read_tensor(&file, name, &info, ret_codes ? &codes : NULL, ret_norm, error);
        if (status)
            at_fail_in(error, status, place);
        at_safetensors_close(&file);
    }
    for (char *at = error && status ? error->message : NULL; at && *at; at++)
        if (iscntrl((unsigned char)*at)) /* names come from the file: one line stays one line */
            *at = '?';
    if (status) {
        free(codes);
        return status;
    }
    *ret_info = info;
    if (ret_codes)
        *ret_codes = codes;
    return AT_OK;
}

enum at_status at_readout_inspect(const char *path, const char *tensor, struct at_readout_info *ret_info, struct at_error *error)
{
    double norm;
    return open_and_read(path, tensor, ret_info, NULL, &norm, error);
}

enum at_status at_readout_read(const char *path, const struct at_readout_info *info, struct at_readout *ret_readout, struct at_error *error)
{
    struct at_readout made = {.norm = 0};
    char *codes = NULL;
    enum at_status status = open_and_read(path, info->tensor, &made.info, &codes, &made.norm, error);
    if (status)
        return status;
    made.codes = codes;
    if (strcmp(made.info.sha256.hex, info->sha256.hex) != 0) {
        at_readout_done(&made);
        return at_fail(error, AT_ERR_IO, "%.500s: changed while the study ran; start it again", path);
    }
    *ret_readout = made;
    return AT_OK;
}

void at_readout_done(struct at_readout *readout)
{
    free(readout->codes);
    *readout = (struct at_readout){.norm = 0};
}

void at_readout_row(const struct at_readout *readout, int64_t token, float *ret_row)
{
    size_t width = (size_t)readout->info.width;
    at_decode_array(readout->info.format, (const char *)readout->codes + (size_t)token * width * at_format_size(readout->info.format),
                    width, ret_row);
}
