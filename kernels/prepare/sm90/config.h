/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_PREPARE_SM90_CONFIG_H
#define AT_KERNELS_PREPARE_SM90_CONFIG_H

#include "core/numerics.h"

/* Numbers that host and kernels share. A tile is 128 rows of one head: a scale block, a partial sum of a mean (E2), a step of turned V. */
enum {
    AT_PREPARE_ROWS = 128,
    AT_PREPARE_PIECE = 64,          /* columns of a row that one thread holds, in at most 128 registers */
    AT_PREPARE_SMALL_THREADS = 128, /* of the kernels that end a reduction */
    AT_PREPARE_MOST_POLLS = 1 << 25 /* of a scale's number, at least 0.4 us each: then the kernel fails instead of hanging */
};

/*
 * For tiles of `rows` rows: blocks that a multiprocessor holds at once, threads and warps of a block. Blocks that wait for each other have
 * half as many rows where the head dimension is not 64, so that four or two of them are there, some at work while others wait.
 */
#define AT_PREPARE_GROUP_ROWS(dim) ((dim) == 64 ? AT_PREPARE_ROWS : AT_PREPARE_ROWS / 2)
#define AT_PREPARE_BLOCKS(dim, rows) (32768 / ((rows) * (dim)))
#define AT_PREPARE_THREADS(dim, rows) ((rows) * (dim) / AT_PREPARE_PIECE)
#define AT_PREPARE_WARPS(dim, rows) (AT_PREPARE_THREADS(dim, rows) / 32)

/* Bytes of shared memory: struct at_prepare_shared. */
#define AT_PREPARE_SHARED(dim, rows) \
    (AT_PREPARE_THREADS(dim, rows) * (6 * AT_PREPARE_PIECE + 16) + 128 + 12 * (dim) + 8 * AT_PREPARE_WARPS(dim, rows) + 16)

/* Where the scale of an element comes from. */
enum at_prepare_scale {
    AT_PREPARE_FIXED,   /* one number that does not depend on the elements */
    AT_PREPARE_TOKEN,   /* the largest of a row */
    AT_PREPARE_BLOCK64, /* of half a tile */
    AT_PREPARE_TILE,    /* of a tile */
    AT_PREPARE_GROUP,   /* of group_tiles consecutive tiles, all of them in the registers of running blocks */
    AT_PREPARE_READY,   /* one number a head, made before */
    AT_PREPARE_CHANNEL, /* one a column of a head, made before */
    AT_PREPARE_LOOK     /* nothing is quantised: only each tile's largest is written */
};

/* What prepare_columns makes of each column of a tile. */
enum at_prepare_column { AT_PREPARE_SUM, AT_PREPARE_MOST };

/* One tensor, [batch][head][row][column]; addresses in the GPU's memory, 0 where there is nothing. */
struct at_prepare_arguments {
    uint64_t input, codes;
    uint64_t scale;      /* fp32, as struct at_scales */
    uint64_t mean;       /* fp32 [head][column], subtracted (E3) */
    uint64_t shift;      /* fp32 [head][row]: what K's smoothing takes from the log-sum-exp of these query rows (E3) */
    uint64_t shift_mean; /* its mean(K): fp32 [key/value head][column] */
    uint64_t slots;      /* of this tensor, uint64_t [tile]: launch in the upper half, the tile's largest magnitude in the lower */
    uint64_t columns;    /* fp32 [tile][column] */
    int32_t rows, heads; /* of a head; of all batches together */
    int32_t tile_rows, head_tiles, tiles;
    int32_t share;       /* consecutive heads of one scale */
    int32_t group_tiles; /* tiles of one scale */
    int32_t shift_group; /* query heads to a key/value head */
    int32_t input_bytes; /* of an element */
    int32_t width;       /* of the rotation; 0: none */
    int32_t fixed_count; /* with AT_PREPARE_FIXED: scales of a head to be written */
    enum at_format input_format, storage, format;
    enum at_prepare_scale source;
    enum at_prepare_column column;
    enum at_scale_rule rule;
    int32_t turned;    /* codes lie as at_device_turn_v lays them */
    uint32_t launch;   /* never that of another launch that used these slots */
    float fixed;       /* with AT_PREPARE_FIXED; with AT_SCALE_GIVEN the scale */
    float largest;     /* of the storage format */
    float norm;        /* E1: 1/sqrt(width) */
    float softmax;     /* E3: scale of the scores */
    uint32_t signs[8]; /* E1: bit c % 32 of word c / 32 is set where column c changes its sign */
};

/*
 * Tensors of one launch, whose tiles follow each other: the same kernel, width of the rotation and bytes of an input's element. One whose
 * codes are turned is the last.
 */
enum { AT_PREPARE_TENSORS = 3 };
struct at_prepare_batch {
    struct at_prepare_arguments of[AT_PREPARE_TENSORS];
    int32_t count;
    struct { /* how far the number of blocks is, in tiles of the tensor */
        int32_t heads, tiles;
    } steps[AT_PREPARE_TENSORS];
};

#endif
