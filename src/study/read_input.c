/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/read.h"

#include "core/name.h"
#include "study/value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One input being read; `path` is "inputs[3]". */
struct input_reading {
    const struct at_reading *reading;
    const struct at_file_input *file;
    char path[32];
};

static enum at_status __attribute__((format(printf, 4, 5)))
refuse(const struct input_reading *r, enum at_status status, const char *key, const char *format, ...)
{
    char path[96], message[800];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(path, sizeof path, "%s%s%s", r->path, *key ? "." : "", key);
    return at_document_fail(r->reading->document, r->reading->error, status, path, "%s", message);
}

static enum at_status no_memory(const struct input_reading *r)
{
    return at_fail(r->reading->error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(r->reading->document));
}

static enum at_status copy(const struct input_reading *r, const char *text, char **ret_copy)
{
    *ret_copy = text ? strdup(text) : NULL;
    return text && !*ret_copy ? no_memory(r) : AT_OK;
}

/* A key that belongs to the other kind of input. */
static enum at_status check_keys(const struct input_reading *r)
{
    const struct at_file_input *f = r->file;
    if (!f->capture == !f->distribution)
        return refuse(r, AT_ERR_ARGUMENT, "", "%s; an input is either a capture (a safetensors file) or a distribution",
                      f->capture ? "both 'capture' and 'distribution' are given" : "neither 'capture' nor 'distribution' is given");
    const char *wrong = NULL;
    if (f->capture)
        wrong = f->shape ? "shape" : f->seeds ? "seeds" : f->format ? "format" : NULL;
    else
        wrong = f->tensors ? "tensors" : f->layout ? "layout" : NULL;
    if (wrong)
        return refuse(r, AT_ERR_ARGUMENT, wrong, "belongs to a %s; remove it: %s", f->capture ? "distribution" : "capture",
                      f->capture ? "the file says it" : "generated inputs are b h s d");
    if (f->distribution && !f->shape)
        return refuse(r, AT_ERR_FORMAT, "", "key 'shape' is missing: generated inputs need {heads, keys, dim}; see docs/study.md");
    return AT_OK;
}

static enum at_status read_common(const struct input_reading *r, struct at_study_input *input)
{
    bool causal = false;
    if (r->file->causal && !at_value_truth(r->file->causal, &causal))
        return refuse(r, AT_ERR_ARGUMENT, "causal", "'%.60s' is neither true nor false", r->file->causal);
    input->causal = r->file->causal ? causal : -1;
    input->problem.causal = causal;
    if (r->file->scale && (!at_value_real(r->file->scale, &input->scale) || !(input->scale > 0)))
        return refuse(r, AT_ERR_ARGUMENT, "scale", "'%.60s' is not a finite number above 0; leave it out for 1/sqrt(dim)", r->file->scale);
    input->problem.scale = input->scale;
    return AT_OK;
}

static char *join(const char *folder, const char *path)
{
    char *joined = NULL;
    if (*path == '/')
        return strdup(path);
    return asprintf(&joined, "%s%s", folder, path) < 0 ? NULL : joined;
}

/* "captures/gpt-layer0.safetensors" is labelled "gpt-layer0". */
static char *capture_label(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    return dot && dot > name ? strndup(name, (size_t)(dot - name)) : strdup(name);
}

static enum at_status read_capture(const struct input_reading *r, struct at_study_input *input)
{
    const struct at_file_input *f = r->file;
    if (f->layout && strcmp(f->layout, "bhsd") != 0 && strcmp(f->layout, "bshd") != 0)
        return refuse(r, AT_ERR_ARGUMENT, "layout", "'%.60s' is neither bhsd (batch, heads, rows, columns) nor bshd", f->layout);
    enum at_status status = copy(r, f->layout, &input->layout);
    if (!status && f->tensors)
        status = copy(r, f->tensors->q, &input->q_name);
    if (!status && f->tensors)
        status = copy(r, f->tensors->k, &input->k_name);
    if (!status && f->tensors)
        status = copy(r, f->tensors->v, &input->v_name);
    if (!status && !f->label && !(input->label = capture_label(f->capture)))
        status = no_memory(r);
    if (!status && !(input->capture = join(r->reading->folder, f->capture)))
        status = no_memory(r);
    if (!status && access(input->capture, R_OK) != 0)
        status = refuse(r, errno == ENOENT ? AT_ERR_NOT_FOUND : AT_ERR_IO, "capture",
                        "'%.400s': %s; relative paths start from the study's folder", f->capture, strerror(errno));
    return status;
}

static enum at_status read_size(const struct input_reading *r, const char *key, const char *text, int64_t initial, int64_t *ret_size)
{
    char path[96];
    uint64_t size = 0;
    snprintf(path, sizeof path, "%s.shape.%s", r->path, key);
    enum at_status status = at_read_integer(r->reading, path, text, 1, AT_SIZE_MAX, (uint64_t)initial, &size);
    *ret_size = (int64_t)size;
    return status;
}

