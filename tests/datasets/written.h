/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_DATASETS_WRITTEN_H
#define AT_TESTS_DATASETS_WRITTEN_H

#include <stddef.h>
#include <stdint.h>

/* A temporary folder of the test program; made at the first call. */
const char *written_folder(void);

/* Removes the folder and what written_file and written_tensors put there. */
int written_clean(void **state);

/* Path of `name` in that folder, holding `count` bytes. Static storage, overwritten by the next call. */
const char *written_file(const char *name, const void *bytes, size_t count);

/* The same with a safetensors file: header length, `json`, `count` data bytes. */
const char *written_tensors(const char *name, const char *json, const void *data, size_t count);

/* A capture: shapes as JSON, sizes in bytes; `metadata` is "" or an entry with a comma before it. */
struct written_spec {
    const char *dtype, *q, *k, *v, *metadata;
    int q_bytes, k_bytes, v_bytes;
};

/* The file with tensors "q", "k" and "v" in that order over `data`; zeros if NULL. */
const char *written_capture(const struct written_spec *spec, const void *data);

#endif
