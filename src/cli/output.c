/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/output.h"

#include "cli/verb.h"

#include "metrics/metric.h"
#include "reports/query.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the character at `text`, 0 where it is not UTF-8 or is a control character of two bytes. */
static size_t character(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t length = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : c[0] < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    return c[0] == 0xc2 && c[1] < 0xa0 ? 0 : length;
}

void at_clean(char *text)
{
    while (*text) {
        size_t length = character(text);
        if (length == 0)
            *text = '?';
        else if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
        text += length ? length : 1;
    }
}

void at_revision_shorten(const char *revision, char ret_text[32])
{
    const char *dash = strchr(revision, '-');
    snprintf(ret_text, 32, "%.12s%.16s", revision, dash && dash - revision > 12 ? dash : "");
}

void at_say(FILE *stream, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *line = length < 0 ? NULL : malloc((size_t)length + 1);
    if (line) {
        vsnprintf(line, (size_t)length + 1, format, again);
        at_clean(line);
    }
    fprintf(stream, "%s\n", line ? line : "(no memory for this line)");
    free(line);
    va_end(again);
    va_end(args);
}

void at_complain(const struct at_error *error)
{
    at_say(stderr, "attest: %s", error->message);
}

int at_could_not(enum at_status status, const struct at_error *error)
{
    at_complain(error);
    return status == AT_ERR_INTERRUPTED ? AT_EXIT_INTERRUPTED : AT_EXIT_CANNOT;
}

int at_misused(const char *verb, const struct at_error *error)
{
    at_say(stderr, "attest: %s; try attest %s%s--help", error->message, verb, *verb ? " " : "");
    return AT_EXIT_USAGE;
}

int at_finish(int code)
{
    errno = 0;
    bool bad = ferror(stdout);
    if (fflush(stdout) != 0)
        bad = true;
    int why = errno;
    if (fclose(stdout) != 0) {
        bad = true;
        why = why ? why : errno;
    }
    if (!bad)
        return code;
    fprintf(stderr, "attest: cannot write the standard output: %s; give the command again with its output where there is room\n",
            why ? strerror(why) : "an earlier write failed");
    return code == AT_EXIT_OK || code == AT_EXIT_NOT_MET ? AT_EXIT_CANNOT : code;
}

json_t *at_number_json(double value)
{
    if (isnan(value))
        return json_null();
    if (isinf(value))
        return json_string(value > 0 ? "inf" : "-inf");
    return json_real(value);
}

json_t *at_text_json(const char *text)
{
    json_t *made = json_string(text);
    if (made)
        return made;
    char *copy = strdup(text);
    for (char *c = copy; c && *c; c++)
        if (*c & 0x80)
            *c = '?';
    made = copy ? json_string(copy) : NULL;
    free(copy);
    return made;
}

json_t *at_count_json(double value)
{
    return value == rint(value) && fabs(value) < 0x1p53 ? json_integer((json_int_t)value) : at_number_json(value);
}

bool at_seed_is_void(const struct at_table *table, size_t row, const char *name)
{
    if (strcmp(name, "seed") != 0 || at_table_column(table, "source") < 0)
        return false;
    const struct at_cell *source = at_table_cell(table, row, "source");
    return source->kind == AT_CELL_TEXT && strcmp(source->text, "capture") == 0;
}

/* Whether the row's metric counts outputs. */
static bool is_count(const struct at_table *table, size_t row)
{
    const struct at_metric *metric;
    return at_table_column(table, "metric") >= 0 && at_metric_find(at_table_cell(table, row, "metric")->text, &metric, NULL) == AT_OK &&
           strcmp(metric->unit, "outputs") == 0;
}

static json_t *cell_json(const struct at_table *table, size_t row, size_t column)
{
    const char *name = table->names[column];
    const struct at_cell *cell = &table->cells[row * table->columns + column];
    if (strcmp(name, "causal") == 0 && cell->kind == AT_CELL_INTEGER)
        return json_boolean(cell->integer);
    if (at_seed_is_void(table, row, name) || (strcmp(name, "scale") == 0 && cell->kind != AT_CELL_TEXT && cell->real == 0))
        return json_null();
    if (strcmp(name, "value") == 0 && cell->kind == AT_CELL_REAL && is_count(table, row))
        return at_count_json(cell->real);
    switch (cell->kind) {
    case AT_CELL_INTEGER: return json_integer(cell->integer);
    case AT_CELL_REAL: return at_number_json(cell->real);
    case AT_CELL_TEXT: return at_text_json(cell->text);
    case AT_CELL_NULL: break;
    }
    return json_null();
}

json_t *at_table_json(const struct at_table *table)
{
    json_t *rows = json_array();
    for (size_t r = 0; rows && r < table->rows; r++) {
        json_t *row = json_object();
        bool good = row != NULL;
        for (size_t c = 0; good && c < table->columns; c++)
            good = json_object_set_new(row, table->names[c], cell_json(table, r, c)) == 0;
        if (!good || json_array_append(rows, row) != 0) {
            json_decref(rows);
            rows = NULL;
        }
        json_decref(row);
    }
    return rows;
}

int at_json_print(const char *name, const char *key, json_t *value)
{
    char schema[64];
    snprintf(schema, sizeof schema, "attest.%s/1", name);
    json_t *document = json_pack("{s:s, s:o}", "schema", schema, key, value);
    if (!document) {
        fprintf(stderr, "attest: no memory for the JSON document\n");
        return AT_EXIT_CANNOT;
    }
    /* A write that fails marks standard output; at_finish reports it. 17 digits bring every double back. */
    bool lost = json_dumpf(document, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17)) != 0 && !ferror(stdout);
    putchar('\n');
    json_decref(document);
    if (lost)
        fprintf(stderr, "attest: no memory for the JSON document\n");
    return lost ? AT_EXIT_CANNOT : AT_EXIT_OK;
}
