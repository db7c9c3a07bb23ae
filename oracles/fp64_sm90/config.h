/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_CONFIG_H
#define AT_ORACLES_FP64_SM90_CONFIG_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the kernels and their callers share (docs/oracles.md, "oracles/fp64_sm90"). */

/* A score below this power of two gives the weight 0; below AT_FP64_LEAST the reference of a row may be left at 0 (eq. 44). */
#define AT_FP64_DROPPED (-1000)
#define AT_FP64_LEAST 400

/*
 * The kernels: X(name, depth, keys, groups, members, columns, v_blocks, sums). A block computes groups x 16 query rows; a group's members
 * share its scores, of `depth` columns and `keys` keys at a time. Each adds up `columns` columns: with `sums`, P |V| stands behind P V and
 * both are counted; v_blocks blocks of V are there at a time, one for each member or, with `sums`, for all.
 */
#define AT_FP64_KERNELS(X) \
    X(fp64_values_d64, 64, 32, 8, 1, 64, 1, 0) \
    X(fp64_values_d128, 128, 32, 8, 1, 128, 1, 0) \
    X(fp64_values_d256, 256, 16, 4, 2, 128, 2, 0) \
    X(fp64_sums_d64, 64, 32, 8, 1, 128, 1, 1) \
    X(fp64_sums_d128, 128, 64, 4, 2, 128, 1, 1) \
    X(fp64_sums_d128_v64, 128, 32, 8, 1, 128, 1, 1) \
    X(fp64_sums_d256, 256, 16, 4, 2, 128, 1, 1)

/*
 * For scores of each depth, fp64_reference_d<depth> finds the largest score of each row and fp64_weights_d<depth> writes the weights, by
 * blocks as above: X(depth, keys, groups).
 */
#define AT_FP64_DEPTHS(X) X(64, 32, 8) X(128, 32, 8) X(256, 16, 4)

/*
 * How operands lie on the GPU, and in the same order in shared memory: in chunks of 16 bytes, each a part of one lane's fragment.
 *   Q  groups of 16 rows: eight lines, line g of rows g and g + 8, a chunk for each column: both rows'
 *   K  a line for each key, a chunk for two columns
 *   V  a line for two keys, a chunk for each column: both keys'
 * The macros say where in its line a chunk stands, so that eight lanes that load together meet all banks.
 */
#define AT_FP64_Q_CHUNK(line, chunk) ((chunk) ^ ((line)&1))
#define AT_FP64_K_CHUNK(line, chunk) ((chunk) ^ ((line)&1) << 2)
#define AT_FP64_V_CHUNK(line, chunk) ((chunk) ^ ((line)&3) << 1)

/* Rows and keys are padded with zeros to multiples of these on the GPU. */
enum { AT_FP64_ROWS = 128, AT_FP64_KEYS = 64 };

/* At the end of a block's shared memory. */
enum { AT_FP64_STATE_BYTES = 64 };

/* What a kernel takes by value. Addresses are the GPU's; all arrays are padded and without gaps; Q, K and V as said above. */
struct at_fp64_arguments {
    const double *q;         /* [heads][rows][depth] */
    const double *k, *v;     /* [kv_heads][keys][depth]; [kv_heads][slices][keys][columns], one slice a block of V */
    const int *kv_head;      /* [heads] which of them */
    const int *visible;      /* [rows] keys that a row sees */
    double *reference;       /* [heads][rows] whole numbers: a row's weights are 2^(score - reference) */
    double *value, *sum_abs; /* [heads][splits][rows][slices x columns] sums of weight v, and of weight |v| with `sums` */
    double *total;           /* [heads][splits][rows] sums of weights */
    double *weight;          /* [heads][rows][keys] weights */
    double scale;            /* scores are in powers of two: q k scale */
    int64_t keys;            /* of the arrays */
    int rows, slices, heads;
    int splits, split_keys; /* keys of one block: a multiple of AT_FP64_KEYS */
};

#ifdef __cplusplus
}
#endif

#endif
