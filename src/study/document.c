/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct at_document {
    const struct at_document_subject *subject;
    char *name;
    yaml_document_t yaml;
};

struct at_document *at_document_free(struct at_document *document)
{
    if (document) {
        yaml_document_delete(&document->yaml);
        free(document->name);
        free(document);
    }
    return NULL;
}

const char *at_document_name(const struct at_document *document)
{
    return document->name;
}

const struct at_document_subject *at_document_subject(const struct at_document *document)
{
    return document->subject;
}

static const yaml_node_t *node_of(const struct at_document *document, int node)
{
    return document->yaml.nodes.start + node - 1;
}

int at_document_root(const struct at_document *document)
{
    return document->yaml.nodes.start == document->yaml.nodes.top ? 0 : 1;
}

enum at_document_kind at_document_kind(const struct at_document *document, int node)
{
    switch (node_of(document, node)->type) {
    case YAML_SEQUENCE_NODE: return AT_DOCUMENT_LIST;
    case YAML_MAPPING_NODE: return AT_DOCUMENT_MAPPING;
    default: return AT_DOCUMENT_SCALAR;
    }
}

int at_document_line(const struct at_document *document, int node)
{
    return (int)node_of(document, node)->start_mark.line + 1;
}

size_t at_document_length(const struct at_document *document, int node)
{
    return node_of(document, node)->data.scalar.length;
}

int at_document_size(const struct at_document *document, int node)
{
    const yaml_node_t *n = node_of(document, node);
    if (n->type == YAML_SEQUENCE_NODE)
        return (int)(n->data.sequence.items.top - n->data.sequence.items.start);
    return n->type == YAML_MAPPING_NODE ? (int)(n->data.mapping.pairs.top - n->data.mapping.pairs.start) : 0;
}

int at_document_child(const struct at_document *document, int node, int i)
{
    const yaml_node_t *n = node_of(document, node);
    return n->type == YAML_SEQUENCE_NODE ? n->data.sequence.items.start[i] : n->data.mapping.pairs.start[i].value;
}

const char *at_document_key(const struct at_document *document, int node, int i, int *ret_line)
{
    const yaml_node_t *key = node_of(document, node_of(document, node)->data.mapping.pairs.start[i].key);
    *ret_line = (int)key->start_mark.line + 1;
    return (const char *)key->data.scalar.value;
}

static int find_key(const struct at_document *document, int node, const char *name, size_t length, int *ret_line)
{
    for (int i = 0; i < at_document_size(document, node); i++) {
        int line;
        const char *key = at_document_key(document, node, i, &line);
        if (strlen(key) == length && memcmp(key, name, length) == 0) {
            *ret_line = line;
            return at_document_child(document, node, i);
        }
    }
    return 0;
}

int at_document_path_line(const struct at_document *document, const char *path)
{
    int node = at_document_root(document), line = node ? at_document_line(document, node) : 1;
    while (node && *path) {
        int found = 0;
        if (*path == '[') {
            char *end;
            long i = strtol(path + 1, &end, 10);
            if (at_document_kind(document, node) == AT_DOCUMENT_LIST && i >= 0 && i < at_document_size(document, node)) {
                found = at_document_child(document, node, (int)i);
                line = at_document_line(document, found);
            }
            path = end + (*end == ']');
        } else {
            size_t length = strcspn(path, ".[");
            if (at_document_kind(document, node) == AT_DOCUMENT_MAPPING)
                found = find_key(document, node, path, length, &line);
            path += length;
        }
        path += *path == '.';
        node = found;
    }
    return line;
}

enum at_status at_document_fail(const struct at_document *document, struct at_error *error, enum at_status status, const char *path,
                                const char *format, ...)
{
    char message[900];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return at_fail(error, status, "%s:%d: %s%s%s", document->name, at_document_path_line(document, path), path, *path ? ": " : "", message);
}

