/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "oracles/fp64_sm90/instructions.cuh"

/* Stands behind a block's operands in shared memory. */
struct at_fp64_state {
    uint64_t q_there, k_there, v_there; /* barriers */
    const double *k_from, *v_from;      /* the block's first tiles; here, because registers are short and one lane a tile asks */
    uint32_t k_left, v_left;            /* warps that have left a slot, over all tiles */
};
static_assert(sizeof(at_fp64_state) <= AT_FP64_STATE_BYTES);

/* A block's shared memory: Q, P and two slots, for one tile of K and one of V. Whoever leaves a slot last has the next tile brought. */
template <class S> struct at_fp64_slots {
    char *q, *k, *v, *p;
    at_fp64_state *state;

    __device__ __forceinline__ at_fp64_slots(char *shared)
    {
        q = shared;
        k = q + S::q_bytes;
        v = k + S::k_bytes;
        p = v + S::v_blocks * S::v_bytes;
        state = reinterpret_cast<at_fp64_state *>(p + S::p_bytes);
    }

    /* Brings Q and the first tiles; v_from may be NULL. By one thread, before the block's first barrier. */
    __device__ __forceinline__ void begin(const double *q_from, const double *k_from, const double *v_from, int tiles, int64_t keys) const
    {
        at_mbarrier_init(&state->q_there, 1);
        at_mbarrier_init(&state->k_there, 1);
        at_mbarrier_init(&state->v_there, 1);
        at_mbarrier_init_fence();
        state->k_from = k_from;
        state->v_from = v_from;
        state->k_left = state->v_left = 0;
        at_mbarrier_expect(&state->q_there, S::q_bytes);
        at_fp64_copy(q, q_from, S::q_bytes, &state->q_there);
        if (tiles > 0)
            bring_k(0);
        if (tiles > 0 && v_from)
            bring_v(0, keys);
    }

    __device__ __forceinline__ void bring_k(int tile) const
    {
        at_mbarrier_expect(&state->k_there, S::k_bytes);
        at_fp64_copy(k, state->k_from + static_cast<int64_t>(tile) * S::keys * S::depth, S::k_bytes, &state->k_there);
    }

    __device__ __forceinline__ void bring_v(int tile, int64_t keys) const
    {
        at_mbarrier_expect(&state->v_there, S::v_blocks * S::v_bytes);
#pragma unroll
        for (int b = 0; b < S::v_blocks; b++)
            at_fp64_copy(v + b * S::v_bytes, state->v_from + (b * keys + static_cast<int64_t>(tile) * S::keys) * S::v_columns, S::v_bytes,
                         &state->v_there);
    }
};

/* Whether this warp is the last of the block to leave a slot; asked by all lanes, true to lane 0 alone. */
template <class S> static __device__ __forceinline__ bool at_fp64_leave(uint32_t *left)
{
    constexpr uint32_t warps = S::threads / 32;
    __syncwarp();
    return threadIdx.x % 32 == 0 && at_fp64_count(left) % warps == warps - 1;
}
