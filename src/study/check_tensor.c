/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_tensor.h"

#include "datasets/safetensors.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "2 x 3 x 4" */
static void print_shape(int rank, const int64_t *shape, char ret_text[128])
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < rank && used < 120; i++)
        used += (size_t)snprintf(ret_text + used, 128 - used, "%s%" PRId64, i ? " x " : "", shape[i]);
}

/* The tensor `name`, which must have that shape. */
static enum at_status find(const struct at_safetensors *file, const char *name, int rank, const int64_t *shape,
                           const struct at_safetensor **ret_tensor, struct at_error *error)
{
    const struct at_safetensor *t = NULL;
    enum at_status status = at_safetensors_find(file, name, &t, error);
    if (status)
        return status;
    if (t->rank != rank || memcmp(t->shape, shape, (size_t)rank * sizeof *shape) != 0) {
        char is[128], wanted[128];
        print_shape(t->rank, t->shape, is);
        print_shape(rank, shape, wanted);
        return at_fail(error, AT_ERR_FORMAT,
                       "tensor '%.100s' is %s, the inputs ask for %s; name another tensor, or its layout with "
                       "--output-layout",
                       t->name, is, wanted);
    }
    *ret_tensor = t;
    return AT_OK;
}

static enum at_status find_format(const struct at_safetensor *t, enum at_format *ret_format, struct at_error *error)
{
    *ret_format = strcmp(t->dtype, "F16") == 0    ? AT_FP16
                  : strcmp(t->dtype, "BF16") == 0 ? AT_BF16
                  : strcmp(t->dtype, "F32") == 0  ? AT_FP32
                                                  : AT_FORMAT_COUNT;
    return *ret_format != AT_FORMAT_COUNT
               ? AT_OK
               : at_fail(error, AT_ERR_UNSUPPORTED, "tensor '%.100s': dtype %s: outputs are F16, BF16 or F32; convert it when saving",
                         t->name, t->dtype);
}

/* Whether positions come before heads. */
static enum at_status find_layout(const struct at_safetensors *file, const char *asked, bool *ret_bshd, struct at_error *error)
{
    const char *text = asked ? asked : at_safetensors_metadata(file, "layout");
    char letters[8] = "";
    size_t used = 0;
    for (const char *at = text ? text : "bhsd"; *at && used + 1 < sizeof letters; at++)
        if (*at != ' ')
            letters[used++] = *at;
    *ret_bshd = strcmp(letters, "bshd") == 0;
    if (*ret_bshd || strcmp(letters, "bhsd") == 0)
        return AT_OK;
    return at_fail(error, asked ? AT_ERR_ARGUMENT : AT_ERR_FORMAT, "layout '%.40s': it is bhsd or bshd; say which with --output-layout",
                   text);
}

/* Row (b, h, s) of o, dim codes at a time. */
static enum at_status read_rows(const struct at_safetensors *file, const struct at_safetensor *t, bool bshd, enum at_format format,
                                const struct at_problem *p, const struct at_rows *rows, float *o, struct at_error *error)
{
    int64_t bytes = p->dim * (int64_t)at_format_size(format);
    void *codes = malloc((size_t)bytes);
    if (!codes)
        return at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    enum at_status status = AT_OK;
    for (int64_t head = 0; head < p->batch * p->heads_q && !status; head++)
        for (int64_t i = 0; i < rows->count && !status; i++) {
            int64_t b = head / p->heads_q, h = head % p->heads_q, s = rows->index[i];
            int64_t row = bshd ? (b * p->seq_q + s) * p->heads_q + h : head * p->seq_q + s;
            status = at_safetensors_read(file, t, row * bytes, bytes, codes, error);
            if (!status)
                at_decode_array(format, codes, (size_t)p->dim, o + (head * rows->count + i) * p->dim);
        }
    free(codes);
    return status;
}

static enum at_status read_o(const struct at_safetensors *file, const struct at_check_output *output, const struct at_problem *p,
                             const struct at_rows *rows, enum at_format *ret_format, float *o, struct at_error *error)
{
    const struct at_safetensor *t = NULL;
    bool bshd = false;
    enum at_status status = find_layout(file, output->layout, &bshd, error);
    const int64_t wanted[4] = {p->batch, bshd ? p->seq_q : p->heads_q, bshd ? p->heads_q : p->seq_q, p->dim};
    if (!status)
        status = find(file, output->o ? output->o : "o", 4, wanted, &t, error);
    if (!status)
        status = find_format(t, ret_format, error);
    return status ? status : read_rows(file, t, bshd, *ret_format, p, rows, o, error);
}

