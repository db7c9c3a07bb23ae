/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STUDY_SCRATCH_H
#define AT_TESTS_STUDY_SCRATCH_H

#include "core/status.h"
#include "core/tensor.h"
#include "store/store.h"
#include "study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A folder of a test's own. */

void scratch_open(void);
void scratch_close(void);

/* The same around a test or a group of tests, for cmocka. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* Path of `name` in the folder; four paths are kept. */
const char *scratch_path(const char *name);

/* Writes a file; returns its path. */
const char *scratch_write(const char *name, const void *bytes, size_t count);

/* Writes `text` as a study file and reads it. */
enum at_status scratch_study(const char *text, struct at_study *ret_study, struct at_error *error);

/* Reads `text` and fails the test unless it is refused with `status` and a message that begins with "<path of the file>:" and `rest`. */
void scratch_refused(const char *text, enum at_status status, const char *rest);

/* Writes fp32 tensors q, k, v as a safetensors file. */
const char *scratch_capture(const char *name, const struct at_problem *problem, const float *q, const float *k, const float *v);

/* Renames the tensors q, k and v of a file that scratch_capture wrote to a, b and c. */
void scratch_rename_tensors(const char *path);

/* The one number that `sql` selects. */
double scratch_number(struct at_store *store, const char *sql);

/* All facts but times, as text; free it. */
char *scratch_facts(struct at_store *store);

#ifdef __cplusplus
}
#endif

#endif
