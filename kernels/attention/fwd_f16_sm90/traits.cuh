/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/fwd_f16_sm90/config.h"
#include "kernels/common/ptx/arithmetic.cuh"
#include "kernels/common/ptx/barrier.cuh"
#include "kernels/common/ptx/copy.cuh"
#include "kernels/common/ptx/wgmma_group.cuh"
#include "wgmma.cuh"

/* What distinguishes one kernel of the family from another. */
template <operand format, int head_dim, bool is_causal> struct at_fwd_f16_policy {
    static constexpr operand element = format;
    static constexpr int dim = head_dim, keys = AT_FWD_F16_KEYS(head_dim, is_causal), rows = AT_FWD_F16_ROWS;
    static constexpr bool causal = is_causal;
    static constexpr int boxes = dim / AT_FWD_F16_COLUMNS;

    using scores = wgmma<element, element, keys>;
    using values = wgmma<element, element, dim>;

    static __device__ __forceinline__ uint32_t pair(float low, float high)
    {
        if constexpr (element == operand::f16)
            return at_pair_f16(low, high);
        else
            return at_pair_bf16(low, high);
    }

    static_assert(keys % 16 == 0 && keys <= 256, "a tile of keys is one wgmma wide and whole instructions deep");
    static_assert(AT_FWD_F16_SHARED(dim, causal) <= 232448, "shared memory of one block");
};

/* Shared memory: matrices as TMA writes them, a box of 64 columns after the other, each row 128 bytes, swizzled. */
template <class policy> struct at_fwd_f16_shared {
    static constexpr int stages = AT_FWD_F16_STAGES, box_row = 2 * AT_FWD_F16_COLUMNS;

    char q[policy::boxes][policy::rows * box_row];
    char k[stages][policy::boxes][policy::keys * box_row];
    char v[stages][policy::boxes][policy::keys * box_row];
    uint64_t q_full, q_empty, work_full, work_empty, k_full[stages], k_empty[stages], v_full[stages], v_empty[stages];
    int work; /* the next piece that this block does */

    static constexpr uint32_t q_bytes = sizeof q, tile_bytes = sizeof k[0];
};

/* A place in the ring of stages; both sides walk it in step, over all work of the block. */
struct at_stage {
    int index = 0;
    uint32_t parity = 0;

    __device__ __forceinline__ void next()
    {
        if (++index == AT_FWD_F16_STAGES) {
            index = 0;
            parity ^= 1;
        }
    }
};

/* One tile of query rows of one head. */
struct at_fwd_work {
    int row_tile, head, batch, key_tiles;
};

/*
 * Which piece of work this block does next. The producer asks a counter that all blocks share, so that the longest pieces, which are given
 * out first, leave no block behind, and tells the consumers.
 */
template <class policy>
__device__ __forceinline__ int at_work_give(at_fwd_f16_shared<policy> &shared, const at_fwd_f16_arguments &a, uint32_t &parity)
{
    const int n = gridDim.x + atomicAdd(reinterpret_cast<unsigned *>(a.counter), 1u);
    at_mbarrier_wait(&shared.work_empty, parity ^ 1);
    shared.work = n;
    at_mbarrier_arrive(&shared.work_full);
    parity ^= 1;
    return n;
}

template <class policy> __device__ __forceinline__ int at_work_take(at_fwd_f16_shared<policy> &shared, uint32_t &parity)
{
    at_mbarrier_wait(&shared.work_full, parity);
    const int n = shared.work;
    at_mbarrier_arrive(&shared.work_empty);
    parity ^= 1;
    return n;
}

/*
 * The n-th piece of work. Without a mask row tiles of a head follow each other, so that K and V stay in the L2 cache; with one the longest
 * tiles of as many heads as fit there come first.
 */
template <class policy> __device__ __forceinline__ at_fwd_work at_work_at(const at_fwd_f16_arguments &a, int n)
{
    at_fwd_work w;
    int pair;
    if constexpr (policy::causal) {
        int section = n / (a.heads_at_once * a.row_tiles), inside = n % (a.heads_at_once * a.row_tiles);
        int first = section * a.heads_at_once, pairs = min(a.heads_at_once, a.batches * a.heads - first);
        w.row_tile = a.row_tiles - 1 - inside / pairs;
        pair = first + inside % pairs;
    } else {
        w.row_tile = n % a.row_tiles;
        pair = n / a.row_tiles;
    }
    w.head = pair % a.heads;
    w.batch = pair / a.heads;
    int seen = a.keys;
    if constexpr (policy::causal)
        seen = min(seen, (w.row_tile + 1) * policy::rows + a.keys - a.rows);
    w.key_tiles = max(0, (seen + policy::keys - 1) / policy::keys);
    return w;
}
