/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/terminal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_line_says_what_how_far_and_how_long(void **state)
{
    (void)state;
    char line[128];
    at_terminal_line(50, 200, 25, 10, "gpt-layer0, fa3-fp8: twin", 100, line, sizeof line);
    assert_string_equal(line, "  25 % gpt-layer0, fa3-fp8: twin  60 s left"); /* 150 left at 2.5 a second */
    at_terminal_line(50, 200, 0, 10, "twin", 100, line, sizeof line);
    assert_string_equal(line, "  25 % twin"); /* nothing done yet by this process: no guess */
    at_terminal_line(50, 200, 25, 0.5, "twin", 100, line, sizeof line);
    assert_string_equal(line, "  25 % twin");
    at_terminal_line(200, 200, 25, 10, "twin", 100, line, sizeof line);
    assert_string_equal(line, " 100 % twin");
    at_terminal_line(5, 0, 5, 10, "twin", 100, line, sizeof line);
    assert_string_equal(line, "   0 % twin");
}

static void it_fits_the_terminal(void **state)
{
    (void)state;
    char line[128];
    at_terminal_line(50, 200, 25, 10, "a very long name of a case and a variant", 30, line, sizeof line);
    assert_int_equal(strlen(line), 30);
    at_terminal_line(50, 200, 25, 10, "name", 5, line, sizeof line);
    assert_null(strstr(line, "name"));
}

/* What `work` wrote to standard error. */
static void captured(void (*work)(void), char *text, size_t size)
{
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);
    assert_true(file && kept >= 0);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    work();
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    ssize_t length = pread(fileno(file), text, size - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    close(kept);
    fclose(file);
}

static void show_three_times(void)
{
    struct at_terminal terminal = {.terminal = true};
    for (int i = 0; i < 3; i++) {
        terminal.last_s = 0; /* as if long ago */
        at_terminal_show(&terminal, 0, 10, i < 2 ? "a\x1b[31m: inputs" : "a: twin");
    }
    at_terminal_note(&terminal, "b\x1b[31m");
}

static void a_line_is_drawn_once_and_clean(void **state)
{
    (void)state;
    char text[512];
    captured(show_three_times, text, sizeof text);
    assert_string_equal(text, "\r\x1b[K   0 % a [31m: inputs\r\x1b[K   0 % a: twin\r\x1b[Kattest: b [31m\n");
}

/* On a terminal that would show them as characters no escape sequences are written. */
static void a_dumb_terminal_stays_clean(void **state)
{
    (void)state;
    int kept = dup(STDERR_FILENO), master = posix_openpt(O_RDWR | O_NOCTTY);
    int slave = master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 ? open(ptsname(master), O_RDWR | O_NOCTTY) : -1;
    assert_true(kept >= 0);
    if (slave < 0) {
        print_message("this machine gives out no pseudo-terminals\n"); /* a chroot without devpts */
        skip();
    }
    static const char *const kinds[] = {"xterm", "dumb"};
    bool shows[2];
    for (int i = 0; i < 2; i++) {
        struct at_terminal terminal;
        setenv("TERM", kinds[i], 1);
        dup2(slave, STDERR_FILENO);
        at_terminal_init(&terminal);
        dup2(kept, STDERR_FILENO);
        shows[i] = terminal.terminal;
    }
    assert_true(shows[0] && !shows[1]);
    close(kept);
    close(slave);
    close(master);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_drawn_once_and_clean),
        cmocka_unit_test(the_line_says_what_how_far_and_how_long),
        cmocka_unit_test(it_fits_the_terminal),
        cmocka_unit_test(a_dumb_terminal_stays_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
