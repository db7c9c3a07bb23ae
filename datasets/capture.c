/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/name.h"
#include "datasets/dataset.h"
#include "datasets/safetensors.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { RANK = 4, TENSORS = 3 };

enum layout { BHSD, BSHD };

/* The three tensors as the file has them. */
struct capture {
    const struct at_safetensor *tensors[TENSORS];
    enum layout layout;
    enum at_format format;
};

static const char *or_default(const char *given, const char *initial)
{
    return given && *given ? given : initial;
}

static enum at_status find_format(const struct at_safetensor *t, bool bytes_are_e4m3, enum at_format *ret_format, struct at_error *error)
{
    static const struct {
        const char *dtype;
        enum at_format format;
    } rows[] = {{"F16", AT_FP16}, {"BF16", AT_BF16}, {"F32", AT_FP32}, {"F8_E4M3", AT_E4M3}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (strcmp(rows[i].dtype, t->dtype) == 0) {
            *ret_format = rows[i].format;
            return AT_OK;
        }
    }
    if (bytes_are_e4m3 && strcmp(t->dtype, "U8") == 0) {
        *ret_format = AT_E4M3;
        return AT_OK;
    }
    return at_fail(error, AT_ERR_UNSUPPORTED, "tensor '%.100s': dtype %s: attest reads F16, BF16, F32 and F8_E4M3; convert it when saving",
                   t->name, t->dtype);
}

static enum at_status find_tensors(const struct at_safetensors *file, const struct at_capture_options *options, struct capture *ret_capture,
                                   struct at_error *error)
{
    const char *names[TENSORS] = {or_default(options->q_name, "q"), or_default(options->k_name, "k"), or_default(options->v_name, "v")};
    for (int i = 0; i < TENSORS; i++) {
        const struct at_safetensor *t = NULL;
        enum at_format format = AT_FP32;
        struct at_error why = {""};
        enum at_status status = at_safetensors_find(file, names[i], &t, &why);
        if (status)
            at_fail(error, status, "%s; say which is %c with --%c-name NAME, in a study file with tensors: {%c: NAME}", why.message,
                    "QKV"[i], "qkv"[i], "qkv"[i]);
        else
            status = find_format(t, options->bytes_are_e4m3, &format, error);
        if (status)
            return status;
        if (t->rank != RANK)
            return at_fail(error, AT_ERR_FORMAT, "tensor '%.100s' has %d dimensions, not 4 (b h s d or b s h d): reshape it when saving",
                           t->name, t->rank);
        if (i && format != ret_capture->format)
            return at_fail(error, AT_ERR_FORMAT, "tensor '%.100s' is %s but '%.100s' is %s: save q, k and v in one dtype", t->name,
                           t->dtype, ret_capture->tensors[0]->name, ret_capture->tensors[0]->dtype);
        ret_capture->tensors[i] = t;
        ret_capture->format = format;
    }
    return AT_OK;
}

static enum at_status find_layout(const struct at_safetensors *file, const struct at_capture_options *options, enum layout *ret_layout,
                                  struct at_error *error)
{
    static const char *const names[] = {[BHSD] = "bhsd", [BSHD] = "bshd"};
    const char *recorded = at_safetensors_metadata(file, "layout");
    const char *text = or_default(options->layout, or_default(recorded, names[BHSD]));
    char letters[16] = "";
    size_t used = 0;
    for (const char *at = text; *at && used < sizeof letters - 1; at++)
        if (*at != ' ')
            letters[used++] = *at;
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(letters, names[i]) == 0) {
            *ret_layout = (enum layout)i;
            return AT_OK;
        }
    }
    const char *nearest = at_name_nearest(letters, names, COUNT(names));
    return at_fail(error, AT_ERR_ARGUMENT, "layout '%.40s'%s%s%s: it is bhsd or bshd (batch, heads, sequence, head "
                   "dimension); overrule the file's with --layout, in a study file with layout:", text, nearest ? "; did you mean " : "",
                   nearest ? nearest : "", nearest ? "?" : "");
}