static enum at_status read_shape(const struct input_reading *r, const char *length_key, const char *keys, struct at_problem *p)
{
    const struct at_file_shape *s = r->file->shape;
    struct at_error inner = {""};
    enum at_status status = AT_OK;
    if (!keys && !s->queries)
        return refuse(r, AT_ERR_FORMAT, "shape", "give 'keys', 'queries' or 'lengths'");
    status = read_size(r, "batch", s->batch, 1, &p->batch);
    if (!status)
        status = read_size(r, "heads", s->heads, 0, &p->heads_q);
    if (!status)
        status = read_size(r, "kv-heads", s->kv_heads, p->heads_q, &p->heads_kv);
    if (!status)
        status = read_size(r, length_key, keys, 0, &p->seq_k);
    if (!status)
        status = read_size(r, "queries", s->queries, p->seq_k, &p->seq_q);
    if (!status && !keys)
        p->seq_k = p->seq_q;
    if (!status)
        status = read_size(r, "dim", s->dim, 0, &p->dim);
    if (!status && (status = at_problem_check(p, &inner)) != AT_OK)
        return refuse(r, status, "shape", "%s", inner.message);
    return status;
}

static enum at_status read_seeds(const struct input_reading *r, struct at_study_input *input)
{
    unsigned count = r->file->seeds_count ? r->file->seeds_count : 1;
    enum at_status status = AT_OK;
    if (!(input->seeds = calloc(count, sizeof *input->seeds)))
        return no_memory(r);
    input->seed_count = count;
    for (unsigned i = 0; i < count && !status; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s.seeds[%u]", r->path, i);
        status = at_read_integer(r->reading, path, r->file->seeds_count ? r->file->seeds[i] : NULL, 0, INT64_MAX, 1, &input->seeds[i]);
        for (unsigned j = 0; j < i && !status; j++)
            if (input->seeds[j] == input->seeds[i])
                status = at_document_fail(r->reading->document, r->reading->error, AT_ERR_ARGUMENT, path,
                                          "seed %s is listed twice; keep one", r->file->seeds[i]);
    }
    return status;
}

static enum at_status read_format(const struct input_reading *r, enum at_format *ret_format)
{
    const char *names[AT_FORMAT_COUNT], *text = r->file->format ? r->file->format : "fp16";
    for (size_t i = 0; i < AT_FORMAT_COUNT; i++)
        names[i] = at_formats[i].name;
    *ret_format = at_format_find(text);
    if (*ret_format != AT_FORMAT_COUNT)
        return AT_OK;
    const char *nearest = at_name_nearest(text, names, AT_FORMAT_COUNT);
    return refuse(r, AT_ERR_NOT_FOUND, "format", "no format named '%.60s'; %s%s%s", text, nearest ? "did you mean '" : "",
                  nearest ? nearest : "", nearest ? "'?" : "known are e4m3, e5m2, fp16, bf16, fp32");
}

/* Where a message about the input points when it comes after reading: "studies/first.yaml:9: inputs[0].capture". */
static enum at_status name_place(const struct input_reading *r, struct at_study_input *input)
{
    char path[64];
    snprintf(path, sizeof path, "%s%s", r->path, r->file->capture ? ".capture" : "");
    if (asprintf(&input->place, "%s:%d: %s", at_document_name(r->reading->document), at_document_path_line(r->reading->document, path),
                 path) >= 0)
        return AT_OK;
    input->place = NULL;
    return no_memory(r);
}

/* `length`: index into shape.lengths, or -1. */
static enum at_status read_generated(const struct input_reading *r, int length, struct at_study_input *input)
{
    const struct at_file_shape *s = r->file->shape;
    struct at_error inner = {""};
    char length_key[32] = "keys";
    if (length >= 0)
        snprintf(length_key, sizeof length_key, "lengths[%d]", length);
    if (length >= 0 && s->keys)
        return refuse(r, AT_ERR_ARGUMENT, "shape.lengths", "'lengths' (several numbers of keys) and 'keys' (one) are both given; keep one");
    for (int i = 0; i < length; i++)
        if (strcmp(s->lengths[i], s->lengths[length]) == 0)
            return refuse(r, AT_ERR_ARGUMENT, "shape.lengths", "%.60s is listed twice; keep one", s->lengths[i]);
    enum at_status status = at_distribution_choose(r->file->distribution, &input->distribution, &inner);
    if (status)
        return refuse(r, status, "distribution", "%s", inner.message);
    status = read_format(r, &input->format);
    if (!status)
        status = read_shape(r, length_key, length >= 0 ? s->lengths[length] : s->keys, &input->problem);
    if (!status)
        status = read_seeds(r, input);
    if (!status && !r->file->label)
        status = copy(r, r->file->distribution, &input->label);
    return status;
}

enum at_status at_read_input(const struct at_reading *reading, const struct at_file_input *file, size_t index, struct at_study *study)
{
    struct input_reading r = {.reading = reading, .file = file};
    snprintf(r.path, sizeof r.path, "inputs[%zu]", index);
    enum at_status status = check_keys(&r);
    int lengths = file->shape ? (int)file->shape->lengths_count : 0;
    for (int i = lengths ? 0 : -1; i < lengths && !status; i++) {
        struct at_study_input *input = &study->inputs[study->input_count++];
        status = read_common(&r, input);
        if (!status)
            status = copy(&r, file->label, &input->label);
        if (!status)
            status = name_place(&r, input);
        if (!status)
            status = file->capture ? read_capture(&r, input) : read_generated(&r, i, input);
        if (!lengths)
            break;
    }
    return status;
}
