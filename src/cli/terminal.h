/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_TERMINAL_H
#define AT_CLI_TERMINAL_H

#include "study/study.h"

#include <stdbool.h>

/*
 * One line on a terminal's standard error: what, how far, how long still. Where standard error is no terminal, or one
 * that takes no escape sequences (TERM=dumb), it stays silent.
 */
struct at_terminal {
    bool terminal;
    bool shown;             /* a line stands on the terminal */
    double first_done;      /* what was done at the first call: found in the store or not counted by this process */
    double start_s, last_s; /* seconds of the monotonic clock; 0 before the first call */
    char line[512];         /* what stands there */
};

void at_terminal_init(struct at_terminal *terminal);

/* The callbacks of at_study_events; context is the struct at_terminal. */
void at_terminal_show(void *context, double done, double total, const char *what);
void at_terminal_note(void *context, const char *line);

/* Wipes the line. */
void at_terminal_done(struct at_terminal *terminal);

/*
 * The line itself: "  42 %  gpt-layer0, fa3-fp8: twin  1 min 5 s left", at most `width` characters of it.
 *   rate_done: work done since `elapsed_s` seconds; left out as long as nothing can be said
 */
void at_terminal_line(double done, double total, double rate_done, double elapsed_s, const char *what, int width, char *ret_line,
                      size_t size);

#endif
