/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/report.h"

#include "core/name.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum at_status at_report_find(const char *name, const struct at_report **ret_report, struct at_error *error)
{
    const char *names[64];
    char list[256] = "";
    size_t count = at_report_count < 64 ? at_report_count : 64;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(at_reports[i]->name, name) == 0) {
            *ret_report = at_reports[i];
            return AT_OK;
        }
        names[i] = at_reports[i]->name;
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", names[i]);
    }
    const char *nearest = at_name_nearest(name, names, count);
    if (nearest)
        return at_fail(error, AT_ERR_NOT_FOUND, "report '%s' is unknown; the nearest is '%s'; there are %s", name, nearest, list);
    return at_fail(error, AT_ERR_NOT_FOUND, "report '%s' is unknown; there are %s", name, list);
}

static enum at_status fail_at(const char *path, struct at_error *error)
{
    int why = errno;
    if (why == ENOSPC || why == EDQUOT || why == EFBIG)
        return at_fail(error, AT_ERR_FULL, "%s: no space left to write the report; free some or give -o another place", path);
    return at_fail(error, AT_ERR_IO, "%s: cannot write the report: %s; give -o a file in a folder that exists and lets you write", path,
                   strerror(why));
}

static bool write_all(int file, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, text, length);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return fsync(file) == 0 || errno == EINVAL || errno == EROFS;
}

/* A new file beside `path`, or beside what a link of that name points to, takes the name once it is whole. */
static enum at_status replace(const char *path, const struct at_buffer *text, struct at_error *error)
{
    char target[PATH_MAX];
    path = realpath(path, target) ? target : path;
    size_t size = strlen(path) + sizeof ".XXXXXX";
    char *beside = malloc(size);
    if (!beside)
        return at_fail(error, AT_ERR_MEMORY, "%s: no memory to write the report", path);
    snprintf(beside, size, "%s.XXXXXX", path);
    int file = mkstemp(beside);
    if (file < 0) {
        enum at_status status = fail_at(path, error);
        free(beside);
        return status;
    }
    mode_t mask = umask(0);
    umask(mask);
    bool good = fchmod(file, 0666 & ~mask) == 0 && write_all(file, text->text, text->length);
    int why = errno;
    if (close(file) != 0 && good) {
        good = false;
        why = errno;
    }
    if (good && rename(beside, path) != 0) {
        good = false;
        why = errno;
    }
    enum at_status status = AT_OK;
    if (!good) {
        unlink(beside);
        errno = why;
        status = fail_at(path, error);
    }
    free(beside);
    return status;
}

/* A device or a pipe has no name to take over, nor has what /dev and /proc only point to (/dev/stdout). */
static bool is_stream(const char *path)
{
    struct stat info;
    return strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0 || (stat(path, &info) == 0 && !S_ISREG(info.st_mode));
}

static enum at_status stream(const char *path, const struct at_buffer *text, struct at_error *error)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return fail_at(path, error);
    bool good = fwrite(text->text, 1, text->length, file) == text->length && fflush(file) == 0;
    int why = errno;
    if (fclose(file) != 0 && good) {
        good = false;
        why = errno;
    }
    errno = why;
    return good ? AT_OK : fail_at(path, error);
}

enum at_status at_report_save(const struct at_report *report, struct at_store *store, const struct at_filter *filter, const char *path,
                              struct at_error *error)
{
    struct at_buffer text = {0};
    enum at_status status = report->compose(store, filter, &text, error);
    if (!status && text.failed)
        status = at_fail(error, AT_ERR_MEMORY, "%s: no memory for the report", path);
    if (!status)
        status = is_stream(path) ? stream(path, &text, error) : replace(path, &text, error);
    at_buffer_done(&text);
    return status;
}
