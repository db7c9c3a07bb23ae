/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_HASH_H
#define AT_CORE_HASH_H

#include "core/tensor.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A SHA-256 digest as 64 lower-case hexadecimal digits and a NUL (libsodium). */
struct at_sha256 {
    char hex[65];
};

/* Streaming state, opaque; room for libsodium's crypto_hash_sha256_state. */
struct at_hasher {
    uint64_t state[24];
};

void at_hasher_start(struct at_hasher *hasher);
void at_hasher_add(struct at_hasher *hasher, const void *bytes, size_t count);
struct at_sha256 at_hasher_end(struct at_hasher *hasher);

/* Of `count` bytes. */
struct at_sha256 at_sha256_of(const void *bytes, size_t count);

/* Of a tensor: its format name, its shape as four little-endian int64, and its codes (little-endian). */
struct at_sha256 at_sha256_of_tensor(const struct at_tensor *tensor);

/* Of q, k, v in that order: the digest of their three digests. */
struct at_sha256 at_sha256_of_qkv(const struct at_qkv *qkv);

#ifdef __cplusplus
}
#endif

#endif
