/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/forward/policy.cuh"

/*
 * The n-th piece of work. Without a mask row tiles of a head follow each other, so that K and V stay in the L2 cache; with one the longest
 * tiles of as many heads as fit there come first.
 */
template <class policy> __device__ __forceinline__ at_forward_work at_work_at(const at_forward_arguments &a, int n)
{
    at_forward_work w = {-1};
    int pair;
    if (n >= a.row_tiles * a.heads * a.batches)
        return w;
    if constexpr (policy::causal) {
        const int section = n / (a.heads_at_once * a.row_tiles), inside = n % (a.heads_at_once * a.row_tiles);
        const int first = section * a.heads_at_once, pairs = min(a.heads_at_once, a.batches * a.heads - first);
        w.row_tile = a.row_tiles - 1 - inside / pairs;
        pair = first + inside % pairs;
    } else {
        w.row_tile = n % a.row_tiles;
        pair = n / a.row_tiles;
    }
    w.head = pair % a.heads;
    w.batch = pair / a.heads;
    w.kv_head = w.batch * (a.heads / a.group) + w.head / a.group;
    int seen = a.keys;
    if constexpr (policy::causal)
        seen = min(seen, (w.row_tile + 1) * policy::rows + a.keys - a.rows);
    w.empty = seen <= 0;
    w.tiles = w.empty ? 1 : (seen + policy::keys - 1) / policy::keys;
    return w;
}

/* The tile of keys that is visited first; the others follow in steps of tile_step. */
__device__ __forceinline__ int at_first_tile(const at_forward_arguments &a, const at_forward_work &w)
{
    return a.tile_step < 0 ? w.tiles - 1 : 0;
}

/*
 * Which piece of work a block does next. Without a mask all are alike, and block b does b, b + blocks, ... With one the producer asks a
 * counter that all blocks share, so that the longest pieces, given out first, leave no block behind.
 */
template <class policy> static constexpr bool at_work_shared = policy::causal && policy::shape.specialised;

template <class policy> __device__ __forceinline__ int at_work_after(const at_forward_arguments &a, int n)
{
    return at_work_shared<policy> ? gridDim.x + atomicAdd(reinterpret_cast<unsigned *>(a.work), 1u) : n + gridDim.x;
}

/* The producer tells the consumers: one place, full and empty in turns. */
template <class policy>
__device__ __forceinline__ void at_work_give(at_forward_shared<policy> &shared, const at_forward_work &w, uint32_t &parity)
{
    at_mbarrier_wait(&shared.work_empty, parity ^ 1);
    shared.work = w;
    at_mbarrier_arrive(&shared.work_full);
    parity ^= 1;
}

template <class policy> __device__ __forceinline__ at_forward_work at_work_take(at_forward_shared<policy> &shared, uint32_t &parity)
{
    at_mbarrier_wait(&shared.work_full, parity);
    at_forward_work w = shared.work;
    at_mbarrier_arrive(&shared.work_empty);
    for (int *field : {&w.row_tile, &w.head, &w.batch, &w.kv_head, &w.tiles, &w.empty})
        *field = __shfl_sync(~0u, *field, 0); /* tells the compiler that a warp has one work: what follows from it is computed once */
    parity ^= 1;
    return w;
}

/* The last block to end leaves the counters zero for the next launch. One thread of a block calls it, after its last at_work_after. */
template <class policy> __device__ __forceinline__ void at_work_end(const at_forward_arguments &a)
{
    if constexpr (at_work_shared<policy>) {
        unsigned *counters = reinterpret_cast<unsigned *>(a.work);
        __threadfence();
        if (atomicAdd(&counters[1], 1u) == gridDim.x - 1) {
            counters[0] = 0;
            counters[1] = 0;
        }
    }
}