static bool has(const struct at_safetensors *file, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < file->count; i++)
        found |= strcmp(file->tensors[i].name, name) == 0;
    return found;
}

static enum at_status read_lse(const struct at_safetensors *file, const char *name, const struct at_problem *p, const struct at_rows *rows,
                               float *lse, struct at_error *error)
{
    const struct at_safetensor *t = NULL;
    enum at_status status = find(file, name, 3, (const int64_t[]){p->batch, p->heads_q, p->seq_q}, &t, error);
    if (!status && strcmp(t->dtype, "F32") != 0)
        status = at_fail(error, AT_ERR_UNSUPPORTED, "tensor '%.100s': dtype %s: log-sum-exps are F32", t->name, t->dtype);
    for (int64_t head = 0; head < p->batch * p->heads_q; head++)
        for (int64_t i = 0; i < rows->count && !status; i++)
            status = at_safetensors_read(file, t, (head * p->seq_q + rows->index[i]) * (int64_t)sizeof *lse, sizeof *lse,
                                         lse + head * rows->count + i, error);
    return status;
}

/* One line, whatever the file's names hold, that begins with the file. */
static void place(struct at_error *error, enum at_status status, const char *path)
{
    char name[512];
    if (!error)
        return;
    snprintf(name, sizeof name, "%.500s", path);
    at_fail_in(error, status, name);
    for (char *at = error->message; *at; at++)
        if (iscntrl((unsigned char)*at))
            *at = '?';
}

enum at_status at_check_read_output(const struct at_check_output *output, const struct at_problem *problem, const struct at_rows *rows,
                                    enum at_format *ret_format, float **ret_o, float **ret_lse, struct at_error *error)
{
    struct at_safetensors file;
    enum at_status status = at_safetensors_open(output->path, &file, error);
    if (status)
        return status;
    size_t lines = (size_t)(problem->batch * problem->heads_q * rows->count);
    enum at_format format = AT_FP32;
    bool wanted = output->lse || has(&file, "lse");
    float *o = calloc(lines * (size_t)problem->dim, sizeof *o), *lse = wanted ? calloc(lines, sizeof *lse) : NULL;
    if (!o || (wanted && !lse))
        status = at_fail(error, AT_ERR_MEMORY, "check: out of memory for %zu rows; look at fewer", lines);
    if (!status)
        status = read_o(&file, output, problem, rows, &format, o, error);
    if (!status && wanted)
        status = read_lse(&file, output->lse ? output->lse : "lse", problem, rows, lse, error);
    at_safetensors_close(&file);
    if (status) {
        place(error, status, output->path);
        free(o);
        free(lse);
        return status;
    }
    *ret_format = format;
    *ret_o = o;
    *ret_lse = lse;
    return AT_OK;
}

enum at_status at_check_read_scales(const char *path, const char *name, const struct at_problem *problem, float **ret_scales,
                                    struct at_error *error)
{
    struct at_safetensors file;
    const struct at_safetensor *t = NULL;
    enum at_status status = at_safetensors_open(path, &file, error);
    if (status)
        return status;
    size_t count = (size_t)(problem->batch * problem->heads_kv);
    float *scales = calloc(count, sizeof *scales);
    if (!scales)
        status = at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    if (!status)
        status = find(&file, name, 2, (const int64_t[]){problem->batch, problem->heads_kv}, &t, error);
    if (!status && strcmp(t->dtype, "F32") != 0)
        status = at_fail(error, AT_ERR_UNSUPPORTED, "tensor '%.100s': dtype %s: descales are F32", t->name, t->dtype);
    if (!status)
        status = at_safetensors_read(&file, t, 0, (int64_t)(count * sizeof *scales), scales, error);
    for (size_t i = 0; i < count && !status; i++)
        if (!(scales[i] > 0) || isinf(scales[i]))
            status = at_fail(error, AT_ERR_FORMAT, "tensor '%.100s' holds %g: descales are finite and above 0", t->name, (double)scales[i]);
    at_safetensors_close(&file);
    if (status) {
        place(error, status, path);
        free(scales);
        return status;
    }
    *ret_scales = scales;
    return AT_OK;
}