static enum at_status find_causal(const struct at_safetensors *file, const struct at_capture_options *options, bool *ret_causal,
                                  struct at_error *error)
{
    static const struct {
        const char *text;
        bool causal;
    } rows[] = {{"true", true}, {"True", true}, {"1", true}, {"false", false}, {"False", false}, {"0", false}};
    const char *recorded = options->causal < 0 ? at_safetensors_metadata(file, "causal") : NULL;
    *ret_causal = options->causal > 0;
    for (size_t i = 0; recorded && i < COUNT(rows); i++) {
        if (strcmp(rows[i].text, recorded) == 0) {
            *ret_causal = rows[i].causal;
            return AT_OK;
        }
    }
    if (recorded)
        return at_fail(error, AT_ERR_FORMAT, "metadata causal '%.40s' is neither true nor false; overrule it with --causal or "
                       "--not-causal, in a study file with causal: true or false", recorded);
    return AT_OK;
}

/* True for the double or the float nearest to 1/sqrt(dim), however the writer rounded it in between. */
static bool is_default_scale(double scale, int64_t dim)
{
    double root = sqrt(1.0 / (double)dim), quotient = 1.0 / sqrt((double)dim);
    return scale == root || scale == quotient || scale == (double)(float)root;
}

static enum at_status find_scale(const struct at_safetensors *file, const struct at_capture_options *options, int64_t dim,
                                 double *ret_scale, struct at_error *error)
{
    const char *recorded = at_safetensors_metadata(file, "scale");
    *ret_scale = options->scale;
    if (!(options->scale >= 0) || isinf(options->scale))
        return at_fail(error, AT_ERR_ARGUMENT, "scale %g: give a finite number above 0, or none", options->scale);
    if (options->scale > 0 || !recorded)
        return AT_OK;
    char *end = NULL;
    double scale = strtod(recorded, &end);
    if (end == recorded || *end != '\0' || !(scale > 0) || isinf(scale))
        return at_fail(error, AT_ERR_FORMAT, "metadata scale '%.40s' is not a finite number above 0; overrule it with --scale X, in a "
                       "study file with scale: X", recorded);
    *ret_scale = is_default_scale(scale, dim) ? 0 : scale;
    return AT_OK;
}

/* Size of tensor `t` in the order b, h, s, d. */
static int64_t size_of(const struct at_safetensor *t, enum layout layout, int axis)
{
    static const int place[2][RANK] = {[BHSD] = {0, 1, 2, 3}, [BSHD] = {0, 2, 1, 3}};
    return t->shape[place[layout][axis]];
}

static enum at_status check_shapes(const struct capture *c, struct at_error *error)
{
    static const char *const axes[RANK] = {"batch", "heads", "sequence", "head dimension"};
    static const struct {
        int axis, left, right;
    } equal[] = {{0, 0, 1}, {0, 0, 2}, {3, 0, 1}, {3, 0, 2}, {1, 1, 2}, {2, 1, 2}};
    for (size_t i = 0; i < COUNT(equal); i++) {
        const struct at_safetensor *a = c->tensors[equal[i].left], *b = c->tensors[equal[i].right];
        int64_t left = size_of(a, c->layout, equal[i].axis), right = size_of(b, c->layout, equal[i].axis);
        if (left != right)
            return at_fail(error, AT_ERR_FORMAT,
                           "tensors '%.100s' and '%.100s' differ in %s: %" PRId64 " and %" PRId64
                           " (read as %s; is it the other layout, or the wrong tensor?)", a->name, b->name, axes[equal[i].axis], left,
                           right, c->layout == BHSD ? "b h s d" : "b s h d");
    }
    return AT_OK;
}

