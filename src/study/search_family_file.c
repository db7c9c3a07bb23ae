/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/search_family_file.h"

#include "core/name.h"
#include "study/value.h"
#include "study/yaml_file.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file as written: libcyaml checks structure and keys, every scalar is still text (study/schema.h). NULL: not given. */
struct file_parameter {
    char *parameter, *value, *from, *to;
};

struct file_family {
    char *distribution, *rest;
    struct file_parameter *parameters;
    unsigned parameters_count;
};

enum { TEXT_MAX = 255, ENTRIES_MAX = 1000 };

#define TEXT(key, structure, member, flags) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), structure, member, 1, TEXT_MAX)

static const cyaml_schema_field_t parameter_fields[] = {
    TEXT("parameter", struct file_parameter, parameter, CYAML_FLAG_DEFAULT),
    TEXT("value", struct file_parameter, value, CYAML_FLAG_OPTIONAL),
    TEXT("from", struct file_parameter, from, CYAML_FLAG_OPTIONAL),
    TEXT("to", struct file_parameter, to, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t parameter_entry = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_parameter, parameter_fields)};

static const cyaml_schema_field_t family_fields[] = {
    TEXT("distribution", struct file_family, distribution, CYAML_FLAG_DEFAULT),
    TEXT("rest", struct file_family, rest, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_SEQUENCE("parameters", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file_family, parameters, &parameter_entry, 1,
                         ENTRIES_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t family_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file_family, family_fields)};

/* What reading shares. */
struct reading {
    const struct at_document *document;
    struct at_error *error;
    struct at_search_ranges ranges;
    char path[32]; /* "parameters[2]" */
};

/* Refuses what stands at `key` of the entry at hand; "" is the entry itself. */
static enum at_status __attribute__((format(printf, 4, 5)))
refuse(const struct reading *r, enum at_status status, const char *key, const char *format, ...)
{
    char place[64], message[700];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(place, sizeof place, "%s%s%s", r->path, *key && *r->path ? "." : "", key);
    return at_document_fail(r->document, r->error, status, place, "%s", message);
}

static enum at_status read_value(const struct reading *r, size_t index, const char *key, const char *text, double *ret_value)
{
    const struct at_parameter *p = &r->ranges.distribution->parameters[index];
    struct at_error inner = {""};
    double value;
    if (!at_value_real(text, &value))
        return refuse(r, AT_ERR_ARGUMENT, key, "'%.60s' is not a finite decimal number%s: %s", text,
                      strcmp(key, "value") == 0 ? ", nor any" : "", p->meaning);
    if (at_parameter_check(r->ranges.distribution->name, p, value, &inner))
        return refuse(r, AT_ERR_ARGUMENT, key, "%s", inner.message);
    *ret_value = value + 0.0; /* -0 becomes 0: equal values have one spelling */
    return AT_OK;
}

/* from and to, the one below the other. */
static enum at_status read_ends(struct reading *r, const struct file_parameter *f, size_t index)
{
    if (!f->from || !f->to)
        return refuse(r, AT_ERR_FORMAT, "", "key '%s' is missing: give from and to, or value", f->from ? "to" : "from");
    enum at_status status = read_value(r, index, "from", f->from, &r->ranges.low[index]);
    if (!status)
        status = read_value(r, index, "to", f->to, &r->ranges.high[index]);
    if (!status && !(r->ranges.low[index] < r->ranges.high[index]))
        return refuse(r, AT_ERR_ARGUMENT, "to", "%.60s is not above 'from', %.60s; exchange them, or give one 'value'", f->to, f->from);
    return status;
}

static enum at_status read_parameter(struct reading *r, const struct file_parameter *f)
{
    struct at_search_ranges *s = &r->ranges;
    struct at_error inner = {""};
    size_t index = 0;
    enum at_status status = at_distribution_parameter(s->distribution, f->parameter, &index, &inner);
    if (status)
        return refuse(r, status, "parameter", "%s", inner.message);
    if (s->given[index])
        return refuse(r, AT_ERR_ARGUMENT, "parameter", "%s is given twice; keep one", f->parameter);
    s->given[index] = true;
    if (!f->value)
        return read_ends(r, f, index);
    if (f->from || f->to)
        return refuse(r, AT_ERR_ARGUMENT, "value", "'value' and '%s' are both given; keep one: a value, or from and to",
                      f->from ? "from" : "to");
    if (strcmp(f->value, "any") == 0) {
        s->low[index] = s->distribution->parameters[index].min;
        s->high[index] = s->distribution->parameters[index].max;
        return AT_OK;
    }
    status = read_value(r, index, "value", f->value, &s->low[index]);
    s->high[index] = s->low[index];
    return status;
}

static enum at_status read_rest(struct reading *r, const char *text)
{
    static const char *const known[] = {"default", "any"};
    char hint[AT_NAME_HINT_SIZE];
    r->ranges.all = text && strcmp(text, "any") == 0;
    if (!text || r->ranges.all || strcmp(text, "default") == 0)
        return AT_OK;
    return refuse(r, AT_ERR_ARGUMENT, "rest", "'%.60s' is neither default nor any%s", text, at_name_hint(text, known, 2, hint));
}

static enum at_status read_family(struct reading *r, const struct file_family *f, struct at_search_family *ret_family)
{
    struct at_distribution_choice choice;
    struct at_error inner = {""};
    if (strchr(f->distribution, ':'))
        return refuse(r, AT_ERR_ARGUMENT, "distribution", "'%.60s' holds values; give its name alone, and values under 'parameters'",
                      f->distribution);
    enum at_status status = at_distribution_choose(f->distribution, &choice, &inner);
    if (status)
        return refuse(r, status, "distribution", "%s", inner.message);
    r->ranges.distribution = choice.distribution;
    status = read_rest(r, f->rest);
    for (unsigned i = 0; i < f->parameters_count && !status; i++) {
        snprintf(r->path, sizeof r->path, "parameters[%u]", i);
        status = read_parameter(r, &f->parameters[i]);
    }
    r->path[0] = '\0';
    if (status || !at_search_family_settle(&r->ranges, ret_family, NULL))
        return status;
    return refuse(r, AT_ERR_ARGUMENT, f->parameters_count ? "parameters" : "distribution",
                  "no parameter of %s is free: give one from and to, or 'value: any', or free those that are not listed with 'rest: any'",
                  f->distribution);
}

bool at_search_family_is_file(const char *text)
{
    const char *dot = strrchr(text, '.');
    return strchr(text, '/') || (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0));
}

enum at_status at_search_family_load(const char *path, struct at_search_family *ret_family, struct at_error *error)
{
    static const struct at_document_subject subject = {"family", "docs/search.md"};
    char *text = NULL;
    size_t length = 0;
    struct at_document *document = NULL;
    void *file = NULL;
    enum at_status status = at_yaml_read(path, "family", &text, &length, error);
    if (!status)
        status = at_document_parse_as(&subject, path, text, length, &document, error);
    if (!status)
        status = at_yaml_load(document, &family_schema, text, length, &file, error);
    if (!status) {
        struct reading r = {.document = document, .error = error};
        status = read_family(&r, file, ret_family);
    }
    at_yaml_free(&family_schema, file);
    at_document_free(document);
    free(text);
    return status;
}
