/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/work.h"

#include <stdarg.h>
#include <stdio.h>

static void report(const struct at_work *progress)
{
    if (progress->events && progress->events->progress)
        progress->events->progress(progress->events->context, progress->done, progress->total, progress->what);
}

void at_work_phase(struct at_work *progress, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(progress->what, sizeof progress->what, format, args);
    va_end(args);
    report(progress);
}

void at_work_step(struct at_work *progress, double work)
{
    progress->done += work;
    report(progress);
}

void at_work_drop(struct at_work *progress, double work)
{
    progress->total -= work;
    report(progress);
}

void at_work_note(const struct at_work *progress, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (progress->events && progress->events->note)
        progress->events->note(progress->events->context, line);
}

enum at_status at_work_check(const struct at_work *progress, struct at_error *error)
{
    if (progress->events && progress->events->stop && *progress->events->stop)
        return at_fail(error, AT_ERR_INTERRUPTED, "interrupted; what was finished is stored, the same command goes on from there");
    return AT_OK;
}
