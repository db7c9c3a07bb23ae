/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/hash.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct at_hasher), "at_hasher holds libsodium's state");

static crypto_hash_sha256_state *state_of(struct at_hasher *hasher)
{
    return (crypto_hash_sha256_state *)(void *)hasher->state;
}

void at_hasher_start(struct at_hasher *hasher)
{
    crypto_hash_sha256_init(state_of(hasher));
}

void at_hasher_add(struct at_hasher *hasher, const void *bytes, size_t count)
{
    crypto_hash_sha256_update(state_of(hasher), bytes, count);
}

struct at_sha256 at_hasher_end(struct at_hasher *hasher)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    struct at_sha256 hash;
    crypto_hash_sha256_final(state_of(hasher), digest);
    sodium_bin2hex(hash.hex, sizeof hash.hex, digest, sizeof digest);
    return hash;
}

struct at_sha256 at_sha256_of(const void *bytes, size_t count)
{
    struct at_hasher hasher;
    at_hasher_start(&hasher);
    at_hasher_add(&hasher, bytes, count);
    return at_hasher_end(&hasher);
}

struct at_sha256 at_sha256_of_tensor(const struct at_tensor *t)
{
    struct at_hasher hasher;
    const char *name = at_formats[t->format].name;
    int64_t shape[4] = {t->batch, t->heads, t->seq, t->dim};
    at_hasher_start(&hasher);
    at_hasher_add(&hasher, name, strlen(name));
    at_hasher_add(&hasher, shape, sizeof shape);
    at_hasher_add(&hasher, t->codes, (size_t)at_tensor_count(t) * at_format_size(t->format));
    return at_hasher_end(&hasher);
}

struct at_sha256 at_sha256_of_qkv(const struct at_qkv *qkv)
{
    struct at_sha256 parts[3] = {at_sha256_of_tensor(&qkv->q), at_sha256_of_tensor(&qkv->k), at_sha256_of_tensor(&qkv->v)};
    return at_sha256_of(parts, sizeof parts);
}
