/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/schema.h"

#include "study/yaml_file.h"

#include <cyaml/cyaml.h>

enum { TEXT_MAX = 255, PATH_TEXT_MAX = 4095, ENTRIES_MAX = 1000 };

#define TEXT(key, structure, member, flags) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), structure, member, 1, TEXT_MAX)
#define OPTIONAL CYAML_FLAG_OPTIONAL
#define REQUIRED CYAML_FLAG_DEFAULT

static const cyaml_schema_value_t text_entry = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAX)};

#define TEXTS(key, structure, member, flags) \
    CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | (flags), structure, member, &text_entry, 1, ENTRIES_MAX)

static const cyaml_schema_field_t shape_fields[] = {
    TEXT("batch", struct at_file_shape, batch, OPTIONAL),
    TEXT("heads", struct at_file_shape, heads, OPTIONAL),
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

enum at_status at_file_study_load(const struct at_document *document, const char *text, size_t length, struct at_file_study **ret_file,
                                  struct at_error *error)
{
    void *data;
    enum at_status status = at_yaml_load(document, &study_schema, text, length, &data, error);
    if (!status)
        *ret_file = data;
    return status;
}

struct at_file_study *at_file_study_free(struct at_file_study *file)
{
    at_yaml_free(&study_schema, file);
    return NULL;
}
