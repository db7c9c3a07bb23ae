/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/safetensors_write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TENSORS = 3, ALIGNMENT = 8, LENGTH_BYTES = 8 };

static enum at_status refuse(struct at_error *error, const char *path, int number)
{
    enum at_status status = number == ENOSPC || number == EDQUOT || number == EFBIG ? AT_ERR_FULL : AT_ERR_IO;
    return at_fail(error, status, "%.500s: cannot be written: %s", path, strerror(number));
}

enum at_status at_capture_writable(const char *path, bool replace, struct at_error *error)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    struct stat info;
    int written = slash == path ? snprintf(folder, sizeof folder, "/")
                  : slash       ? snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path)
                                : snprintf(folder, sizeof folder, ".");
    if (written >= (int)sizeof folder || strlen(path) + 16 > sizeof folder)
        return at_fail(error, AT_ERR_ARGUMENT, "%.100s...: the path is too long", path);
    if (!*path || (slash && !slash[1]))
        return at_fail(error, AT_ERR_ARGUMENT, "'%.500s' names no file", path);
    if (access(folder, W_OK | X_OK) != 0)
        return refuse(error, path, errno);
    if (lstat(path, &info) != 0)
        return errno == ENOENT ? AT_OK : refuse(error, path, errno);
    if (!S_ISREG(info.st_mode))
        return at_fail(error, AT_ERR_IO, "%.500s: is there and is no regular file; give another name", path);
    return replace ? AT_OK : at_fail(error, AT_ERR_IO, "%.500s: is there already; give another name, or --force to replace it", path);
}

/* "F16", or NULL for what no capture has. */
static const char *dtype_of(enum at_format format)
{
    static const char *const dtypes[AT_FORMAT_COUNT] = {[AT_FP16] = "F16", [AT_BF16] = "BF16", [AT_FP32] = "F32", [AT_E4M3] = "F8_E4M3"};
    return dtypes[format];
}

static int64_t bytes_of(const struct at_tensor *t)
{
    return at_tensor_count(t) * (int64_t)at_format_size(t->format);
}

static json_t *header_of(const struct at_problem *p, const struct at_tensor *const *tensors, const struct at_safetensors_text *text,
                         size_t text_count)
{
    static const char *const names[TENSORS] = {"q", "k", "v"};
    json_t *root = json_object(), *metadata = json_object();
    int64_t begin = 0;
    int bad = json_object_set_new(metadata, "layout", json_string("b h s d"));
    bad |= json_object_set_new(metadata, "causal", json_string(p->causal ? "true" : "false"));
    if (p->scale > 0) {
        char scale[32];
        snprintf(scale, sizeof scale, "%.17g", p->scale);
        bad |= json_object_set_new(metadata, "scale", json_string(scale));
    }
    for (size_t i = 0; i < text_count; i++)
        bad |= json_object_set_new(metadata, text[i].key, json_string(text[i].value));
    bad |= json_object_set_new(root, "__metadata__", metadata);
    for (int i = 0; i < TENSORS; i++) {
        const struct at_tensor *t = tensors[i];
        int64_t end = begin + bytes_of(t);
        bad |= json_object_set_new(root, names[i],
                                   json_pack("{s:s, s:[I,I,I,I], s:[I,I]}", "dtype", dtype_of(t->format), "shape", (json_int_t)t->batch,
                                             (json_int_t)t->heads, (json_int_t)t->seq, (json_int_t)t->dim, "data_offsets",
                                             (json_int_t)begin, (json_int_t)end));
        begin = end;
    }
    if (!bad)
        return root;
    json_decref(root);
    return NULL;
}

/* Header length and header, filled up with spaces so that the data are aligned; NULL without memory or with text that is not UTF-8. */
static char *head_of(const struct at_problem *p, const struct at_tensor *const *tensors, const struct at_safetensors_text *text,
                     size_t text_count, size_t *ret_size)
{
    json_t *root = header_of(p, tensors, text, text_count);
    char *json = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    size_t length = json ? strlen(json) : 0;
    uint64_t padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    char *head = json ? malloc(LENGTH_BYTES + (size_t)padded) : NULL;
    if (head) {
        memcpy(head, &padded, LENGTH_BYTES);
        memset(head + LENGTH_BYTES, ' ', (size_t)padded);
        memcpy(head + LENGTH_BYTES, json, length);
        *ret_size = LENGTH_BYTES + (size_t)padded;
    }
    free(json);
    return head;
}

/* 0, or what errno says. */
static int write_all(int fd, const void *bytes, size_t count)
{
    for (const char *at = bytes; count > 0;) {
        ssize_t done = write(fd, at, count);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        at += done;
        count -= (size_t)done;
    }
    return 0;
}

static int write_parts(int fd, const char *head, size_t head_size, const struct at_tensor *const *tensors)
{
    int number = write_all(fd, head, head_size);
    for (int i = 0; i < TENSORS && !number; i++)
        number = write_all(fd, tensors[i]->codes, (size_t)bytes_of(tensors[i]));
    if (!number && fsync(fd) != 0 && errno != EINVAL) /* EINVAL: no such thing as a disk behind it */
        number = errno;
    return number;
}

static enum at_status write_file(const char *path, const char *head, size_t head_size, const struct at_tensor *const *tensors,
                                 struct at_error *error)
{
    char part[PATH_MAX];
    snprintf(part, sizeof part, "%s.XXXXXX", path);
    int fd = mkostemp(part, O_CLOEXEC);
    if (fd < 0)
        return refuse(error, path, errno);
    int number = write_parts(fd, head, head_size, tensors);
    if (fchmod(fd, 0644) != 0 && !number)
        number = errno;
    if (close(fd) != 0 && !number)
        number = errno;
    if (!number)
        number = rename(part, path) == 0 ? 0 : errno;
    if (number)
        unlink(part);
    return number ? refuse(error, path, number) : AT_OK;
}

enum at_status at_capture_write(const char *path, bool replace, const struct at_problem *problem, const struct at_qkv *qkv,
                                const struct at_safetensors_text *text, size_t text_count, struct at_error *error)
{
    const struct at_tensor *const tensors[TENSORS] = {&qkv->q, &qkv->k, &qkv->v};
    size_t size = 0;
    enum at_status status = at_capture_writable(path, replace, error);
    if (!status && !dtype_of(qkv->q.format))
        status = at_fail(error, AT_ERR_UNSUPPORTED, "%.500s: %s is not a format of captures; take fp16, bf16, fp32 or e4m3", path,
                         at_formats[qkv->q.format].name);
    if (status)
        return status;
    char *head = head_of(problem, tensors, text, text_count, &size);
    if (!head)
        return at_fail(error, AT_ERR_MEMORY, "%.500s: no memory for its header, or its text is not UTF-8", path);
    status = write_file(path, head, size, tensors, error);
    free(head);
    return status;
}
