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

/* The largest size of a dimension: beyond any sequence, and products of two do not overflow. */
enum { AT_SIZE_MAX = 1 << 30 };

/* Reads an integer of `path`; text NULL gives `initial`. */
enum at_status at_read_integer(const struct at_reading *reading, const char *path, const char *text, uint64_t low, uint64_t high,
                               uint64_t initial, uint64_t *ret_value);

/*
 * inputs[index] of the file as studied inputs: one, or one for each of its lengths, appended to study->inputs (which must have room).
 */
enum at_status at_read_input(const struct at_reading *reading, const struct at_file_input *file, size_t index, struct at_study *study);

#ifdef __cplusplus
}
#endif

#endif