static enum at_status read_codes(const struct at_safetensors *file, const struct at_safetensor *source, enum layout layout,
                                 struct at_tensor *t, struct at_error *error)
{
    int64_t row = t->dim * (int64_t)at_format_size(t->format);
    if (layout == BHSD)
        return at_safetensors_read(file, source, 0, source->end - source->begin, t->codes, error);
    enum at_status status = AT_OK;
    char *token = malloc((size_t)(t->heads * row)); /* all heads of one position */
    if (!token)
        return at_fail(error, AT_ERR_MEMORY, "tensor '%.100s': no memory to transpose it", source->name);
    for (int64_t at = 0; at < t->batch * t->seq && !status; at++) {
        int64_t b = at / t->seq, s = at % t->seq;
        status = at_safetensors_read(file, source, at * t->heads * row, t->heads * row, token, error);
        for (int64_t h = 0; h < t->heads && !status; h++)
            memcpy((char *)t->codes + ((b * t->heads + h) * t->seq + s) * row, token + h * row, (size_t)row);
    }
    free(token);
    return status;
}

static enum at_status read_problem(const struct at_safetensors *file, const struct at_capture_options *options,
                                   struct capture *ret_capture, struct at_problem *ret_problem, struct at_error *error)
{
    struct capture c = {0};
    enum at_status status = find_tensors(file, options, &c, error);
    if (!status)
        status = find_layout(file, options, &c.layout, error);
    if (!status)
        status = check_shapes(&c, error);
    if (status)
        return status;
    const struct at_safetensor *q = c.tensors[0], *k = c.tensors[1];
    struct at_problem p = {.batch = size_of(q, c.layout, 0), .heads_q = size_of(q, c.layout, 1), .heads_kv = size_of(k, c.layout, 1),
                           .seq_q = size_of(q, c.layout, 2), .seq_k = size_of(k, c.layout, 2), .dim = size_of(q, c.layout, 3)};
    status = find_causal(file, options, &p.causal, error);
    if (!status)
        status = find_scale(file, options, p.dim, &p.scale, error);
    if (!status)
        status = at_problem_check(&p, error);
    if (!status) {
        *ret_capture = c;
        *ret_problem = p;
    }
    return status;
}

/* Data too when ret_qkv is not NULL. */
static enum at_status read_capture(const struct at_safetensors *file, const struct at_capture_options *options,
                                   struct at_problem *ret_problem, enum at_format *ret_format, struct at_qkv *ret_qkv,
                                   struct at_error *error)
{
    struct capture c;
    struct at_problem p;
    struct at_qkv qkv = {0};
    enum at_status status = read_problem(file, options, &c, &p, error);
    if (!status && ret_qkv)
        status = at_qkv_init(&qkv, c.format, &p, error);
    struct at_tensor *into[TENSORS] = {&qkv.q, &qkv.k, &qkv.v};
    for (int i = 0; i < TENSORS && !status && ret_qkv; i++)
        status = read_codes(file, c.tensors[i], c.layout, into[i], error);
    if (status) {
        at_qkv_done(&qkv);
        return status;
    }
    *ret_problem = p;
    *ret_format = c.format;
    if (ret_qkv)
        *ret_qkv = qkv;
    return AT_OK;
}

static enum at_status open_and_read(const char *path, const struct at_capture_options *options, struct at_problem *ret_problem,
                                    enum at_format *ret_format, struct at_qkv *ret_qkv, struct at_error *error)
{
    struct at_safetensors file;
    enum at_status status = at_safetensors_open(path, &file, error);
    if (!status) {
        char place[512];
        snprintf(place, sizeof place, "%.500s", path);
        status = read_capture(&file, options, ret_problem, ret_format, ret_qkv, error);
        if (status)
            at_fail_in(error, status, place);
        at_safetensors_close(&file);
    }
    for (char *at = error && status ? error->message : NULL; at && *at; at++)
        if (iscntrl((unsigned char)*at)) /* names come from the file: one line stays one line */
            *at = '?';
    return status;
}

enum at_status at_capture_problem(const char *path, const struct at_capture_options *options, struct at_problem *ret_problem,
                                  enum at_format *ret_format, struct at_error *error)
{
    return open_and_read(path, options, ret_problem, ret_format, NULL, error);
}

enum at_status at_capture_read(const char *path, const struct at_capture_options *options, struct at_problem *ret_problem,
                               struct at_qkv *ret_qkv, struct at_error *error)
{
    enum at_format format;
    return open_and_read(path, options, ret_problem, &format, ret_qkv, error);
}
