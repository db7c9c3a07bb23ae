/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/read.h"

#include "core/name.h"
#include "study/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One of the inputs that an entry of the file stands for. */
struct selection {
    const struct at_sweep *sweep;
    size_t point;
    int dim, length; /* indices into shape.dims and shape.lengths, or -1 */
};

static enum at_status no_memory(const struct at_input_reading *r)
{
    return at_fail(r->reading->error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(r->reading->document));
}

static enum at_status read_size(const struct at_input_reading *r, const char *key, const char *text, int64_t initial, int64_t *ret_size)
{
    char path[96];
    uint64_t size = 0;
    snprintf(path, sizeof path, "%s.shape.%s", r->path, key);
    enum at_status status = at_read_integer(r->reading, path, text, 1, AT_SIZE_MAX, (uint64_t)initial, &size);
    *ret_size = (int64_t)size;
    return status;
}

/* Value of axis `parameter` at the selected point; NULL where it is not varied. */
static const double *varied(const struct selection *at, size_t parameter)
{
    const struct at_sweep *sweep = at->sweep;
    for (size_t a = 0; a < sweep->axes; a++)
        if (sweep->parameter[a] == parameter)
            return &sweep->values[at->point * sweep->axes + a];
    return NULL;
}

/* The text of a size: the swept value, or what the file gives. */
static const char *size_text(const struct selection *at, enum at_case_axis axis, const char *text, char swept[AT_PARAMETER_TEXT_SIZE])
{
    const double *value = varied(at, AT_SWEEP_CASE + axis);
    if (!value)
        return text;
    snprintf(swept, AT_PARAMETER_TEXT_SIZE, "%.0f", *value);
    return swept;
}

/* The sizes of the selected case, as texts. */
struct sizes {
    const char *batch, *heads, *kv_heads, *queries, *keys, *dim;
    char swept[6][AT_PARAMETER_TEXT_SIZE];
};

static void select_sizes(const struct at_file_shape *s, const struct selection *at, struct sizes *ret)
{
    ret->batch = size_text(at, AT_CASE_BATCH, s->batch, ret->swept[0]);
    ret->heads = size_text(at, AT_CASE_HEADS, s->heads, ret->swept[1]);
    ret->kv_heads = size_text(at, AT_CASE_KV_HEADS, s->kv_heads, ret->swept[2]);
    ret->queries = size_text(at, AT_CASE_QUERIES, s->queries, ret->swept[3]);
    ret->keys = size_text(at, AT_CASE_KEYS, at->length >= 0 ? s->lengths[at->length] : s->keys, ret->swept[4]);
    ret->dim = size_text(at, AT_CASE_DIM, at->dim >= 0 ? s->dims[at->dim] : s->dim, ret->swept[5]);
}

/* Sizes that contradict each other: of a sweep, at which of its points. */
static enum at_status check_problem(const struct at_input_reading *r, const struct selection *at, const struct at_problem *p)
{
    char point[AT_DISTRIBUTION_TEXT_SIZE];
    struct at_error inner = {""};
    enum at_status status = at_problem_check_twin(p, &inner);
    if (!status)
        return AT_OK;
    at_sweep_print(at->sweep, at->point, SIZE_MAX, sizeof point, point);
    return at_refuse_input(r, status, "shape", "%s%s%s", inner.message, *point ? "; at" : "", point);
}

static enum at_status read_shape(const struct at_input_reading *r, const struct selection *at, struct at_problem *p)
{
    char length_key[32] = "keys", dim_key[32] = "dim";
    struct sizes s;
    select_sizes(r->file->shape, at, &s);
    if (at->length >= 0)
        snprintf(length_key, sizeof length_key, "lengths[%d]", at->length);
    if (at->dim >= 0)
        snprintf(dim_key, sizeof dim_key, "dims[%d]", at->dim);
    if (!s.keys && !s.queries)
        return at_refuse_input(r, AT_ERR_FORMAT, "shape", "give 'keys', 'queries' or 'lengths'");
    if (!s.heads)
        return at_refuse_input(r, AT_ERR_FORMAT, "shape", "key 'heads' is missing");
    if (!s.dim)
        return at_refuse_input(r, AT_ERR_FORMAT, "shape", "key 'dim' is missing: give 'dim', or 'dims' for several");
    enum at_status status = read_size(r, "batch", s.batch, 1, &p->batch);
    if (!status)
        status = read_size(r, "heads", s.heads, 0, &p->heads_q);
    if (!status)
        status = read_size(r, "kv-heads", s.kv_heads, p->heads_q, &p->heads_kv);
    if (!status)
        status = read_size(r, length_key, s.keys, 0, &p->seq_k);
    if (!status)
        status = read_size(r, "queries", s.queries, p->seq_k, &p->seq_q);
    if (!status && !s.keys)
        p->seq_k = p->seq_q;
    if (!status)
        status = read_size(r, dim_key, s.dim, 0, &p->dim);
    return status ? status : check_problem(r, at, p);
}

static enum at_status read_seeds(const struct at_input_reading *r, struct at_study_input *input)
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

