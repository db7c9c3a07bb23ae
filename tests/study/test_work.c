/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct seen {
    double done, total;
    char what[256], note[512];
};

static void keep_progress(void *context, double done, double total, const char *what)
{
    struct seen *seen = context;
    seen->done = done;
    seen->total = total;
    snprintf(seen->what, sizeof seen->what, "%s", what);
}

static void keep_note(void *context, const char *line)
{
    struct seen *seen = context;
    snprintf(seen->note, sizeof seen->note, "%s", line);
}

static void counting(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct at_study_events events = {.context = &seen, .progress = keep_progress, .note = keep_note};
    struct at_work p = {.events = &events, .total = 100};
    at_work_phase(&p, "case %d", 3);
    assert_string_equal(seen.what, "case 3");
    at_work_step(&p, 10);
    at_work_drop(&p, 30);
    assert_true(seen.done == 10 && seen.total == 70);
    at_work_note(&p, "%d of %d", 1, 2);
    assert_string_equal(seen.note, "1 of 2");
}

static void stopping(void **state)
{
    (void)state;
    struct at_error error = {""};
    volatile sig_atomic_t stop = 0;
    struct at_study_events events = {.stop = &stop};
    struct at_work p = {.events = &events}, silent = {0};
    assert_int_equal(at_work_check(&p, &error), AT_OK);
    stop = 1;
    assert_int_equal(at_work_check(&p, &error), AT_ERR_INTERRUPTED);
    assert_true(strlen(error.message) > 0);
    assert_int_equal(at_work_check(&silent, &error), AT_OK);
    at_work_phase(&silent, "nobody listens");
    at_work_step(&p, 1);
    at_work_note(&p, "nobody listens");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counting), cmocka_unit_test(stopping)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
