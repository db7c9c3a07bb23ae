/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_read.h"

#include "datasets/dataset.h"
#include "kernels/variants/variant.h"
#include "study/read.h"
#include "study/value.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum at_status at_kpi_refuse(const struct at_kpi_reading *reading, enum at_status status, const char *path, const char *key,
                             const char *format, ...)
{
    char whole[128], message[800];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(whole, sizeof whole, "%s%s%s", path, *path && *key ? "." : "", key);
    return at_document_fail(reading->document, reading->error, status, whole, "%s", message);
}

static enum at_status no_memory(const struct at_kpi_reading *reading)
{
    return at_fail(reading->error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(reading->document));
}

enum at_status at_kpi_read_number(const struct at_kpi_reading *reading, const char *path, const char *key, const char *text, double low,
                                  double high, bool open, double *ret_value)
{
    double value;
    if (!text)
        return AT_OK;
    if (!at_value_real(text, &value))
        return at_kpi_refuse(reading, AT_ERR_ARGUMENT, path, key, "'%.60s' is not a finite number", text);
    if (open ? !(value > low && value < high) : !(value >= low && value <= high))
        return at_kpi_refuse(reading, AT_ERR_ARGUMENT, path, key, "%.60s is not %s %g and %g", text, open ? "between" : "within", low,
                             high);
    *ret_value = value;
    return AT_OK;
}

enum at_status at_kpi_read_variant(const struct at_kpi_reading *reading, const char *path, const char *key, const char *text,
                                   char **ret_name)
{
    struct at_variant_choice choice;
    struct at_error inner = {""};
    enum at_status status = at_variant_choose(text, &choice, &inner);
    if (status)
        return at_kpi_refuse(reading, status, path, key, "%s", inner.message);
    char *name = strdup(choice.name);
    if (!name)
        return no_memory(reading);
    *ret_name = name;
    return AT_OK;
}

/* The canonical spelling where parameters are given, else the name as it stands. */
static enum at_status read_distribution(const struct at_kpi_reading *reading, const char *path, const char *text, char **ret_text)
{
    char spelling[AT_DISTRIBUTION_TEXT_SIZE];
    struct at_distribution_choice choice;
    struct at_error inner = {""};
    enum at_status status = at_distribution_choose(text, &choice, &inner);
    if (status)
        return at_kpi_refuse(reading, status, path, "distribution", "%s", inner.message);
    at_distribution_print(&choice, spelling);
    char *made = strdup(strchr(text, ':') ? spelling : text);
    if (!made)
        return no_memory(reading);
    *ret_text = made;
    return AT_OK;
}

static enum at_status read_integers(const struct at_kpi_reading *reading, const char *path, const char *key, char **texts, unsigned count,
                                    uint64_t low, int64_t **ret_values, size_t *ret_count)
{
    if (!count)
        return AT_OK;
    int64_t *values = calloc(count, sizeof *values);
    if (!values)
        return no_memory(reading);
    *ret_values = values;
    *ret_count = count;
    for (unsigned i = 0; i < count; i++) {
        uint64_t value;
        char entry[64];
        snprintf(entry, sizeof entry, "%s[%u]", key, i);
        if (!at_value_integer(texts[i], low, AT_SIZE_MAX, &value))
            return at_kpi_refuse(reading, AT_ERR_ARGUMENT, path, entry, "'%.60s' is not a whole number from %" PRIu64 " to %d", texts[i],
                                 low, AT_SIZE_MAX);
        values[i] = (int64_t)value;
        for (unsigned j = 0; j < i; j++)
            if (values[j] == values[i])
                return at_kpi_refuse(reading, AT_ERR_ARGUMENT, path, entry, "%s is listed twice; keep one", texts[i]);
    }
    return AT_OK;
}

static enum at_status read_length(const struct at_kpi_reading *reading, const char *path, const char *key, const char *text,
                                  int64_t *ret_length)
{
    uint64_t length;
    if (!text)
        return AT_OK;
    if (!at_value_integer(text, 1, AT_SIZE_MAX, &length))
        return at_kpi_refuse(reading, AT_ERR_ARGUMENT, path, key, "'%.60s' is not a whole number from 1 to %d", text, AT_SIZE_MAX);
    *ret_length = (int64_t)length;
    return AT_OK;
}

static enum at_status read_lengths(const struct at_kpi_reading *reading, const char *path, const struct at_file_lengths *file,
                                   struct at_kpi_scope *scope)
{
    enum at_status status = read_length(reading, path, "lengths.from", file->from, &scope->from);
    if (!status)
        status = read_length(reading, path, "lengths.to", file->to, &scope->to);
    if (!status && scope->from > scope->to)
        status = at_kpi_refuse(reading, AT_ERR_ARGUMENT, path, "lengths", "from %" PRId64 " to %" PRId64 " keys holds no length",
                               scope->from, scope->to);
    return status;
}

static enum at_status read_given(const struct at_kpi_reading *reading, const char *path, const struct at_file_scope *file,
                                 struct at_kpi_scope *scope)
{
    enum at_status status = AT_OK;
    bool causal;
    if (file->distribution)
        status = read_distribution(reading, path, file->distribution, &scope->distribution);
    if (!status && file->label && !(scope->label = strdup(file->label)))
        status = no_memory(reading);
    if (!status)
        status = read_integers(reading, path, "heads", file->heads, file->heads_count, 0, &scope->heads, &scope->head_count);
    if (!status)
        status = read_integers(reading, path, "dims", file->dims, file->dims_count, 1, &scope->dims, &scope->dim_count);
    if (!status && file->lengths)
        status = read_lengths(reading, path, file->lengths, scope);
    if (!status && file->causal && !at_value_truth(file->causal, &causal))
        return at_kpi_refuse(reading, AT_ERR_ARGUMENT, path, "causal", "'%.60s' is neither true nor false", file->causal);
    if (!status && file->causal)
        scope->causal = causal;
    return status;
}

enum at_status at_kpi_read_scope(const struct at_kpi_reading *reading, const char *path, const struct at_file_scope *file,
                                 struct at_kpi_scope *ret_scope)
{
    char inner[96];
    *ret_scope = (struct at_kpi_scope){.from = 0, .to = INT64_MAX, .causal = -1};
    snprintf(inner, sizeof inner, "%s.scope", path);
    return file ? read_given(reading, inner, file, ret_scope) : AT_OK;
}

void at_kpi_scope_done(struct at_kpi_scope *scope)
{
    free(scope->distribution);
    free(scope->label);
    free(scope->heads);
    free(scope->dims);
    *scope = (struct at_kpi_scope){0};
}
