/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/read.h"

#include "study/value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum at_status at_refuse_input(const struct at_input_reading *r, enum at_status status, const char *key, const char *format, ...)
{
    char path[96], message[800];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(path, sizeof path, "%s%s%s", r->path, *key ? "." : "", key);
    return at_document_fail(r->reading->document, r->reading->error, status, path, "%s", message);
}

static enum at_status no_memory(const struct at_input_reading *r)
{
    return at_fail(r->reading->error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(r->reading->document));
}

static enum at_status copy(const struct at_input_reading *r, const char *text, char **ret_copy)
{
    *ret_copy = text ? strdup(text) : NULL;
    return text && !*ret_copy ? no_memory(r) : AT_OK;
}

/* A key that belongs to the other kind of input. */
static enum at_status check_keys(const struct at_input_reading *r)
{
    const struct at_file_input *f = r->file;
    if (!f->capture == !f->distribution)
        return at_refuse_input(r, AT_ERR_ARGUMENT, "", "%s; an input is either a capture (a safetensors file) or a distribution",
                               f->capture ? "both 'capture' and 'distribution' are given"
                                          : "neither 'capture' nor 'distribution' is given");
    const char *wrong = NULL;
    if (f->capture)
        wrong = f->shape ? "shape" : f->seeds ? "seeds" : f->format ? "format" : f->sweep ? "sweep" : f->sobol ? "sobol" : NULL;
    else
        wrong = f->tensors ? "tensors" : f->layout ? "layout" : NULL;
    if (wrong)
        return at_refuse_input(r, AT_ERR_ARGUMENT, wrong, "belongs to a %s; remove it: %s", f->capture ? "distribution" : "capture",
                               f->capture ? "the file says it" : "generated inputs are b h s d");
    if (f->distribution && !f->shape)
        return at_refuse_input(r, AT_ERR_FORMAT, "", "key 'shape' is missing: generated inputs need {heads, keys, dim}; see docs/study.md");
    return AT_OK;
}

static enum at_status read_common(const struct at_input_reading *r, struct at_study_input *input)
{
    bool causal = false;
    if (r->file->causal && !at_value_truth(r->file->causal, &causal))
        return at_refuse_input(r, AT_ERR_ARGUMENT, "causal", "'%.60s' is neither true nor false", r->file->causal);
    input->causal = r->file->causal ? causal : -1;
    input->problem.causal = causal;
    if (r->file->scale && (!at_value_real(r->file->scale, &input->scale) || !(input->scale > 0)))
        return at_refuse_input(r, AT_ERR_ARGUMENT, "scale", "'%.60s' is not a finite number above 0; leave it out for 1/sqrt(dim)",
                               r->file->scale);
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

static enum at_status read_readout(const struct at_input_reading *r, struct at_study_input *input)
{
    const struct at_file_readout *f = r->file->readout;
    if (!f)
        return AT_OK;
    if (!(input->readout = join(r->reading->folder, f->file)))
        return no_memory(r);
    if (access(input->readout, R_OK) != 0)
        return at_refuse_input(r, errno == ENOENT ? AT_ERR_NOT_FOUND : AT_ERR_IO, "readout.file",
                               "'%.400s': %s; relative paths start from the study's folder", f->file, strerror(errno));
    return copy(r, f->tensor, &input->readout_tensor);
}

/* "captures/gpt-layer0.safetensors" is labelled "gpt-layer0". */
static char *capture_label(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    return dot && dot > name ? strndup(name, (size_t)(dot - name)) : strdup(name);
}

static enum at_status read_capture(const struct at_input_reading *r, struct at_study_input *input)
{
    const struct at_file_input *f = r->file;
    if (f->layout && strcmp(f->layout, "bhsd") != 0 && strcmp(f->layout, "bshd") != 0)
        return at_refuse_input(r, AT_ERR_ARGUMENT, "layout", "'%.60s' is neither bhsd (batch, heads, rows, columns) nor bshd", f->layout);
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
        status = at_refuse_input(r, errno == ENOENT ? AT_ERR_NOT_FOUND : AT_ERR_IO, "capture",
                                 "'%.400s': %s; relative paths start from the study's folder", f->capture, strerror(errno));
    return status;
}

/* Where a message about the input points when it comes after reading: "studies/first.yaml:9: inputs[0].capture". */
static enum at_status name_place(const struct at_input_reading *r, struct at_study_input *input)
{
    char path[64];
    snprintf(path, sizeof path, "%s%s", r->path, r->file->capture ? ".capture" : "");
    if (asprintf(&input->place, "%s:%d: %s", at_document_name(r->reading->document), at_document_path_line(r->reading->document, path),
                 path) >= 0)
        return AT_OK;
    input->place = NULL;
    return no_memory(r);
}

enum at_status at_begin_input(const struct at_input_reading *r, struct at_study *study, struct at_study_input **ret_input)
{
    size_t count = study->input_count;
    if ((count & (count - 1)) == 0) { /* full: room for 0, 1, 2, 4, ... inputs */
        struct at_study_input *more = realloc(study->inputs, (count ? 2 * count : 1) * sizeof *more);
        if (!more)
            return no_memory(r);
        study->inputs = more;
    }
    struct at_study_input *input = &study->inputs[study->input_count++];
    *input = (struct at_study_input){0};
    enum at_status status = read_common(r, input);
    if (!status)
        status = copy(r, r->file->label, &input->label);
    if (!status)
        status = read_readout(r, input);
    if (!status)
        status = name_place(r, input);
    *ret_input = input;
    return status;
}

enum at_status at_read_input(const struct at_reading *reading, const struct at_file_input *file, size_t index, struct at_study *study)
{
    struct at_input_reading r = {.reading = reading, .file = file};
    struct at_study_input *input = NULL;
    snprintf(r.path, sizeof r.path, "inputs[%zu]", index);
    enum at_status status = check_keys(&r);
    if (status || file->distribution)
        return status ? status : at_read_generated(&r, study);
    status = at_begin_input(&r, study, &input);
    return status ? status : read_capture(&r, input);
}
