/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_DATASETS_READOUT_H
#define AT_DATASETS_READOUT_H

#include "core/hash.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A readout: a matrix W [tokens, width] that makes logits of attention's outputs, z = W o (docs/readout.md). An output projection or the
 * rows of an unembedding, a two-dimensional tensor of a safetensors file in F16, BF16 or F32.
 */

enum { AT_READOUT_NAME_SIZE = 256 };

/* What is known of a readout without holding it. */
struct at_readout_info {
    char tensor[AT_READOUT_NAME_SIZE];
    enum at_format format;
    int64_t tokens, width;   /* tokens >= 2; 0: no readout */
    struct at_sha256 sha256; /* of W as a tensor of 1 x 1 x tokens x width */
};

/* One that is held. */
struct at_readout {
    struct at_readout_info info;
    void *codes; /* [tokens][width] */
    double norm; /* not below the largest Euclidean norm of a row */
};

/*
 * Reads all of the tensor once, without holding it. `tensor` NULL: the only one of the file. Refuses what is no such matrix, a single
 * token, and a row with NaN or infinity, which is named.
 */
enum at_status at_readout_inspect(const char *path, const char *tensor, struct at_readout_info *ret_info, struct at_error *error);

/*
 * Reads what at_readout_inspect gave `info` of; AT_ERR_IO if the file has another content now. Takes tokens * width *
 * at_format_size(format) bytes. Free with at_readout_done.
 */
enum at_status at_readout_read(const char *path, const struct at_readout_info *info, struct at_readout *ret_readout,
                               struct at_error *error);

/* All zero is fine. */
void at_readout_done(struct at_readout *readout);

/* Row `token`, exactly: ret_row[width]. */
void at_readout_row(const struct at_readout *readout, int64_t token, float *ret_row);

#ifdef __cplusplus
}
#endif

#endif
