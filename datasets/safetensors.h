/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_DATASETS_SAFETENSORS_H
#define AT_DATASETS_SAFETENSORS_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The safetensors container: 8 bytes header length n (little-endian), n bytes JSON
 *   {"name": {"dtype": "BF16", "shape": [..], "data_offsets": [begin, end]}, .., "__metadata__": {"key": "text", ..}}
 * and the data, which the tensors cover without gap or overlap. A file that differs is refused.
 */

/* Limits on what a file may claim; those of the format itself are a header of 100 MB and any rank. */
enum { AT_SAFETENSORS_HEADER_MAX = 1 << 24, AT_SAFETENSORS_RANK_MAX = 8, AT_SAFETENSORS_DTYPE_SIZE = 16 };

struct at_safetensor {
    char *name;
    char dtype[AT_SAFETENSORS_DTYPE_SIZE]; /* "BF16" */
    int bits;                              /* of an element; 0: a dtype that this reader does not know */
    int rank;
    int64_t shape[AT_SAFETENSORS_RANK_MAX]; /* >= 0 each; the product in bytes fits int64_t and is end - begin */
    int64_t begin, end;                     /* bytes from the start of the data */
};

struct at_safetensors_text {
    char *key, *value;
};

struct at_safetensors {
    int fd;       /* -1 when only a header was parsed */
    int64_t data; /* offset of the data in the file (bytes) */
    size_t count;
    struct at_safetensor *tensors; /* in order of `begin` */
    size_t metadata_count;
    struct at_safetensors_text *metadata;
};

/* Opens and checks the file at `path`; messages name it. Close with at_safetensors_close. */
enum at_status at_safetensors_open(const char *path, struct at_safetensors *ret_file, struct at_error *error);

/*
 * The tensors and metadata of a header of `length` bytes before `data_bytes` bytes of data, with every check but the file's own.
 * Close with at_safetensors_close.
 */
enum at_status at_safetensors_parse(const char *json, size_t length, int64_t data_bytes, struct at_safetensors *ret_file,
                                    struct at_error *error);

void at_safetensors_close(struct at_safetensors *file);

/* The tensor `name`, borrowed; an unknown one is refused with the nearest name and a list. */
enum at_status at_safetensors_find(const struct at_safetensors *file, const char *name, const struct at_safetensor **ret_tensor,
                                   struct at_error *error);

/* The metadata text of `key`, borrowed, or NULL. */
const char *at_safetensors_metadata(const struct at_safetensors *file, const char *key);

/* Reads `bytes` bytes from `offset` within the tensor's data; 0 <= offset, offset + bytes <= end - begin. */
enum at_status at_safetensors_read(const struct at_safetensors *file, const struct at_safetensor *tensor, int64_t offset, int64_t bytes,
                                   void *ret_bytes, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
