/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_STATEMENTS_H
#define AT_CLI_STATEMENTS_H

#include "cli/options.h"
#include "reports/statements.h"

#include <jansson.h>

/* attest show statements: what the heads measured say of others, as sentences and as numbers. */

/* The options that ask for other statements than the usual ones, for a verb's list; end it with {0}. */
#define AT_OPTIONS_STATEMENTS \
    {.name = "confidence", .value = "C", .help = "statements: confidence of each, 0.5 to 0.999 (default 0.95)"}, \
        {.name = "share", \
         .value = "P", \
         .help = "statements: bound of this share of heads, as 0.99 (default: the largest they suffice for)"}, \
    { \
        .name = "one-in", .value = "N", .help = "statements: the level that 1 head in N exceeds (default 10 times the heads)" \
    }

/* Reads these options; AT_ERR_ARGUMENT for what is no number or out of range, and with another table than "statements" for any of them. */
enum at_status at_statements_ask(const struct at_arguments *arguments, const char *table, struct at_statement_question *ret_question,
                                 struct at_error *error);

/* A block a pool; under each variant its sentences. */
void at_statements_print(const struct at_statements *statements, const struct at_statement_question *question);

/* An array of objects, one a pool and variant. New reference, NULL without memory. */
json_t *at_statements_json(const struct at_statements *statements, const struct at_statement_question *question);

/* Loads and prints what the options and the filter ask for. Returns an exit code. */
int at_statements_show(const struct at_arguments *arguments, struct at_store *store, const struct at_filter *filter);

#endif
