/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* What threads and blocks of the attention kernels have besides: named barriers, boxes of tensors and matrix products under way. */

#include "core/format.h"
#include "emulated.h"

#include <cstdint>

enum { MOST_BOXES = 64, MOST_STORES = 8, MOST_PRODUCTS = 128, MOST_GROUPS = 8, NAMED_BARRIERS = 16, MOST_WARPGROUPS = 5 };

/* A box of a tensor on its way to shared memory, or from there. */
struct box {
    const struct emulated_map *map;
    char *memory;    /* the block's */
    uint32_t shared; /* in it */
    uint64_t *barrier;
    int at[4]; /* column, row, head, batch */
};

/* A wgmma that was issued: D += A B, or D = A B. */
struct product {
    enum at_format a_format, b_format;
    int columns;
    bool adds, transposed;          /* B is N-major */
    float *d;                       /* this thread's accumulators */
    const uint32_t *left_registers; /* this thread's part of A; NULL: `left` says where it lies */
    uint64_t left, right;           /* descriptors */
};

struct fibre_own {
    struct product products[MOST_PRODUCTS]; /* the last ones issued */
    unsigned issued, groups, group_end[MOST_GROUPS];
    struct box stores[MOST_STORES];
    int store_count;
};

struct named_barrier {
    unsigned passed, come, all;
};

struct warpgroup {
    unsigned closed; /* counts groups that its threads closed, all together */
    unsigned made;   /* groups whose products are made */
};

struct block_own {
    struct named_barrier barriers[NAMED_BARRIERS];
    struct box boxes[MOST_BOXES];
    int box_count;
    struct warpgroup warpgroups[MOST_WARPGROUPS];
};

#include "blocks.cuh"

static inline unsigned atomicAdd(unsigned *at, unsigned more)
{
    unsigned before = *at;
    *at += more;
    return before;
}

static inline void __threadfence() {}

/* Arrives at a named barrier of the block that `threads` threads come to; `waits`: for the others. */
static inline void come_to_named(int name, int threads, bool waits)
{
    struct named_barrier *b = &own_block()->barriers[name];
    if (b->come && b->all != static_cast<unsigned>(threads))
        fibre_fail("threads of one barrier differ about their number");
    b->all = static_cast<unsigned>(threads);
    unsigned seen = b->passed;
    if (++b->come == b->all) {
        b->come = 0;
        b->passed++;
    } else if (waits) {
        fibre_yield(&b->passed, seen);
    }
}

static inline void at_barrier_sync(int name, int threads)
{
    come_to_named(name, threads, true);
}

static inline void at_barrier_arrive(int name, int threads)
{
    come_to_named(name, threads, false);
}

static inline void at_barrier_after(float x, float y)
{
    if (x < 0 || y < 0)
        fibre_fail("a sum of exponentials is negative");
}

template <int count> static inline void at_registers_give() {}

template <int count> static inline void at_registers_take() {}
