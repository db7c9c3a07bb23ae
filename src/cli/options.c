/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/options.h"

#include "core/name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct at_option at_common_options[] = {
    {.name = "json", .help = "print JSON instead of a table (docs/command.md, \"JSON\")"},
    {.name = "help", .letter = 'h', .help = "this text"},
    {0},
};

enum { OPTIONS_MAX = 64 };

/* All options a verb knows, its own first. */
static size_t gather(const struct at_option *own, const struct at_option **ret_all)
{
    const struct at_option *lists[] = {own, at_common_options};
    size_t count = 0;
    for (size_t l = 0; l < 2; l++)
        for (const struct at_option *o = lists[l]; o->name && count < OPTIONS_MAX; o++)
            ret_all[count++] = o;
    return count;
}

static enum at_status unknown(const char *text, size_t length, const struct at_option **all, size_t count, struct at_error *error)
{
    char name[64];
    const char *names[OPTIONS_MAX];
    size_t kept = length < sizeof name - 1 ? length : sizeof name - 1;
    memcpy(name, text, kept);
    name[kept] = '\0';
    for (size_t i = 0; i < count; i++)
        names[i] = all[i]->name;
    const char *nearest = at_name_nearest(name, names, count);
    if (nearest)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' is unknown; the nearest is '--%s'", name, nearest);
    return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' is unknown", name);
}

static enum at_status add(struct at_arguments *a, const struct at_option *option, const char *value, struct at_error *error)
{
    if (option && !option->repeats && at_argument_given(a, option->name))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' is given twice", option->name);
    if (a->count == AT_ARGUMENTS_MAX)
        return at_fail(error, AT_ERR_ARGUMENT, "more than %d arguments", AT_ARGUMENTS_MAX);
    a->given[a->count++] = (struct at_argument){option, value};
    return AT_OK;
}

/* An option, argv[*i]; moves *i on when the value is the next argument. */
static enum at_status parse_option(const struct at_option **all, size_t count, int argc, char **argv, int *i, struct at_arguments *a,
                                   struct at_error *error)
{
    const char *text = argv[*i], *value = NULL;
    const struct at_option *option = NULL;
    bool is_long = text[1] == '-';
    size_t length = 1;
    if (is_long) {
        text += 2;
        length = strcspn(text, "=");
        value = text[length] ? text + length + 1 : NULL;
    } else {
        text += 1;
        value = text[1] ? text + 1 : NULL;
    }
    for (size_t o = 0; o < count && !option; o++)
        if (is_long ? strlen(all[o]->name) == length && memcmp(all[o]->name, text, length) == 0 : all[o]->letter == text[0])
            option = all[o];
    if (!option && is_long)
        return unknown(text, length, all, count, error);
    if (!option)
        return at_fail(error, AT_ERR_ARGUMENT, "option '-%c' is unknown", text[0]);
    if (!option->value && value)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' takes no value, but '%s' was given", option->name, value);
    if (option->value && !value) {
        if (*i + 1 >= argc)
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' needs a value: --%s %s", option->name, option->name, option->value);
        value = argv[++*i];
    }
    if (value && !*value)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--%s': its value is empty; write --%s %s", option->name, option->name,
                       option->value);
    return add(a, option, value, error);
}

enum at_status at_arguments_parse(const struct at_option *options, int argc, char **argv, struct at_arguments *ret_arguments,
                                  struct at_error *error)
{
    const struct at_option *all[OPTIONS_MAX];
    size_t count = gather(options, all);
    bool only_words = false;
    enum at_status status = AT_OK;
    struct at_arguments made = {.count = 0};
    for (int i = 0; !status && i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!only_words && argv[i][0] == '-' && argv[i][1])
            status = parse_option(all, count, argc, argv, &i, &made, error);
        else
            status = add(&made, NULL, argv[i], error);
    }
    if (!status)
        *ret_arguments = made;
    return status;
}

const char *at_argument(const struct at_arguments *arguments, const char *name, size_t i)
{
    for (size_t a = 0; a < arguments->count; a++)
        if (arguments->given[a].option && strcmp(arguments->given[a].option->name, name) == 0 && i-- == 0)
            return arguments->given[a].value;
    return NULL;
}

bool at_argument_given(const struct at_arguments *arguments, const char *name)
{
    for (size_t a = 0; a < arguments->count; a++)
        if (arguments->given[a].option && strcmp(arguments->given[a].option->name, name) == 0)
            return true;
    return false;
}

const char *at_word(const struct at_arguments *arguments, size_t i)
{
    for (size_t a = 0; a < arguments->count; a++)
        if (!arguments->given[a].option && i-- == 0)
            return arguments->given[a].value;
    return NULL;
}

enum at_status at_words_at_most(const struct at_arguments *arguments, size_t most, struct at_error *error)
{
    const char *extra = at_word(arguments, most);
    return extra ? at_fail(error, AT_ERR_ARGUMENT, "'%s' is one word too many", extra) : AT_OK;
}

enum at_status at_options_beside_file(const struct at_arguments *arguments, const char *const *allowed, size_t count,
                                      struct at_error *error)
{
    for (size_t i = 0; i < arguments->count; i++) {
        const struct at_option *option = arguments->given[i].option;
        bool fits = !option;
        for (size_t j = 0; !fits && j < count; j++)
            fits = strcmp(option->name, allowed[j]) == 0;
        if (!fits)
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' does not go with a study file, which says that itself", option->name);
    }
    return AT_OK;
}

enum at_status at_argument_integer(const struct at_arguments *arguments, const char *name, int64_t min, int64_t max, int64_t otherwise,
                                   int64_t *ret_value, struct at_error *error)
{
    const char *text = at_argument(arguments, name, 0);
    if (!text) {
        *ret_value = otherwise;
        return AT_OK;
    }
    char *end;
    errno = 0;
    intmax_t value = strtoimax(text, &end, 10);
    if (end == text || *end || errno || value < min || value > max)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--%s': '%s' is not a whole number from %" PRId64 " to %" PRId64, name, text, min,
                       max);
    *ret_value = value;
    return AT_OK;
}
