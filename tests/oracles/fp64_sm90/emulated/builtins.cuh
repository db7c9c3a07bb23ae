/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* What nvcc has built in, for g++: as much of it as the kernels of oracles/fp64_sm90 use; one block at a time, its threads as fibres. */

#include <cmath>
#include <cstdint>
#include <string.h>

#define __global__
#define __device__
#define __forceinline__ inline
#define __grid_constant__
#define __launch_bounds__(...)

enum { MOST_THREADS = 256, MOST_WARPS = MOST_THREADS / 32, MOST_COPIES = 16, NAMED = 16 };

struct gate { /* opens for those that wait when all have come */
    unsigned passed, come, all;
};

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

struct three {
    unsigned x;
};

struct block {
    struct three index;
    struct gate gate, named[NAMED];
    struct warp warps[MOST_WARPS];
    char *shared;
    struct copy copies[MOST_COPIES];
    int copy_count;
};

struct fibre {
    void *stack, *top; /* its memory; its stack pointer while another runs */
    struct three index;
    const unsigned *waits; /* for this to differ from `seen`; NULL: for nothing */
    unsigned seen, exchanges, products;
    bool ended;
};

extern struct block block;
extern struct fibre *self;
#define threadIdx (self->index)
#define blockIdx (block.index)

/* Lets others run; until *waits differs from `seen`, where it is not NULL. */
void wait_on(const unsigned *waits, unsigned seen);
uint32_t draw();
[[noreturn]] void fail(const char *why);

static inline void come_to(struct gate *gate)
{
    unsigned seen = gate->passed;
    if (++gate->come == gate->all) {
        gate->come = 0;
        gate->passed++;
    } else {
        wait_on(&gate->passed, seen);
    }
}

static inline struct warp *own_warp()
{
    return &block.warps[self->index.x / 32];
}

static inline void __syncthreads()
{
    come_to(&block.gate);
}

static inline void __syncwarp()
{
    come_to(&own_warp()->gate);
}

/* Every lane's value, until the exchange after the next. */
static inline const uint32_t *exchange(uint32_t own)
{
    uint32_t *values = own_warp()->value[self->exchanges++ % 2];
    values[self->index.x % 32] = own;
    __syncwarp();
    return values;
}

static inline uint32_t __shfl_xor_sync(unsigned, uint32_t own, int lanes)
{
    return exchange(own)[(self->index.x % 32) ^ static_cast<unsigned>(lanes)];
}

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
