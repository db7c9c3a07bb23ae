/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* What nvcc has built in, for g++: as much of it as the kernels of oracles/fp64_sm90 use; one block at a time, its threads as fibres. */

#include <cmath>
#include <cstdint>
#include <string.h>

#include "fibres.cuh"

enum { MOST_THREADS = 256, MOST_WARPS = MOST_THREADS / 32, MOST_COPIES = 16, NAMED = 16 };

struct fragments { /* a lane's, of the left and the right factor */
    double a[4], b[2];
};

struct warp {
    struct gate gate;
    uint32_t value[2][32];
    struct fragments fragments[2][32];
};

struct copy {
    char *to;
    const double *from;
    uint32_t bytes;
    uint64_t *barrier;
};

struct block {
    struct three index;
    struct gate gate, named[NAMED];
    struct warp warps[MOST_WARPS];
    char *shared;
    struct copy copies[MOST_COPIES];
    int copy_count;
};

struct fibre : fibre_state {
    unsigned products;
};

extern struct block block;
extern struct fibre *self;

static inline struct block *own_block()
{
    return &block;
}

#include "warps.cuh"

static inline int min(int a, int b)
{
    return a < b ? a : b;
}

static inline int max(int a, int b)
{
    return a > b ? a : b;
}

static inline int __reduce_max_sync(unsigned, int own)
{
    const uint32_t *values = exchange(static_cast<uint32_t>(own));
    int most = static_cast<int>(values[0]);
    for (int i = 1; i < 32; i++)
        most = max(most, static_cast<int>(values[i]));
    return most;
}

static inline int __reduce_min_sync(unsigned, int own)
{
    return -__reduce_max_sync(~0u, -own);
}
