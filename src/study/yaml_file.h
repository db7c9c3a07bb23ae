/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_YAML_FILE_H
#define AT_STUDY_YAML_FILE_H

#include "study/document.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cyaml_schema_value;

/* The text of a file, at most 1 MiB; caller frees. `what`, in messages, is what the file should be: "study". */
enum at_status at_yaml_read(const char *path, const char *what, char **ret_text, size_t *ret_length, struct at_error *error);

/*
 * Reads `text`, of which `document` keeps the lines, by a schema whose top is a mapping behind a pointer. Refusals are those of
 * explain.h. Free with at_yaml_free.
 */
enum at_status at_yaml_load(const struct at_document *document, const struct cyaml_schema_value *schema, const char *text, size_t length,
                            void **ret_data, struct at_error *error);

/* NULL is fine. */
void at_yaml_free(const struct cyaml_schema_value *schema, void *data);

#ifdef __cplusplus
}
#endif

#endif
