/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CASE_AXIS_H
#define AT_STUDY_CASE_AXIS_H

#include "study/schema.h"
#include "study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a sweep varies beside the parameters of a distribution: sizes, scale, mask and format. docs/study.md, "A sweep". */

enum at_case_axis {
    AT_CASE_KEYS,
    AT_CASE_BATCH,
    AT_CASE_HEADS,
    AT_CASE_KV_HEADS,
    AT_CASE_QUERIES,
    AT_CASE_DIM,
    AT_CASE_SCALE,
    AT_CASE_CAUSAL,
    AT_CASE_FORMAT,
    AT_CASE_AXES
};

/* All of them, for messages. */
#define AT_CASE_AXES_TEXT "batch, heads, kv-heads, queries, keys, dim, scale, causal, format"

/* Name, range and meaning of each. */
extern const struct at_parameter at_case_axes[AT_CASE_AXES];

/* AT_CASE_AXES where none has the name. */
enum at_case_axis at_case_axis_find(const char *name);

/* How many names its values have, in the order of their numbers ("false", "true"); 0 where values are numbers. Static storage. */
enum { AT_CASE_WORDS_MAX = AT_FORMAT_COUNT };
size_t at_case_axis_words(enum at_case_axis axis, const char *ret_words[AT_CASE_WORDS_MAX]);

/* The key that gives it a value already ("shape.heads", "causal"), or NULL. */
const char *at_case_axis_given(enum at_case_axis axis, const struct at_file_input *file);

/* Gives scale, mask or format of an input the value; sizes belong to its shape, which is read as a whole. */
void at_case_axis_set(enum at_case_axis axis, double value, struct at_study_input *input);

/* As a study file spells it: "64", "true", "bf16". */
void at_case_axis_print(enum at_case_axis axis, double value, char ret_text[AT_PARAMETER_TEXT_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
