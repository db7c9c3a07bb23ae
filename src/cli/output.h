/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_OUTPUT_H
#define AT_CLI_OUTPUT_H

#include "core/status.h"
#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The only code of attest that prints. Results go to standard output, all else to standard error. */

/* "attest: <message>" on standard error. */
void at_complain(const struct at_error *error);

/* at_complain; returns the exit code: AT_EXIT_INTERRUPTED for AT_ERR_INTERRUPTED, else AT_EXIT_CANNOT. */
int at_could_not(enum at_status status, const struct at_error *error);

/* at_complain and how to get help; returns AT_EXIT_USAGE. */
int at_misused(const char *verb, const struct at_error *error);

/* Flushes standard output: `code`, or AT_EXIT_CANNOT with a line if something could not be written. Closes standard output. */
int at_finish(int code);

/* An array of objects, one a row, keyed by column; NULL is null, infinities are "inf" and "-inf". New reference, NULL without memory. */
json_t *at_table_json(const struct at_table *table);

/* Text for JSON, which carries only UTF-8: where it is not, every byte above 127 becomes '?'. New reference. */
json_t *at_text_json(const char *text);

/* A number for JSON: null for NaN, "inf" and "-inf". New reference. */
json_t *at_number_json(double value);

/* {"schema": "attest.<name>/1", "<key>": value} on standard output; takes over `value`. Returns AT_EXIT_OK, or AT_EXIT_CANNOT. */
int at_json_print(const char *name, const char *key, json_t *value);

#endif
