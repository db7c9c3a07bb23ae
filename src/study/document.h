/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_DOCUMENT_H
#define AT_STUDY_DOCUMENT_H

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A YAML document as nodes with their lines (libyaml). libcyaml reads the values but keeps no lines; this keeps the lines. A node is a
 * number from 1; 0 is no node.
 */
struct at_document;

enum at_document_kind { AT_DOCUMENT_SCALAR, AT_DOCUMENT_LIST, AT_DOCUMENT_MAPPING };

/* What kind of file a message speaks of. */
struct at_document_subject {
    const char *what; /* "study" */
    const char *page; /* that describes it: "docs/study.md" */
};

/*
 * Parses `length` bytes. Refuses what is not one YAML document, keys that are not plain text and keys given twice, with "name:line: ".
 * Free with at_document_free.
 */
enum at_status at_document_parse(const char *name, const char *text, size_t length, struct at_document **ret_document,
                                 struct at_error *error);

/* The same of another kind of file than a study; `subject` is borrowed for the document's life. */
enum at_status at_document_parse_as(const struct at_document_subject *subject, const char *name, const char *text, size_t length,
                                    struct at_document **ret_document, struct at_error *error);

const struct at_document_subject *at_document_subject(const struct at_document *document);

/* NULL is fine; returns NULL. */
struct at_document *at_document_free(struct at_document *document);

/* The file's name, as given. */
const char *at_document_name(const struct at_document *document);

int at_document_root(const struct at_document *document);
enum at_document_kind at_document_kind(const struct at_document *document, int node);
int at_document_line(const struct at_document *document, int node);

/* Bytes of a scalar. */
size_t at_document_length(const struct at_document *document, int node);

/* Entries of a list or pairs of a mapping; 0 for a scalar. */
int at_document_size(const struct at_document *document, int node);

/* The i-th entry of a list, or the value of the i-th pair of a mapping. */
int at_document_child(const struct at_document *document, int node, int i);

/* The i-th key of a mapping, and its line. */
const char *at_document_key(const struct at_document *document, int node, int i, int *ret_line);

/* Line of what `path` names ("inputs[2].shape.heads"), or of the nearest enclosing thing that exists. */
int at_document_path_line(const struct at_document *document, const char *path);

/* Writes "name:line: path: message" and returns `status`. */
enum at_status at_document_fail(const struct at_document *document, struct at_error *error, enum at_status status, const char *path,
                                const char *format, ...) __attribute__((format(printf, 5, 6)));

#ifdef __cplusplus
}
#endif

#endif