static enum at_status read_format(const struct at_input_reading *r, enum at_format *ret_format)
{
    const char *names[AT_FORMAT_COUNT], *text = r->file->format ? r->file->format : "fp16";
    for (size_t i = 0; i < AT_FORMAT_COUNT; i++)
        names[i] = at_formats[i].name;
    *ret_format = at_format_find(text);
    if (*ret_format != AT_FORMAT_COUNT)
        return AT_OK;
    const char *nearest = at_name_nearest(text, names, AT_FORMAT_COUNT);
    return at_refuse_input(r, AT_ERR_NOT_FOUND, "format", "no format named '%.60s'; %s%s%s", text, nearest ? "did you mean '" : "",
                           nearest ? nearest : "", nearest ? "'?" : "known are e4m3, e5m2, fp16, bf16, fp32");
}

/* "iid-outlier sigma=100 dim=64": the label of the entry and what is varied; lengths stand beside a label in every table. */
static enum at_status name_case(const struct at_input_reading *r, const struct selection *at, struct at_study_input *input)
{
    char tail[AT_DISTRIBUTION_TEXT_SIZE];
    at_sweep_print(at->sweep, at->point, AT_SWEEP_KEYS, sizeof tail, tail);
    const size_t used = strlen(tail);
    if (r->file->shape->dims_count > 1)
        snprintf(tail + used, sizeof tail - used, " dim=%s", r->file->shape->dims[at->dim]);
    free(input->label);
    if (asprintf(&input->label, "%s%s", r->file->label ? r->file->label : r->file->distribution, tail) >= 0)
        return AT_OK;
    input->label = NULL;
    return no_memory(r);
}

static enum at_status read_selection(const struct at_input_reading *r, const struct at_distribution_choice *base, enum at_format format,
                                     const struct selection *at, struct at_study *study)
{
    struct at_study_input *input = NULL;
    enum at_status status = at_begin_input(r, study, &input);
    if (status)
        return status;
    input->format = format;
    input->distribution = *base;
    for (size_t i = 0; i < AT_PARAMETERS_MAX; i++) {
        const double *value = varied(at, i);
        if (value)
            input->distribution.values[i] = *value;
    }
    for (int i = 0; i < AT_CASE_AXES; i++) {
        const double *value = varied(at, AT_SWEEP_CASE + (size_t)i);
        if (value)
            at_case_axis_set((enum at_case_axis)i, *value, input);
    }
    status = read_shape(r, at, &input->problem);
    if (!status)
        status = read_seeds(r, input);
    return status ? status : name_case(r, at, input);
}

/* One of two keys of the shape, and none of `list` twice. */
static enum at_status check_list(const struct at_input_reading *r, const char *one, const char *given, const char *many, char **list,
                                 unsigned count, const char *meaning)
{
    char key[32];
    snprintf(key, sizeof key, "shape.%s", many);
    if (given && count)
        return at_refuse_input(r, AT_ERR_ARGUMENT, key, "'%s' (several %s) and '%s' (one) are both given; keep one", many, meaning, one);
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < i; j++)
            if (strcmp(list[i], list[j]) == 0)
                return at_refuse_input(r, AT_ERR_ARGUMENT, key, "%.60s is listed twice; keep one", list[i]);
    return AT_OK;
}

/* Cases of `study` so far and those that this entry adds. */
static enum at_status check_count(const struct at_input_reading *r, const struct at_study *study, size_t points)
{
    const struct at_file_shape *s = r->file->shape;
    double before = 0, more = (double)points; /* lists hold at most 1000 entries each: exact */
    for (size_t i = 0; i < study->input_count; i++)
        before += study->inputs[i].capture ? 1 : (double)study->inputs[i].seed_count;
    more *= (s->dims_count ? s->dims_count : 1.0) * (s->lengths_count ? s->lengths_count : 1.0) *
            (r->file->seeds_count ? r->file->seeds_count : 1.0);
    if (before + more <= AT_CASES_MAX)
        return AT_OK;
    return at_refuse_input(r, AT_ERR_ARGUMENT, "",
                           "%.0f cases after %.0f before it; a study has up to %d: take fewer points, lengths or "
                           "seeds, or several studies",
                           more, before, AT_CASES_MAX);
}

enum at_status at_read_generated(const struct at_input_reading *r, struct at_study *study)
{
    const struct at_file_shape *s = r->file->shape;
    struct at_error inner = {""};
    struct at_distribution_choice base;
    struct at_sweep sweep = {0};
    enum at_format format;
    enum at_status status = at_distribution_choose(r->file->distribution, &base, &inner);
    if (status)
        return at_refuse_input(r, status, "distribution", "%s", inner.message);
    status = check_list(r, "keys", s->keys, "lengths", s->lengths, s->lengths_count, "numbers of keys");
    if (!status)
        status = check_list(r, "dim", s->dim, "dims", s->dims, s->dims_count, "head dimensions");
    if (!status)
        status = read_format(r, &format);
    if (!status)
        status = at_sweep_read(r, base.distribution, &sweep);
    if (!status)
        status = check_count(r, study, sweep.count);
    int dims = (int)s->dims_count, lengths = (int)s->lengths_count;
    for (size_t i = 0; i < sweep.count && !status; i++)
        for (int d = dims ? 0 : -1; d < (dims ? dims : 0) && !status; d++)
            for (int l = lengths ? 0 : -1; l < (lengths ? lengths : 0) && !status; l++)
                status = read_selection(r, &base, format, &(struct selection){&sweep, i, d, l}, study);
    at_sweep_done(&sweep);
    return status;
}
