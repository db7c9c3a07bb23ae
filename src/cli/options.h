/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_OPTIONS_H
#define AT_CLI_OPTIONS_H

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The command line after the verb: "--name value", "--name=value", "-o value", flags, and words. "--" ends the options. */

struct at_option {
    const char *name;  /* without the dashes; NULL ends the list */
    char letter;       /* short form, or 0 */
    const char *value; /* what stands for its value in the help ("FILE"); NULL: a flag */
    const char *help;
    bool repeats; /* may be given several times */
};

enum { AT_ARGUMENTS_MAX = 256 };

struct at_argument {
    const struct at_option *option; /* NULL: a word */
    const char *value;              /* NULL for a flag */
};

struct at_arguments {
    struct at_argument given[AT_ARGUMENTS_MAX];
    size_t count;
};

/* Options of every verb. */
extern const struct at_option at_common_options[];

/*
 * Refuses an unknown option with the nearest one, an option without its value or with an empty one, a flag with one, and an option given
 * twice that does not repeat. Values are borrowed from argv.
 */
enum at_status at_arguments_parse(const struct at_option *options, int argc, char **argv, struct at_arguments *ret_arguments,
                                  struct at_error *error);

/* The value of the i-th time that `name` was given, or NULL. */
const char *at_argument(const struct at_arguments *arguments, const char *name, size_t i);

bool at_argument_given(const struct at_arguments *arguments, const char *name);

/* The i-th word, or NULL. */
const char *at_word(const struct at_arguments *arguments, size_t i);

/* Refuses more words than `most`. */
enum at_status at_words_at_most(const struct at_arguments *arguments, size_t most, struct at_error *error);

/* Refuses every option given but allowed[count]: they do not go with a study file, which says all else. */
enum at_status at_options_beside_file(const struct at_arguments *arguments, const char *const *allowed, size_t count,
                                      struct at_error *error);

/* The whole number given as `name`, or `otherwise`; refuses anything else and values outside [min, max]. */
enum at_status at_argument_integer(const struct at_arguments *arguments, const char *name, int64_t min, int64_t max, int64_t otherwise,
                                   int64_t *ret_value, struct at_error *error);

#endif