static enum at_status refuse_syntax(const struct at_document_subject *subject, const char *name, const yaml_parser_t *parser,
                                    struct at_error *error)
{
    size_t line = parser->problem_mark.line + 1;
    if (parser->error == YAML_READER_ERROR) /* an encoding error has an offset, not a line */
        return at_fail(error, AT_ERR_FORMAT, "%s: byte %zu: %s: a %s is a UTF-8 text", name, parser->problem_offset, parser->problem,
                       subject->what);
    if (parser->error == YAML_MEMORY_ERROR)
        return at_fail(error, AT_ERR_MEMORY, "%s: out of memory", name);
    return at_fail(error, AT_ERR_FORMAT, "%s:%zu: not YAML: %s%s%s", name, line, parser->problem ? parser->problem : "cannot be parsed",
                   parser->context ? ", " : "", parser->context ? parser->context : "");
}

static enum at_status check_keys(const struct at_document *document, int node, struct at_error *error)
{
    const yaml_node_t *n = node_of(document, node);
    for (const yaml_node_pair_t *pair = n->data.mapping.pairs.start; pair < n->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_of(document, pair->key);
        if (key->type != YAML_SCALAR_NODE || memchr(key->data.scalar.value, 0, key->data.scalar.length))
            return at_fail(error, AT_ERR_FORMAT, "%s:%zu: a key must be a plain word", document->name, key->start_mark.line + 1);
        for (const yaml_node_pair_t *before = n->data.mapping.pairs.start; before < pair; before++)
            if (strcmp((char *)node_of(document, before->key)->data.scalar.value, (char *)key->data.scalar.value) == 0)
                return at_fail(error, AT_ERR_FORMAT, "%s:%zu: key '%.60s' is given twice, first on line %zu; keep one", document->name,
                               key->start_mark.line + 1, (char *)key->data.scalar.value,
                               node_of(document, before->key)->start_mark.line + 1);
    }
    return AT_OK;
}

static enum at_status check_nodes(const struct at_document *document, struct at_error *error)
{
    int count = (int)(document->yaml.nodes.top - document->yaml.nodes.start);
    enum at_status status = AT_OK;
    for (int node = 1; node <= count && !status; node++) {
        const yaml_node_t *n = node_of(document, node);
        if (n->type == YAML_MAPPING_NODE)
            status = check_keys(document, node, error);
        else if (n->type == YAML_SCALAR_NODE && memchr(n->data.scalar.value, 0, n->data.scalar.length))
            status =
                at_fail(error, AT_ERR_FORMAT, "%s:%d: a value holds a NUL character", document->name, at_document_line(document, node));
    }
    return status;
}

/* The stream must end after its first document. */
static enum at_status check_end(const struct at_document_subject *subject, const char *name, yaml_parser_t *parser, struct at_error *error)
{
    yaml_document_t next;
    if (!yaml_parser_load(parser, &next))
        return refuse_syntax(subject, name, parser, error);
    bool more = yaml_document_get_root_node(&next) != NULL;
    size_t line = next.start_mark.line + 1;
    yaml_document_delete(&next);
    return more ? at_fail(error, AT_ERR_FORMAT, "%s:%zu: a second document begins; a %s file holds one", name, line, subject->what) : AT_OK;
}

enum at_status at_document_parse(const char *name, const char *text, size_t length, struct at_document **ret_document,
                                 struct at_error *error)
{
    static const struct at_document_subject study = {"study", "docs/study.md"};
    return at_document_parse_as(&study, name, text, length, ret_document, error);
}

enum at_status at_document_parse_as(const struct at_document_subject *subject, const char *name, const char *text, size_t length,
                                    struct at_document **ret_document, struct at_error *error)
{
    struct at_document *document = calloc(1, sizeof *document);
    yaml_parser_t parser;
    if (!document || !(document->name = strdup(name)) || !yaml_parser_initialize(&parser)) {
        if (document)
            free(document->name);
        free(document);
        return at_fail(error, AT_ERR_MEMORY, "%s: out of memory", name);
    }
    document->subject = subject;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    enum at_status status = AT_OK;
    if (!yaml_parser_load(&parser, &document->yaml))
        status = refuse_syntax(subject, name, &parser, error);
    else if (!yaml_document_get_root_node(&document->yaml))
        status = at_fail(error, AT_ERR_FORMAT, "%s:1: the file is empty; see %s for what a %s holds", name, subject->page, subject->what);
    if (!status)
        status = check_end(subject, name, &parser, error);
    if (!status)
        status = check_nodes(document, error);
    yaml_parser_delete(&parser);
    if (status)
        at_document_free(document);
    else
        *ret_document = document;
    return status;
}
