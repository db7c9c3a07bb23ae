/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/schema.h"

#include "study/explain.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 255, PATH_TEXT_MAX = 4095, ENTRIES_MAX = 1000 };

#define TEXT(key, structure, member, flags) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), structure, member, 1, TEXT_MAX)
#define OPTIONAL CYAML_FLAG_OPTIONAL
#define REQUIRED CYAML_FLAG_DEFAULT

static const cyaml_schema_value_t text_entry = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAX)};

#define TEXTS(key, structure, member, flags) \
    CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | (flags), structure, member, &text_entry, 1, ENTRIES_MAX)

static const cyaml_schema_field_t shape_fields[] = {
    TEXT("batch", struct at_file_shape, batch, OPTIONAL),
    TEXT("heads", struct at_file_shape, heads, REQUIRED),
    TEXT("kv-heads", struct at_file_shape, kv_heads, OPTIONAL),
    TEXT("queries", struct at_file_shape, queries, OPTIONAL),
    TEXT("keys", struct at_file_shape, keys, OPTIONAL),
    TEXT("dim", struct at_file_shape, dim, OPTIONAL),
    TEXTS("lengths", struct at_file_shape, lengths, OPTIONAL),
    TEXTS("dims", struct at_file_shape, dims, OPTIONAL),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t tensors_fields[] = {
    TEXT("q", struct at_file_tensors, q, OPTIONAL),
    TEXT("k", struct at_file_tensors, k, OPTIONAL),
    TEXT("v", struct at_file_tensors, v, OPTIONAL),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t readout_fields[] = {
    CYAML_FIELD_STRING_PTR("file", CYAML_FLAG_POINTER, struct at_file_readout, file, 1, PATH_TEXT_MAX),
    TEXT("tensor", struct at_file_readout, tensor, OPTIONAL),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t axis_fields[] = {
    TEXT("parameter", struct at_file_axis, parameter, REQUIRED),
    TEXT("from", struct at_file_axis, from, OPTIONAL),
    TEXT("to", struct at_file_axis, to, OPTIONAL),
    TEXT("points", struct at_file_axis, points, OPTIONAL),
    TEXT("spacing", struct at_file_axis, spacing, OPTIONAL),
    TEXTS("values", struct at_file_axis, values, OPTIONAL),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t axis_entry = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct at_file_axis, axis_fields)};

static const cyaml_schema_field_t sobol_fields[] = {
    TEXT("points", struct at_file_sobol, points, REQUIRED),
    TEXT("seed", struct at_file_sobol, seed, OPTIONAL),
    CYAML_FIELD_SEQUENCE("over", CYAML_FLAG_POINTER, struct at_file_sobol, over, &axis_entry, 1, ENTRIES_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t input_fields[] = {
    CYAML_FIELD_STRING_PTR("capture", CYAML_FLAG_POINTER | OPTIONAL, struct at_file_input, capture, 1, PATH_TEXT_MAX),
    TEXT("distribution", struct at_file_input, distribution, OPTIONAL),
    TEXT("label", struct at_file_input, label, OPTIONAL),
    TEXT("layout", struct at_file_input, layout, OPTIONAL),
    TEXT("causal", struct at_file_input, causal, OPTIONAL),
    TEXT("scale", struct at_file_input, scale, OPTIONAL),
    TEXT("format", struct at_file_input, format, OPTIONAL),
    CYAML_FIELD_MAPPING_PTR("tensors", CYAML_FLAG_POINTER | OPTIONAL, struct at_file_input, tensors, tensors_fields),
    CYAML_FIELD_MAPPING_PTR("readout", CYAML_FLAG_POINTER | OPTIONAL, struct at_file_input, readout, readout_fields),
    CYAML_FIELD_MAPPING_PTR("shape", CYAML_FLAG_POINTER | OPTIONAL, struct at_file_input, shape, shape_fields),
    CYAML_FIELD_SEQUENCE("sweep", CYAML_FLAG_POINTER | OPTIONAL, struct at_file_input, sweep, &axis_entry, 1, ENTRIES_MAX),
    CYAML_FIELD_MAPPING_PTR("sobol", CYAML_FLAG_POINTER | OPTIONAL, struct at_file_input, sobol, sobol_fields),
    TEXTS("seeds", struct at_file_input, seeds, OPTIONAL),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t input_entry = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct at_file_input, input_fields)};

static const cyaml_schema_field_t study_fields[] = {
    TEXT("name", struct at_file_study, name, REQUIRED),
    TEXT("rows", struct at_file_study, rows, OPTIONAL),
    TEXT("rows-seed", struct at_file_study, rows_seed, OPTIONAL),
    TEXT("oracle", struct at_file_study, oracle, OPTIONAL),
    TEXTS("variants", struct at_file_study, variants, REQUIRED),
    CYAML_FIELD_SEQUENCE("inputs", CYAML_FLAG_POINTER, struct at_file_study, inputs, &input_entry, 1, ENTRIES_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t study_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct at_file_study, study_fields)};

/* libcyaml says why, then where from the inside out; the first of each is kept. */
struct reason {
    char text[256];
    long line;
};

static void keep_reason(cyaml_log_t level, void *context, const char *format, va_list args)
{
    struct reason *reason = context;
    char line[sizeof reason->text];
    if (level < CYAML_LOG_ERROR)
        return;
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = '\0';
    const char *place = strstr(line, "(line: ");
    if (place && !reason->line)
        reason->line = strtol(place + strlen("(line: "), NULL, 10);
    if (!reason->text[0])
        memcpy(reason->text, line, sizeof line);
}

static cyaml_config_t config_for(struct reason *reason)
{
    return (cyaml_config_t){
        .log_fn = keep_reason, .log_ctx = reason, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_NO_ALIAS};
}

enum at_status at_file_study_load(const struct at_document *document, const char *text, size_t length, struct at_file_study **ret_file,
                                  struct at_error *error)
{
    struct reason reason = {"", 0};
    cyaml_config_t config = config_for(&reason);
    cyaml_data_t *data = NULL;
    cyaml_err_t failed = cyaml_load_data((const uint8_t *)text, length, &config, &study_schema, &data, NULL);
    if (failed == CYAML_ERR_OOM)
        return at_fail(error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(document));
    if (failed == CYAML_ERR_ALIAS)
        return at_fail(error, AT_ERR_FORMAT, "%s:%ld: a study takes no YAML aliases (*name); write the value out",
                       at_document_name(document), reason.line);
    if (failed)
        return at_explain(document, &study_schema, reason.text[0] ? reason.text : cyaml_strerror(failed), error);
    *ret_file = data;
    return AT_OK;
}

struct at_file_study *at_file_study_free(struct at_file_study *file)
{
    struct reason reason = {"", 0};
    cyaml_config_t config = config_for(&reason);
    cyaml_free(&config, &study_schema, file, 0);
    return NULL;
}
