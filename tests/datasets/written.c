/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "written.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[256];

const char *written_folder(void)
{
    if (!*folder) {
        const char *base = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/attest-XXXXXX", base && *base ? base : "/tmp");
        assert_non_null(mkdtemp(folder));
    }
    return folder;
}

int written_clean(void **state)
{
    (void)state;
    DIR *open_folder = *folder ? opendir(folder) : NULL;
    for (struct dirent *entry; open_folder && (entry = readdir(open_folder));) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    if (open_folder) {
        closedir(open_folder);
        rmdir(folder);
    }
    return 0;
}

static FILE *start(const char *name, const char **ret_path)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", written_folder(), name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    *ret_path = path;
    return file;
}

const char *written_file(const char *name, const void *bytes, size_t count)
{
    const char *path;
    FILE *file = start(name, &path);
    assert_true(count == 0 || fwrite(bytes, 1, count, file) == count);
    assert_int_equal(fclose(file), 0);
    return path;
}

const char *written_tensors(const char *name, const char *json, const void *data, size_t count)
{
    const char *path;
    uint64_t length = strlen(json);
    FILE *file = start(name, &path);
    assert_int_equal(fwrite(&length, sizeof length, 1, file), 1);
    assert_int_equal(fwrite(json, 1, length, file), length);
    assert_true(count == 0 || fwrite(data, 1, count, file) == count);
    assert_int_equal(fclose(file), 0);
    return path;
}

const char *written_capture(const struct written_spec *s, const void *data)
{
    static char json[2048];
    int k = s->q_bytes, v = k + s->k_bytes, end = v + s->v_bytes;
    snprintf(json, sizeof json,
             "{\"q\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[0,%d]},"
             "\"k\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]},"
             "\"v\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}%s}",
             s->dtype, s->q, k, s->dtype, s->k, k, v, s->dtype, s->v, v, end, s->metadata);
    char *zeros = calloc(1, (size_t)end + 1);
    assert_non_null(zeros);
    const char *path = written_tensors("capture.safetensors", json, data ? data : zeros, (size_t)end);
    free(zeros);
    return path;
}
