/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first 100 bytes of a SQLite file (sqlite.org/fileformat2.html, section 1.3). */
enum { HEADER_BYTES = 100, PAGES_AT = 28, APPLICATION_ID_AT = 68 };

static const char magic[16] = "SQLite format 3";

static uint32_t big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

int64_t at_store_file_bytes(const char *path, const char *suffix)
{
    size_t size = strlen(path) + strlen(suffix) + 1;
    char *name = malloc(size);
    struct stat info;
    int64_t bytes = 0;
    if (name) {
        snprintf(name, size, "%s%s", path, suffix);
        bytes = stat(name, &info) == 0 ? (int64_t)info.st_size : 0;
    }
    free(name);
    return bytes;
}

char *at_store_uri(const char *path, const char *query)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
    char *uri = malloc(3 * strlen(path) + strlen(query) + sizeof "file://./?");
    if (!uri)
        return NULL;
    char *end = uri + sprintf(uri, "%s", path[0] == '/' ? "file://" : "file:./");
    for (; *path; path++)
        end += sprintf(end, strchr(plain, *path) ? "%c" : "%%%02X", (unsigned char)*path);
    sprintf(end, "?%s", query);
    return uri;
}

/* SQLite keeps -wal and -shm beside the file, so that writing needs the folder too. */
static enum at_status check_folder(const char *path, struct at_error *error)
{
    char *copy = strdup(path);
    if (!copy)
        return at_fail(error, AT_ERR_MEMORY, "%s: no memory", path);
    const char *folder = dirname(copy);
    enum at_status status = AT_OK;
    struct stat info;
    if (stat(folder, &info) != 0)
        status = at_fail(error, errno == ENOENT ? AT_ERR_NOT_FOUND : AT_ERR_IO,
                         "%s: the folder %s cannot be used (%s): create it with mkdir -p, or name another file", path, folder,
                         strerror(errno));
    else if (!S_ISDIR(info.st_mode))
        status = at_fail(error, AT_ERR_IO, "%s: %s is not a folder: name another file", path, folder);
    else if (access(folder, W_OK | X_OK) != 0)
        status = at_fail(error, AT_ERR_IO, "%s: the folder %s cannot be written (%s): change its permissions, or name a file elsewhere",
                         path, folder, strerror(errno));
    free(copy);
    return status;
}

/* The header as it lies on disk. The application id of an attest database is on disk before its first fact (open.c, invariant 2). */
static enum at_status check_header(const char *path, int64_t bytes, const unsigned char *header, ssize_t count, struct at_error *error)
{
    if (count < (ssize_t)sizeof magic || memcmp(header, magic, sizeof magic) != 0)
        return at_fail(error, AT_ERR_FORMAT, "%s: not a SQLite database, or its header is damaged: name another file, or restore a copy",
                       path);
    if (count < HEADER_BYTES || bytes < 512)
        return at_fail(error, AT_ERR_FORMAT, "%s: corrupt (truncated to %lld bytes): restore a copy, or move it away to start anew", path,
                       (long long)bytes);
    uint32_t id = big_endian(header + APPLICATION_ID_AT);
    bool may_be_new = id == 0 && big_endian(header + PAGES_AT) <= 1; /* killed while it was created: SQLite tells */
    if (id != AT_STORE_APPLICATION_ID && !may_be_new)
        return at_fail(error, AT_ERR_FORMAT, "%s: a SQLite database, but not one of attest (application id 0x%08x, not 0x%08x): "
                       "name another file", path, (unsigned)id, (unsigned)AT_STORE_APPLICATION_ID);
    return AT_OK;
}

static enum at_status check_file(const char *path, enum at_store_mode mode, enum at_store_found *ret_found, struct at_error *error)
{
    if (mode == AT_STORE_WRITE && access(path, W_OK) != 0)
        return at_fail(error, AT_ERR_IO, "%s: read-only (%s): make it writable, or name another file", path, strerror(errno));
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return at_fail(error, AT_ERR_IO, "%s: cannot be read (%s): change its permissions, or name another file", path, strerror(errno));
    unsigned char header[HEADER_BYTES];
    struct stat info;
    ssize_t count = pread(file, header, sizeof header, 0);
    int failed = count < 0 || fstat(file, &info) != 0 ? errno : 0;
    close(file);
    if (failed)
        return at_fail(error, AT_ERR_IO, "%s: cannot be read (%s): check the disk", path, strerror(failed));
    if (count > 0) {
        *ret_found = AT_STORE_SQLITE;
        return check_header(path, (int64_t)info.st_size, header, count, error);
    }
    if (mode == AT_STORE_READ)
        return at_fail(error, AT_ERR_FORMAT, "%s: an empty file, no facts yet: store some with attest run first, or name another file",
                       path);
    *ret_found = AT_STORE_EMPTY;
    return AT_OK;
}

enum at_status at_store_inspect(const char *path, enum at_store_mode mode, enum at_store_found *ret_found, struct at_error *error)
{
    if (!path[0])
        return at_fail(error, AT_ERR_ARGUMENT, "the database's file name is empty: name a file, for instance attest.db");
    struct stat info;
    bool exists = stat(path, &info) == 0;
    if (!exists && errno != ENOENT)
        return at_fail(error, AT_ERR_IO, "%s: cannot be reached (%s): check the folders on the way, or name another file", path,
                       strerror(errno));
    if (!exists && mode == AT_STORE_READ)
        return at_fail(error, AT_ERR_NOT_FOUND, "%s: no such file: store some facts with attest run first, or name another file", path);
    if (exists && !S_ISREG(info.st_mode))
        return at_fail(error, AT_ERR_IO, "%s: a folder or device, not a file: name a file", path);
    enum at_store_found found = AT_STORE_NOTHING;
    enum at_status status = exists ? check_file(path, mode, &found, error) : AT_OK;
    if (status == AT_OK && mode == AT_STORE_WRITE)
        status = check_folder(path, error);
    if (status == AT_OK)
        *ret_found = found;
    return status;
}
