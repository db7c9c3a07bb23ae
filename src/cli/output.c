/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/output.h"

#include "cli/verb.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void at_complain(const struct at_error *error)
{
    fprintf(stderr, "attest: %s\n", error->message);
}

int at_could_not(enum at_status status, const struct at_error *error)
{
    at_complain(error);
    return status == AT_ERR_INTERRUPTED ? AT_EXIT_INTERRUPTED : AT_EXIT_CANNOT;
}

int at_misused(const char *verb, const struct at_error *error)
{
    at_complain(error);
    fprintf(stderr, "Try 'attest %s%s--help'.\n", verb, *verb ? " " : "");
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
    fprintf(stderr, "attest: cannot write the standard output: %s\n", why ? strerror(why) : "an earlier write failed");
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

static json_t *cell_json(const struct at_cell *cell)
{
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
            good = json_object_set_new(row, table->names[c], cell_json(&table->cells[r * table->columns + c])) == 0;
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
    bool lost = json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) != 0 && !ferror(stdout);
    putchar('\n');
    json_decref(document);
    if (lost)
        fprintf(stderr, "attest: no memory for the JSON document\n");
    return lost ? AT_EXIT_CANNOT : AT_EXIT_OK;
}
