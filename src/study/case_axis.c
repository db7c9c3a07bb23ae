/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/case_axis.h"

#include "study/read.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

const struct at_parameter at_case_axes[AT_CASE_AXES] = {
    [AT_CASE_KEYS] = {"keys", 0, 1, AT_SIZE_MAX, "rows of K and V (a count)", true},
    [AT_CASE_BATCH] = {"batch", 0, 1, AT_SIZE_MAX, "batch size (a count)", true},
    [AT_CASE_HEADS] = {"heads", 0, 1, AT_SIZE_MAX, "query heads (a count)", true},
    [AT_CASE_KV_HEADS] = {"kv-heads", 0, 1, AT_SIZE_MAX, "key/value heads (a count)", true},
    [AT_CASE_QUERIES] = {"queries", 0, 1, AT_SIZE_MAX, "rows of Q (a count)", true},
    [AT_CASE_DIM] = {"dim", 0, 1, AT_SIZE_MAX, "head dimension (a count)", true},
    [AT_CASE_SCALE] = {"scale", 0, DBL_MIN, DBL_MAX, "softmax scale, above 0", false},
    [AT_CASE_CAUSAL] = {"causal", 0, 0, 1, "mask", true},
    [AT_CASE_FORMAT] = {"format", 0, 0, AT_FORMAT_COUNT - 1, "format of the elements", true},
};

enum at_case_axis at_case_axis_find(const char *name)
{
    int i = 0;
    while (i < AT_CASE_AXES && strcmp(at_case_axes[i].name, name) != 0)
        i++;
    return (enum at_case_axis)i;
}

size_t at_case_axis_words(enum at_case_axis axis, const char *ret_words[AT_CASE_WORDS_MAX])
{
    if (axis == AT_CASE_CAUSAL) {
        ret_words[0] = "false";
        ret_words[1] = "true";
        return 2;
    }
    for (int i = 0; i < AT_FORMAT_COUNT; i++)
        ret_words[i] = at_formats[i].name;
    return axis == AT_CASE_FORMAT ? AT_FORMAT_COUNT : 0;
}

const char *at_case_axis_given(enum at_case_axis axis, const struct at_file_input *file)
{
    const struct at_file_shape *s = file->shape;
    switch (axis) {
    case AT_CASE_KEYS: return s->keys ? "shape.keys" : s->lengths_count ? "shape.lengths" : NULL;
    case AT_CASE_BATCH: return s->batch ? "shape.batch" : NULL;
    case AT_CASE_HEADS: return s->heads ? "shape.heads" : NULL;
    case AT_CASE_KV_HEADS: return s->kv_heads ? "shape.kv-heads" : NULL;
    case AT_CASE_QUERIES: return s->queries ? "shape.queries" : NULL;
    case AT_CASE_DIM: return s->dim ? "shape.dim" : s->dims_count ? "shape.dims" : NULL;
    case AT_CASE_SCALE: return file->scale ? "scale" : NULL;
    case AT_CASE_CAUSAL: return file->causal ? "causal" : NULL;
    case AT_CASE_FORMAT: return file->format ? "format" : NULL;
    case AT_CASE_AXES: break;
    }
    return NULL;
}

void at_case_axis_set(enum at_case_axis axis, double value, struct at_study_input *input)
{
    if (axis == AT_CASE_SCALE)
        input->scale = input->problem.scale = value;
    if (axis == AT_CASE_CAUSAL) {
        input->causal = value != 0;
        input->problem.causal = value != 0;
    }
    if (axis == AT_CASE_FORMAT)
        input->format = (enum at_format)value;
}

void at_case_axis_print(enum at_case_axis axis, double value, char ret_text[AT_PARAMETER_TEXT_SIZE])
{
    const char *words[AT_CASE_WORDS_MAX];
    if (at_case_axis_words(axis, words))
        snprintf(ret_text, AT_PARAMETER_TEXT_SIZE, "%s", words[(size_t)value]);
    else
        at_parameter_print(value, ret_text);
}
