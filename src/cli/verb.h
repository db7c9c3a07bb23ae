/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_VERB_H
#define AT_CLI_VERB_H

#include "cli/options.h"

#include <stddef.h>

/* What the shell is told; docs/command.md and every --help list them. */
enum at_exit {
    AT_EXIT_OK = 0,           /* done; for gate: every requirement is met; for verify and check: the same bits, or format noise */
    AT_EXIT_NOT_MET = 1,      /* gate: at least one requirement is not met; verify: a run differs; check: a bug; doctor: a probe differs */
    AT_EXIT_CANNOT = 2,       /* could not be done, or not all of it; for gate: cannot say; verify: a run cannot be verified */
    AT_EXIT_USAGE = 64,       /* the command line was not understood (EX_USAGE of sysexits.h) */
    AT_EXIT_INTERRUPTED = 130 /* stopped by SIGINT or SIGTERM; run: the same command goes on from there */
};

/* One file of this folder each; meson.build lists them. */
struct at_verb {
    const char *name;
    const char *summary;                              /* one line, for attest --help */
    const char *usage;                                /* lines after "attest " */
    const char *help;                                 /* what it does, in a few lines */
    const char *examples;                             /* lines that work as they stand */
    const struct at_option *options;                  /* ends with a NULL name; --json and --help belong to every verb and are not listed */
    int (*run)(const struct at_arguments *arguments); /* returns an enum at_exit */
};

extern const struct at_verb *const at_verbs[];
extern const size_t at_verb_count;

#endif
