/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/safetensors.h"

#include "core/name.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors data is little-endian and is read without swapping");

enum { LENGTH_BYTES = 8 };

/* Reads exactly `bytes` bytes at `offset`. */
static enum at_status read_at(int fd, int64_t offset, int64_t bytes, void *ret_bytes, struct at_error *error)
{
    char *to = ret_bytes;
    while (bytes > 0) {
        ssize_t got = pread(fd, to, (size_t)bytes, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return at_fail(error, AT_ERR_IO, "cannot read %" PRId64 " bytes at %" PRId64 ": %s", bytes, offset, strerror(errno));
        if (got == 0)
            return at_fail(error, AT_ERR_IO, "ends at byte %" PRId64 " while it is read: it changes; read it when it is whole", offset);
        to += got;
        offset += got;
        bytes -= got;
    }
    return AT_OK;
}

static enum at_status read_header(int fd, int64_t size, struct at_safetensors *ret_file, struct at_error *error)
{
    uint64_t length = 0;
    if (size < LENGTH_BYTES)
        return at_fail(error, AT_ERR_FORMAT, "%" PRId64 " bytes: %s; a safetensors file begins with 8 bytes of header length", size,
                       size ? "truncated" : "the file is empty");
    enum at_status status = read_at(fd, 0, LENGTH_BYTES, &length, error);
    if (status)
        return status;
    if (length < 2 || length > AT_SAFETENSORS_HEADER_MAX)
        return at_fail(error, AT_ERR_FORMAT,
                       "header length %" PRIu64 " (the first 8 bytes): not from 2 to %d bytes; is it a safetensors file?", length,
                       AT_SAFETENSORS_HEADER_MAX);
    if ((int64_t)length > size - LENGTH_BYTES)
        return at_fail(error, AT_ERR_FORMAT,
                       "truncated in the header: its length is %" PRIu64 " bytes, the file holds %" PRId64 " after it; copy the file again",
                       length, size - LENGTH_BYTES);
    char *json = malloc((size_t)length);
    if (!json)
        return at_fail(error, AT_ERR_MEMORY, "no memory for a header of %" PRIu64 " bytes", length);
    status = read_at(fd, LENGTH_BYTES, (int64_t)length, json, error);
    if (!status)
        status = at_safetensors_parse(json, (size_t)length, size - LENGTH_BYTES - (int64_t)length, ret_file, error);
    if (!status)
        ret_file->data = LENGTH_BYTES + (int64_t)length;
    free(json);
    return status;
}

enum at_status at_safetensors_open(const char *path, struct at_safetensors *ret_file, struct at_error *error)
{
    struct at_safetensors file = {0};
    struct stat info;
    enum at_status status = AT_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO does not block */
    if (fd < 0 && errno == ENOENT)
        return at_fail(error, AT_ERR_NOT_FOUND, "%.500s: no such file; check the path", path);
    if (fd < 0)
        return at_fail(error, AT_ERR_IO, "%.500s: cannot open: %s", path, strerror(errno));
    if (fstat(fd, &info) != 0)
        status = at_fail(error, AT_ERR_IO, "cannot be examined: %s", strerror(errno));
    else if (!S_ISREG(info.st_mode))
        status = at_fail(error, AT_ERR_IO, "%s: give a regular file", S_ISDIR(info.st_mode) ? "is a folder" : "is not a regular file");
    else
        status = read_header(fd, (int64_t)info.st_size, &file, error);
    if (status) {
        char place[512];
        snprintf(place, sizeof place, "%.500s", path);
        close(fd);
        return at_fail_in(error, status, place);
    }
    file.fd = fd;
    *ret_file = file;
    return AT_OK;
}

void at_safetensors_close(struct at_safetensors *file)
{
    for (size_t i = 0; i < file->count; i++)
        free(file->tensors[i].name);
    for (size_t i = 0; i < file->metadata_count; i++) {
        free(file->metadata[i].key);
        free(file->metadata[i].value);
    }
    free(file->tensors);
    free(file->metadata);
    if (file->fd >= 0)
        close(file->fd);
    *file = (struct at_safetensors){.fd = -1};
}

enum at_status at_safetensors_find(const struct at_safetensors *file, const char *name, const struct at_safetensor **ret_tensor,
                                   struct at_error *error)
{
    char list[400] = "";
    size_t used = 0;
    const char *nearest = NULL;
    for (size_t i = 0; i < file->count; i++) {
        const char *candidate = file->tensors[i].name;
        if (strcmp(candidate, name) == 0) {
            *ret_tensor = &file->tensors[i];
            return AT_OK;
        }
        nearest = at_name_nearest(name, (const char *[]){nearest ? nearest : candidate, candidate}, 2);
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%.100s", i ? ", " : "", candidate);
    }
    return at_fail(error, AT_ERR_NOT_FOUND, "no tensor named '%.100s'%s%.100s%s; it holds %s%s", name, nearest ? " (did you mean " : "",
                   nearest ? nearest : "", nearest ? "?)" : "", file->count ? list : "none", used >= sizeof list ? "..." : "");
}

const char *at_safetensors_metadata(const struct at_safetensors *file, const char *key)
{
    for (size_t i = 0; i < file->metadata_count; i++)
        if (strcmp(file->metadata[i].key, key) == 0)
            return file->metadata[i].value;
    return NULL;
}

enum at_status at_safetensors_read(const struct at_safetensors *file, const struct at_safetensor *tensor, int64_t offset, int64_t bytes,
                                   void *ret_bytes, struct at_error *error)
{
    return read_at(file->fd, file->data + tensor->begin + offset, bytes, ret_bytes, error);
}
