/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_schema.h"

#include "study/yaml_file.h"

#include <cyaml/cyaml.h>

enum { TEXT_MAX = 255, ENTRIES_MAX = 1000 };

#define TEXT(key, structure, member, flags) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), structure, member, 1, TEXT_MAX)
#define OPTIONAL CYAML_FLAG_OPTIONAL
#define REQUIRED CYAML_FLAG_DEFAULT

static const cyaml_schema_value_t text_entry = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAX)};

#define TEXTS(key, structure, member) \
    CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | OPTIONAL, structure, member, &text_entry, 1, ENTRIES_MAX)

static const cyaml_schema_field_t lengths_fields[] = {
    TEXT("from", struct at_file_lengths, from, OPTIONAL),
    TEXT("to", struct at_file_lengths, to, OPTIONAL),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t scope_fields[] = {
    TEXT("distribution", struct at_file_scope, distribution, OPTIONAL),
    TEXT("case", struct at_file_scope, label, OPTIONAL),
    TEXTS("heads", struct at_file_scope, heads),
    TEXTS("dims", struct at_file_scope, dims),
    CYAML_FIELD_MAPPING_PTR("lengths", CYAML_FLAG_POINTER | OPTIONAL, struct at_file_scope, lengths, lengths_fields),
    TEXT("causal", struct at_file_scope, causal, OPTIONAL),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t requirement_fields[] = {
    TEXT("metric", struct at_file_requirement, metric, REQUIRED),
    TEXT("against", struct at_file_requirement, against, OPTIONAL),
    TEXT("statistic", struct at_file_requirement, statistic, OPTIONAL),
    TEXT("at-most", struct at_file_requirement, at_most, OPTIONAL),
    TEXT("below", struct at_file_requirement, below, OPTIONAL),
    TEXT("at-least", struct at_file_requirement, at_least, OPTIONAL),
    TEXT("above", struct at_file_requirement, above, OPTIONAL),
    TEXT("equals", struct at_file_requirement, equals, OPTIONAL),
    TEXT("relative-to", struct at_file_requirement, relative_to, OPTIONAL),
    TEXT("in-units-of", struct at_file_requirement, in_units_of, OPTIONAL),
    TEXT("coverage", struct at_file_requirement, coverage, OPTIONAL),
    TEXT("confidence", struct at_file_requirement, confidence, OPTIONAL),
    TEXT("looks", struct at_file_requirement, looks, OPTIONAL),
    CYAML_FIELD_MAPPING_PTR("scope", CYAML_FLAG_POINTER | OPTIONAL, struct at_file_requirement, scope, scope_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t cost_fields[] = {
    TEXT("speed-at-least", struct at_file_cost, speed_at_least, REQUIRED),
    TEXT("relative-to", struct at_file_cost, relative_to, REQUIRED),
    TEXT("with-prepare", struct at_file_cost, with_prepare, OPTIONAL),
    CYAML_FIELD_MAPPING_PTR("scope", CYAML_FLAG_POINTER | OPTIONAL, struct at_file_cost, scope, scope_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t requirement_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct at_file_requirement, requirement_fields)};
static const cyaml_schema_value_t cost_entry = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct at_file_cost, cost_fields)};

static const cyaml_schema_field_t kpi_fields[] = {
    TEXT("name", struct at_file_kpi, name, REQUIRED),
    TEXT("description", struct at_file_kpi, description, OPTIONAL),
    TEXT("confidence", struct at_file_kpi, confidence, OPTIONAL),
    CYAML_FIELD_SEQUENCE("requirements", CYAML_FLAG_POINTER, struct at_file_kpi, requirements, &requirement_entry, 1, ENTRIES_MAX),
    TEXTS("must-pass", struct at_file_kpi, must_pass),
    CYAML_FIELD_SEQUENCE("cost", CYAML_FLAG_POINTER | OPTIONAL, struct at_file_kpi, costs, &cost_entry, 1, ENTRIES_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t kpi_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct at_file_kpi, kpi_fields)};

enum at_status at_file_kpi_load(const struct at_document *document, const char *text, size_t length, struct at_file_kpi **ret_file,
                                struct at_error *error)
{
    void *data;
    enum at_status status = at_yaml_load(document, &kpi_schema, text, length, &data, error);
    if (!status)
        *ret_file = data;
    return status;
}

struct at_file_kpi *at_file_kpi_free(struct at_file_kpi *file)
{
    at_yaml_free(&kpi_schema, file);
    return NULL;
}
