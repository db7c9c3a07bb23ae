/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_CLI_COMMAND_H
#define AT_TESTS_CLI_COMMAND_H

#include <stdbool.h>

/* Runs the built program as a shell would; what it printed stays until the next call. */
struct outcome {
    int code;              /* exit code; 128 + signal */
    const char *out, *err; /* standard output and error, each cut at a megabyte */
};

/* The program under test: main calls this with argv[1]. */
void command_program(const char *path);

/* printf of the arguments, for the shell: attest("show --db %s", path). A redirection in them replaces the capture. */
struct outcome attest(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Fails, with all that was printed, unless the exit code is the one wanted. */
void assert_code(struct outcome outcome, int code);

/* Standard error is one line and holds `what`. */
void assert_complaint(struct outcome outcome, const char *what);

/* Standard output is JSON with "schema": "attest.<name>/1" and an element of that name. */
void assert_json(struct outcome outcome, const char *name);

bool says(const char *text, const char *what);

#endif
