/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/read.h"

#include "study/value.h"
#include "study/yaml_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_INITIAL = 64 };

enum at_status at_read_integer(const struct at_reading *reading, const char *path, const char *text, uint64_t low, uint64_t high,
                               uint64_t initial, uint64_t *ret_value)
{
    if (!text)
        *ret_value = initial;
    else if (!at_value_integer(text, low, high, ret_value))
        return at_document_fail(reading->document, reading->error, AT_ERR_ARGUMENT, path,
                                "'%.60s' is not a whole number from %" PRIu64 " to %" PRIu64, text, low, high);
    return AT_OK;
}

/* "promote=128": what is left of an unquoted spelling behind its comma. */
static bool looks_like_field(const char *text)
{
    const char *equals = strchr(text, '=');
    return equals && equals > text && memchr(text, ':', (size_t)(equals - text)) == NULL;
}

static enum at_status read_variant(const struct at_reading *reading, const struct at_file_study *file, size_t i, struct at_study *study)
{
    const char *text = file->variants[i], *next = i + 1 < file->variants_count ? file->variants[i + 1] : "";
    char path[32];
    struct at_error inner = {""};
    struct at_variant_choice *choice = &study->variants[i];
    snprintf(path, sizeof path, "variants[%zu]", i);
    if (strchr(text, ':') && looks_like_field(next))
        return at_document_fail(reading->document, reading->error, AT_ERR_ARGUMENT, path,
                                "'%.60s' goes on with '%.60s': a spelling that holds commas must be quoted: \"%.60s,%.60s\"", text, next,
                                text, next);
    enum at_status status = at_variant_choose(text, choice, &inner);
    if (status)
        return at_document_fail(reading->document, reading->error, status, path, "%s", inner.message);
    study->variant_count = i + 1;
    for (size_t j = 0; j < i; j++)
        if (strcmp(study->variants[j].name, choice->name) == 0)
            return at_document_fail(reading->document, reading->error, AT_ERR_ARGUMENT, path, "'%s' is listed twice; keep one",
                                    choice->name);
    return AT_OK;
}

static enum at_status read_head(const struct at_reading *reading, const struct at_file_study *file, struct at_study *study)
{
    uint64_t rows = 0;
    struct at_error inner = {""};
    if (!(study->name = strdup(file->name)))
        return at_fail(reading->error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(reading->document));
    if (!file->rows || strcmp(file->rows, "all") != 0) {
        if (file->rows && !at_value_integer(file->rows, 1, AT_SIZE_MAX, &rows))
            return at_document_fail(reading->document, reading->error, AT_ERR_ARGUMENT, "rows",
                                    "'%.60s' is neither a whole number from 1 to %d nor 'all'", file->rows, AT_SIZE_MAX);
        study->rows = file->rows ? (int64_t)rows : ROWS_INITIAL;
    }
    enum at_status status = at_read_integer(reading, "rows-seed", file->rows_seed, 0, INT64_MAX, 1, &study->rows_seed);
    if (status)
        return status;
    status = at_oracle_read(file->oracle, &study->oracle, &inner);
    return status ? at_document_fail(reading->document, reading->error, status, "oracle", "%s", inner.message) : AT_OK;
}

static enum at_status read_study(const struct at_reading *reading, const struct at_file_study *file, struct at_study *study)
{
    study->variants = calloc(file->variants_count, sizeof *study->variants);
    if (!study->variants)
        return at_fail(reading->error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(reading->document));
    enum at_status status = read_head(reading, file, study);
    for (unsigned i = 0; i < file->variants_count && !status; i++)
        status = read_variant(reading, file, i, study);
    for (unsigned i = 0; i < file->inputs_count && !status; i++)
        status = at_read_input(reading, &file->inputs[i], i, study);
    return status;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("");
}

enum at_status at_study_read(const char *path, struct at_study *ret_study, struct at_error *error)
{
    char *text = NULL, *folder = folder_of(path);
    size_t length = 0;
    struct at_document *document = NULL;
    struct at_file_study *file = NULL;
    struct at_study study = {0};
    enum at_status status =
        folder ? at_yaml_read(path, "study", &text, &length, error) : at_fail(error, AT_ERR_MEMORY, "%s: out of memory", path);
    if (!status)
        status = at_document_parse(path, text, length, &document, error);
    if (!status)
        status = at_file_study_load(document, text, length, &file, error);
    if (!status)
        status = read_study(&(struct at_reading){document, folder, error}, file, &study);
    study.of_file = true;
    at_file_study_free(file);
    at_document_free(document);
    free(text);
    free(folder);
    if (status)
        at_study_done(&study);
    else
        *ret_study = study;
    return status;
}
