/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_FORWARD_ARGUMENTS_H
#define AT_KERNELS_FORWARD_ARGUMENTS_H

#include <stdint.h>

/* What host and kernels of the forward family share. */

enum {
    AT_FORWARD_BOX = 128,          /* bytes of a row that one copy brings: what the swizzle spans */
    AT_FORWARD_CONSUMER_ROWS = 64, /* query rows of one consumer warpgroup */
    AT_FORWARD_MEMORY = 227 << 10, /* bytes of shared memory that a block may have */
    AT_FORWARD_PRODUCER_REGISTERS = 24
};

/* Bytes of a row of Q and K in shared memory's boxes: a head dimension of 64 in 8 bits has rows of 64. */
#define AT_FORWARD_BOX_ROW(dim, size) ((dim) * (size) < AT_FORWARD_BOX ? (dim) * (size) : AT_FORWARD_BOX)

/* Boxes of 8-bit V, columns x keys: 128 keys each, the last one perhaps beyond the tile. */
#define AT_FORWARD_TURNED_BOXES(keys) (((keys) + AT_FORWARD_BOX - 1) / AT_FORWARD_BOX)

/* Bytes of a tile of V. */
#define AT_FORWARD_V_BYTES(dim, keys, size) ((size) == 1 ? AT_FORWARD_TURNED_BOXES(keys) * AT_FORWARD_BOX * (dim) : (keys) * (dim) * (size))

/* Bytes of shared memory: Q, the stages of K and V, barriers, and room to begin at a multiple of 1024. */
#define AT_FORWARD_LOADED(dim, rows, keys, stages, size) \
    ((rows) * (dim) * (size) + (stages) * ((keys) * (dim) * (size) + AT_FORWARD_V_BYTES(dim, keys, size)) + 256 + 1024)

/* Bytes of shared memory where outputs of 16 bits wait for TMA: of a whole tile, or none where a block's memory has no room for it. */
#define AT_FORWARD_STAGED(dim, rows, keys, stages, size) \
    (AT_FORWARD_LOADED(dim, rows, keys, stages, size) + 2 * (rows) * (dim) <= AT_FORWARD_MEMORY ? 2 * (rows) * (dim) : 0)

#define AT_FORWARD_SHARED(dim, rows, keys, stages, size) \
    (AT_FORWARD_LOADED(dim, rows, keys, stages, size) + AT_FORWARD_STAGED(dim, rows, keys, stages, size))

/* Tensors are [batch][head][row][column]; the row's outputs [batch][head][row]. Addresses are 0 where there is no such array. */
struct at_forward_arguments {
    uint64_t o, row_max, row_sum, lse; /* 16-bit elements, and fp32 */
    uint64_t work;                     /* uint32_t: pieces of work given out beyond the first of each block, blocks that ended, two zeros */
    uint64_t q_scale;                  /* fp32 [batch][head][q_scales] */
    uint64_t k_scale;                  /* fp32 [batch][kv head], or [batch][kv head][tile] */
    uint64_t v_scale;                  /* fp32 [batch][kv head] */
    uint64_t v_tile_scale;             /* fp32 [batch][kv head][tile] */
    uint64_t v_column_scale;           /* fp32 [batch][kv head][column] */
    uint64_t v_mean, lse_shift;        /* fp32 [batch][kv head][column], [batch][head][row] */
    int32_t q_scales, q_scale_rows;    /* of a head; consecutive rows that share one */
    int32_t tiles;                     /* of keys */
    int32_t batches, heads, group;     /* query heads; of them to a kv head */
    int32_t rows, keys;                /* of a head */
    int32_t row_tiles;                 /* of a head */
    int32_t heads_at_once;             /* causal: (batch, head) pairs whose K and V stay in the L2 cache together */
    int32_t tile_step;                 /* order of the key tiles: -1, from the last; 1, from the first */
    float log2_scale;                  /* E7: softmax scale times log2(e) */
    float offset, factor;              /* E11: log2 of what P carries; E24: its inverse */
};

#endif
