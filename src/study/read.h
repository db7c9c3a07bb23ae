/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_READ_H
#define AT_STUDY_READ_H

#include "study/document.h"
#include "study/schema.h"
#include "study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What reading a study shares: the written file, its lines, and the folder that relative paths start from. */
struct at_reading {
    const struct at_document *document;
    const char *folder;
    struct at_error *error;
};

/* One input being read; `path` is "inputs[3]". */
struct at_input_reading {
    const struct at_reading *reading;
    const struct at_file_input *file;
    char path[32];
};

/* The largest size of a dimension: beyond any sequence, and products of two do not overflow. */
enum { AT_SIZE_MAX = 1 << 30 };

/* The most cases of a study: all of them are planned before the first is computed. */
enum { AT_CASES_MAX = 10000 };

/* Reads an integer of `path`; text NULL gives `initial`. */
enum at_status at_read_integer(const struct at_reading *reading, const char *path, const char *text, uint64_t low, uint64_t high,
                               uint64_t initial, uint64_t *ret_value);

/* Refuses what stands at `key` of the input ("shape.keys"; "" is the input itself). */
enum at_status at_refuse_input(const struct at_input_reading *input, enum at_status status, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Appends an input to study->inputs with what captures and distributions have in common, place and given label among it. */
enum at_status at_begin_input(const struct at_input_reading *input, struct at_study *study, struct at_study_input **ret_input);

/* inputs[index] of the file, appended to study->inputs: one, or one for each point of its sweep, head dimension and length. */
enum at_status at_read_input(const struct at_reading *reading, const struct at_file_input *file, size_t index, struct at_study *study);

/* The same of an input that is known to be a distribution with a shape. */
enum at_status at_read_generated(const struct at_input_reading *input, struct at_study *study);

#ifdef __cplusplus
}
#endif

#endif
