/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_EXPLAIN_H
#define AT_STUDY_EXPLAIN_H

#include "study/document.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cyaml_schema_value;

/*
 * Why libcyaml refused `document`: walks document and schema side by side and names the first fault with file, line, path and nearest key.
 * `reason` is libcyaml's own word, for what the walk does not see. Returns AT_ERR_FORMAT.
 */
enum at_status at_explain(const struct at_document *document, const struct cyaml_schema_value *schema, const char *reason,
                          struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
