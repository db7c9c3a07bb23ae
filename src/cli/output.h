/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_OUTPUT_H
#define AT_CLI_OUTPUT_H

#include "core/status.h"
#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The only code of attest that prints. Results go to standard output, all else to standard error. */

/*
 * Makes text from outside (file names, labels, names in files) fit for a terminal, in place: a control character of ASCII becomes a space,
 * each byte of one of U+0080 to U+009F and each that is not UTF-8 becomes '?'.
 */
void at_clean(char *text);

/* "cfaa6fb12345", with what says that the sources were changed beyond it. */
void at_revision_shorten(const char *revision, char ret_text[32]);

/* printf of one line, cleaned, and its end. */
void at_say(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "attest: <message>" on standard error. */
void at_complain(const struct at_error *error);

/* at_complain; returns the exit code: AT_EXIT_INTERRUPTED for AT_ERR_INTERRUPTED, else AT_EXIT_CANNOT. */
int at_could_not(enum at_status status, const struct at_error *error);

/* at_complain, in the same line how to get help; returns AT_EXIT_USAGE. */
int at_misused(const char *verb, const struct at_error *error);

/* Flushes standard output: `code`, or AT_EXIT_CANNOT with a line if something could not be written. Closes standard output. */
int at_finish(int code);

/* A count for JSON: as a number, but whole ones are integers. New reference. */
json_t *at_count_json(double value);

/* Whether column `name` is the seed of a capture, which has none. */
bool at_seed_is_void(const struct at_table *table, size_t row, const char *name);

/*
 * An array of objects, one a row, keyed by column; NULL is null, infinities are "inf" and "-inf"; "causal" is true or false, counts are
 * integers, the seed of a capture and a scale of exactly 1/sqrt(dim) (stored as 0) are null. New reference, NULL without memory.
 */
json_t *at_table_json(const struct at_table *table);

/* Text for JSON, which carries only UTF-8: where it is not, every byte above 127 becomes '?'. New reference. */
json_t *at_text_json(const char *text);

/* A number for JSON: null for NaN, "inf" and "-inf". New reference. */
json_t *at_number_json(double value);

/* {"schema": "attest.<name>/1", "<key>": value} on standard output; takes over `value`. Returns AT_EXIT_OK, or AT_EXIT_CANNOT. */
int at_json_print(const char *name, const char *key, json_t *value);

#endif
