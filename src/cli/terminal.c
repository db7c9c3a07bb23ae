/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/terminal.h"

#include "cli/output.h"
#include "reports/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void at_terminal_init(struct at_terminal *terminal)
{
    const char *kind = getenv("TERM");
    bool dumb = kind && strcmp(kind, "dumb") == 0; /* shows escape sequences as characters */
    *terminal = (struct at_terminal){.terminal = isatty(STDERR_FILENO) == 1 && !dumb};
}

void at_terminal_line(double done, double total, double rate_done, double elapsed_s, const char *what, int width, char *ret_line,
                      size_t size)
{
    char left[AT_NUMBER_SIZE] = "";
    double share = total > 0 ? done / total : 0;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    if (rate_done > 0 && elapsed_s >= 1 && done < total)
        at_duration_print((total - done) / rate_done * elapsed_s, left);
    int tail = *left ? (int)strlen(left) + 7 : 0;
    int room = width - 7 - tail;
    snprintf(ret_line, size, "%4.0f %% %.*s%s%s%s", 100 * share, room > 0 ? room : 0, what, *left ? "  " : "", left, *left ? " left" : "");
}

void at_terminal_show(void *context, double done, double total, const char *what)
{
    struct at_terminal *p = context;
    double now = now_s();
    if (!p->terminal)
        return;
    if (p->start_s == 0) {
        p->start_s = now;
        p->first_done = done;
    }
    if (now - p->last_s < 0.1) /* ten lines a second are enough for an eye */
        return;
    p->last_s = now;
    struct winsize size = {0};
    int width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col - 1 : 79;
    char line[sizeof p->line];
    at_terminal_line(done, total, done - p->first_done, now - p->start_s, what, width, line, sizeof line);
    at_clean(line);
    if (p->shown && strcmp(line, p->line) == 0)
        return;
    fprintf(stderr, "\r\x1b[K%s", line);
    strcpy(p->line, line);
    p->shown = true;
}

void at_terminal_note(void *context, const char *line)
{
    at_terminal_done(context);
    at_say(stderr, "attest: %s", line);
}

void at_terminal_done(struct at_terminal *terminal)
{
    if (terminal->shown)
        fputs("\r\x1b[K", stderr);
    terminal->shown = false;
}
