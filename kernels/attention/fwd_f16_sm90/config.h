/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_FWD_F16_CONFIG_H
#define AT_KERNELS_FWD_F16_CONFIG_H

#include <stdint.h>

/* Numbers that host and kernel share. */

enum {
    AT_FWD_F16_ROWS = 128,    /* query rows of a tile: 64 for each of two consumer warpgroups */
    AT_FWD_F16_THREADS = 384, /* one producer warpgroup and two consumers */
    AT_FWD_F16_CONSUMERS = 2,
    AT_FWD_F16_STAGES = 2,   /* tiles of K, and of V, on their way or in use */
    AT_FWD_F16_COLUMNS = 64, /* of a box: 128 bytes */
    AT_FWD_F16_PRODUCER_REGISTERS = 24,
    AT_FWD_F16_CONSUMER_REGISTERS = 240
};

/* Keys of a tile: those of FlashAttention-3 (hopper/tile_size.h, commit 0251105). */
#define AT_FWD_F16_KEYS(dim, causal) ((dim) == 64 ? ((causal) ? 128 : 192) : (dim) == 128 ? ((causal) ? 128 : 176) : 80)

/* Bytes of shared memory: Q, the stages, their barriers, and room to begin at a multiple of 1024. */
#define AT_FWD_F16_SHARED(dim, causal) \
    (2 * (dim) * (AT_FWD_F16_ROWS + 2 * AT_FWD_F16_STAGES * AT_FWD_F16_KEYS(dim, causal)) + 8 * (5 + 4 * AT_FWD_F16_STAGES) + 1024)

/* Tensors are [batch][head][row][column]; the row's outputs [batch][head][row]. */
struct at_fwd_f16_arguments {
    uint64_t o, row_max, row_sum, lse;  /* addresses: 16-bit elements, and fp32 */
    uint64_t counter;                   /* address of one uint32_t, zero before the launch: works given out */
    int32_t batches, heads, group;      /* query heads; of them to a key/value head */
    int32_t rows, keys;                 /* of a head */
    int32_t row_tiles;                  /* of a head */
    int32_t heads_at_once;              /* causal: (batch, head) pairs whose K and V stay in the L2 cache together */
    float coefficient, coefficient_ln2; /* E7, and times ln 2 (E24) */
};

#endif
