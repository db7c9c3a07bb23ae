/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/explain.h"

#include "core/name.h"

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { KEYS_MAX = 32, DEPTH_MAX = 16 };

struct walk {
    const struct at_document *document;
    struct at_error *error;
    char path[512];
};

static bool explain_value(struct walk *walk, int node, const cyaml_schema_value_t *schema, int depth);

static bool fault(const struct walk *walk, int line, const char *path, const char *what, const char *remedy)
{
    at_fail(walk->error, AT_ERR_FORMAT, "%s:%d: %s%s%s%s", at_document_name(walk->document), line, path, *path ? ": " : "", what, remedy);
    return true;
}

static const char *kind_name(enum at_document_kind kind)
{
    return kind == AT_DOCUMENT_SCALAR ? "a single value" : kind == AT_DOCUMENT_LIST ? "a list" : "a mapping (key: value)";
}

static enum at_document_kind kind_wanted(const cyaml_schema_value_t *schema)
{
    switch (schema->type) {
    case CYAML_MAPPING: return AT_DOCUMENT_MAPPING;
    case CYAML_SEQUENCE: return AT_DOCUMENT_LIST;
    default: return AT_DOCUMENT_SCALAR;
    }
}

static bool explain_unknown(const struct walk *walk, const char *key, int line, const cyaml_schema_field_t *fields)
{
    const char *names[KEYS_MAX];
    char what[128], remedy[256] = "";
    size_t count = 0;
    for (const cyaml_schema_field_t *f = fields; f->key && count < KEYS_MAX; f++)
        names[count++] = f->key;
    const char *nearest = at_name_nearest(key, names, count);
    snprintf(what, sizeof what, "unknown key '%.60s'", key);
    if (strchr(key, '=')) /* "sigma=10": what is left of an unquoted spelling behind its comma */
        snprintf(remedy, sizeof remedy, "; a spelling that holds commas must be quoted");
    else if (nearest)
        snprintf(remedy, sizeof remedy, "; did you mean '%s'?", nearest);
    else {
        size_t used = (size_t)snprintf(remedy, sizeof remedy, "; known are");
        for (size_t i = 0; i < count && used < sizeof remedy; i++)
            used += (size_t)snprintf(remedy + used, sizeof remedy - used, "%s %s", i ? "," : "", names[i]);
    }
    return fault(walk, line, walk->path, what, remedy);
}

static bool explain_mapping(struct walk *walk, int node, const cyaml_schema_field_t *fields, int depth)
{
    size_t end = strlen(walk->path);
    int size = at_document_size(walk->document, node), line;
    for (int i = 0; i < size; i++) {
        const char *key = at_document_key(walk->document, node, i, &line);
        const cyaml_schema_field_t *f = fields;
        while (f->key && strcmp(f->key, key) != 0)
            f++;
        if (!f->key)
            return explain_unknown(walk, key, line, fields);
        snprintf(walk->path + end, sizeof walk->path - end, "%s%s", end ? "." : "", key);
        if (explain_value(walk, at_document_child(walk->document, node, i), &f->value, depth))
            return true;
        walk->path[end] = '\0';
    }
    for (const cyaml_schema_field_t *f = fields; f->key; f++) {
        bool given = f->value.flags & CYAML_FLAG_OPTIONAL;
        for (int i = 0; i < size && !given; i++)
            given = strcmp(at_document_key(walk->document, node, i, &line), f->key) == 0;
        char what[64], remedy[64];
        snprintf(what, sizeof what, "key '%s' is missing", f->key);
        snprintf(remedy, sizeof remedy, "; see %s", at_document_subject(walk->document)->page);
        if (!given)
            return fault(walk, at_document_line(walk->document, node), walk->path, what, remedy);
    }
    return false;
}

static bool explain_list(struct walk *walk, int node, const cyaml_schema_value_t *schema, int depth)
{
    size_t end = strlen(walk->path);
    int size = at_document_size(walk->document, node), line = at_document_line(walk->document, node);
    if ((uint64_t)size < schema->sequence.min)
        return fault(walk, line, walk->path, "the list is empty", "; give at least one entry");
    if ((uint64_t)size > schema->sequence.max)
        return fault(walk, line, walk->path, "the list is too long", "; split the file");
    for (int i = 0; i < size; i++) {
        snprintf(walk->path + end, sizeof walk->path - end, "[%d]", i);
        if (explain_value(walk, at_document_child(walk->document, node, i), schema->sequence.entry, depth))
            return true;
        walk->path[end] = '\0';
    }
    return false;
}

static bool explain_text(const struct walk *walk, int node, const cyaml_schema_value_t *schema)
{
    size_t length = at_document_length(walk->document, node);
    int line = at_document_line(walk->document, node);
    if (length < schema->string.min)
        return fault(walk, line, walk->path, "the value is empty", "; give one or leave the key out");
    return length > schema->string.max && fault(walk, line, walk->path, "the value is too long", "; shorten it");
}

static bool explain_value(struct walk *walk, int node, const cyaml_schema_value_t *schema, int depth)
{
    char what[96];
    enum at_document_kind wanted = kind_wanted(schema), kind = at_document_kind(walk->document, node);
    if (kind != wanted) {
        snprintf(what, sizeof what, "%s is needed here, not %s", kind_name(wanted), kind_name(kind));
        return fault(walk, at_document_line(walk->document, node), walk->path, what, "");
    }
    if (depth == DEPTH_MAX)
        return false;
    switch (kind) {
    case AT_DOCUMENT_MAPPING: return explain_mapping(walk, node, schema->mapping.fields, depth + 1);
    case AT_DOCUMENT_LIST: return explain_list(walk, node, schema, depth + 1);
    default: return explain_text(walk, node, schema);
    }
}

enum at_status at_explain(const struct at_document *document, const struct cyaml_schema_value *schema, const char *reason,
                          struct at_error *error)
{
    struct walk walk = {.document = document, .error = error};
    if (!explain_value(&walk, at_document_root(document), schema, 0))
        at_fail(error, AT_ERR_FORMAT, "%s: %s", at_document_name(document), reason);
    return AT_ERR_FORMAT;
}
