/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_read.h"

#include "datasets/dataset.h"
#include "study/kpi_ready.h"
#include "study/value.h"
#include "study/yaml_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum at_status no_memory(const struct at_kpi_reading *reading)
{
    return at_fail(reading->error, AT_ERR_MEMORY, "%s: out of memory", at_document_name(reading->document));
}

enum at_status at_kpi_read_cost(const struct at_kpi_reading *reading, const char *path, const struct at_file_cost *file,
                                struct at_kpi_cost *ret_cost)
{
    char text[512];
    enum at_status status =
        at_kpi_read_number(reading, path, "speed-at-least", file->speed_at_least, 0, 1e6, true, &ret_cost->speed_at_least);
    if (!status)
        status = at_kpi_read_variant(reading, path, "relative-to", file->relative_to, &ret_cost->relative_to);
    if (!status && file->with_prepare && !at_value_truth(file->with_prepare, &ret_cost->with_prepare))
        status = at_kpi_refuse(reading, AT_ERR_ARGUMENT, path, "with-prepare", "'%.60s' is neither true nor false", file->with_prepare);
    if (!status)
        status = at_kpi_read_scope(reading, path, file->scope, &ret_cost->scope);
    if (status)
        return status;
    const struct at_kpi_scope *s = &ret_cost->scope;
    if (s->distribution || s->label || s->head_count)
        return at_kpi_refuse(reading, AT_ERR_ARGUMENT, path,
                             s->distribution ? "scope.distribution"
                             : s->label      ? "scope.case"
                                             : "scope.heads",
                             "speed is measured for a shape, of all heads; choose by dims, lengths and causal");
    snprintf(text, sizeof text, "speed%s >= %g x %s", ret_cost->with_prepare ? " with prepare" : "", ret_cost->speed_at_least,
             ret_cost->relative_to);
    ret_cost->text = strdup(text);
    return ret_cost->text ? AT_OK : no_memory(reading);
}

/* A distribution with parameters is spelled in full; anything else may also be a case's label. */
static enum at_status read_input(const struct at_kpi_reading *reading, const char *path, const char *text, struct at_kpi_input *ret_input)
{
    struct at_distribution_choice choice;
    char spelling[AT_DISTRIBUTION_TEXT_SIZE];
    if (!(ret_input->name = strdup(text)))
        return no_memory(reading);
    if (!strchr(text, ':'))
        return AT_OK;
    struct at_error inner = {""};
    enum at_status status = at_distribution_choose(text, &choice, &inner);
    if (status)
        return at_kpi_refuse(reading, status, path, "", "%s", inner.message);
    at_distribution_print(&choice, spelling);
    ret_input->spelling = strdup(spelling);
    return ret_input->spelling ? AT_OK : no_memory(reading);
}

static enum at_status read_must_pass(const struct at_kpi_reading *reading, const struct at_file_kpi *file, struct at_kpi *kpi)
{
    enum at_status status = AT_OK;
    for (unsigned i = 0; i < file->must_pass_count && !status; i++) {
        char path[32];
        snprintf(path, sizeof path, "must-pass[%u]", i);
        status = read_input(reading, path, file->must_pass[i], &kpi->must_pass[kpi->must_pass_count++]);
        for (unsigned j = 0; j < i && !status; j++)
            if (strcmp(file->must_pass[j], file->must_pass[i]) == 0)
                status = at_kpi_refuse(reading, AT_ERR_ARGUMENT, path, "", "'%.60s' is listed twice; keep one", file->must_pass[i]);
    }
    return status;
}

static enum at_status read_kpi(struct at_kpi_reading *reading, const struct at_file_kpi *file, struct at_kpi *kpi)
{
    char path[32];
    kpi->name = strdup(file->name);
    kpi->description = strdup(file->description ? file->description : "");
    kpi->requirements = calloc(file->requirements_count, sizeof *kpi->requirements);
    kpi->must_pass = calloc(file->must_pass_count + 1, sizeof *kpi->must_pass);
    kpi->costs = calloc(file->costs_count + 1, sizeof *kpi->costs);
    if (!kpi->name || !kpi->description || !kpi->requirements || !kpi->must_pass || !kpi->costs)
        return no_memory(reading);
    enum at_status status = at_kpi_read_number(reading, "", "confidence", file->confidence, 0.75, 1, true, &reading->confidence);
    for (unsigned i = 0; i < file->requirements_count && !status; i++) {
        snprintf(path, sizeof path, "requirements[%u]", i);
        status = at_kpi_read_requirement(reading, path, &file->requirements[i], &kpi->requirements[kpi->requirement_count++]);
    }
    if (!status)
        status = read_must_pass(reading, file, kpi);
    for (unsigned i = 0; i < file->costs_count && !status; i++) {
        snprintf(path, sizeof path, "cost[%u]", i);
        status = at_kpi_read_cost(reading, path, &file->costs[i], &kpi->costs[kpi->cost_count++]);
    }
    return status;
}

enum at_status at_kpi_parse(const char *name, const char *text, size_t length, struct at_kpi *ret_kpi, struct at_error *error)
{
    static const struct at_document_subject subject = {"KPI", "docs/kpi.md"};
    struct at_document *document = NULL;
    struct at_file_kpi *file = NULL;
    struct at_kpi kpi = {0};
    enum at_status status = at_document_parse_as(&subject, name, text, length, &document, error);
    if (!status)
        status = at_file_kpi_load(document, text, length, &file, error);
    if (!status)
        status = read_kpi(&(struct at_kpi_reading){document, error, 0.95}, file, &kpi);
    at_file_kpi_free(file);
    at_document_free(document);
    if (status)
        at_kpi_done(&kpi);
    else
        *ret_kpi = kpi;
    return status;
}

enum at_status at_kpi_read(const char *name, struct at_kpi *ret_kpi, struct at_error *error)
{
    const char *ready = at_kpi_ready_find(name);
    char *text, hint[AT_KPI_HINT_SIZE];
    size_t length;
    if (ready)
        return at_kpi_parse(name, ready, strlen(ready), ret_kpi, error);
    enum at_status status = at_yaml_read(name, "KPI", &text, &length, error);
    if (status == AT_ERR_NOT_FOUND && !strchr(name, '/'))
        return at_fail(error, status, "%s: neither a ready-made KPI (attest list kpis) nor a file%s", name, at_kpi_ready_hint(name, hint));
    if (status)
        return status;
    status = at_kpi_parse(name, text, length, ret_kpi, error);
    free(text);
    return status;
}

void at_kpi_done(struct at_kpi *kpi)
{
    for (size_t i = 0; i < kpi->requirement_count; i++) {
        free(kpi->requirements[i].relative_to);
        free(kpi->requirements[i].text);
        at_kpi_scope_done(&kpi->requirements[i].scope);
    }
    for (size_t i = 0; i < kpi->must_pass_count; i++) {
        free(kpi->must_pass[i].name);
        free(kpi->must_pass[i].spelling);
    }
    for (size_t i = 0; i < kpi->cost_count; i++) {
        free(kpi->costs[i].relative_to);
        free(kpi->costs[i].text);
        at_kpi_scope_done(&kpi->costs[i].scope);
    }
    free(kpi->requirements);
    free(kpi->must_pass);
    free(kpi->costs);
    free(kpi->name);
    free(kpi->description);
    *kpi = (struct at_kpi){0};
}
