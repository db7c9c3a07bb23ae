/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"

#include "tests/reports/fixture.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char program[4096];

void command_program(const char *path)
{
    char *whole = realpath(path, NULL); /* a test may go to another folder */
    snprintf(program, sizeof program, "%s", whole ? whole : path);
    free(whole);
}

static const char *read_all(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
    return text;
}

struct outcome attest(const char *format, ...)
{
    static char out[1 << 20], err[1 << 20];
    char arguments[4096], line[16384], out_path[128], err_path[128];
    va_list args;
    va_start(args, format);
    vsnprintf(arguments, sizeof arguments, format, args);
    va_end(args);
    snprintf(out_path, sizeof out_path, "%s/out", fixture_folder());
    snprintf(err_path, sizeof err_path, "%s/err", fixture_folder());
    snprintf(line, sizeof line, "'%s' >'%s' 2>'%s' %s", program, out_path, err_path, arguments);
    int status = system(line);
    struct outcome outcome = {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
    outcome.out = read_all(out_path, out, sizeof out);
    outcome.err = read_all(err_path, err, sizeof err);
    return outcome;
}

void assert_code(struct outcome outcome, int code)
{
    if (outcome.code != code)
        fail_msg("exit code %d instead of %d\n%s%s", outcome.code, code, outcome.out, outcome.err);
}

bool says(const char *text, const char *what)
{
    return strstr(text, what) != NULL;
}

void assert_complaint(struct outcome outcome, const char *what)
{
    const char *end = strchr(outcome.err, '\n');
    if (!end || end[1] || !says(outcome.err, what) || strncmp(outcome.err, "attest: ", 8) != 0)
        fail_msg("standard error is not one line with '%s':\n%s", what, outcome.err);
}

void assert_json(struct outcome outcome, const char *name)
{
    char schema[64];
    json_error_t error;
    json_t *document = json_loads(outcome.out, 0, &error);
    if (!document)
        fail_msg("no JSON: line %d: %s\n%s", error.line, error.text, outcome.out);
    snprintf(schema, sizeof schema, "attest.%s/1", name);
    assert_string_equal(json_string_value(json_object_get(document, "schema")), schema);
    assert_non_null(json_object_get(document, name));
    json_decref(document);
}
