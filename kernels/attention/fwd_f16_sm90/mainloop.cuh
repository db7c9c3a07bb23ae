/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/fwd_f16_sm90/traits.cuh"

/*
 * One consumer warpgroup: 64 query rows. A thread holds rows r and r + 8 of its quad, of each tile columns 8i + 2 (lane % 4) and the next.
 * Q K^T of the next tile runs on the matrix unit while this tile's softmax runs beside it, and the two warpgroups take turns.
 */
template <class policy> struct at_fwd_f16_consumer {
    static constexpr int score_count = policy::keys / 2, output_count = policy::dim / 2;

    at_fwd_f16_shared<policy> &shared;
    const at_fwd_f16_arguments &a;
    const int group, lane, first_row; /* of the block's consumers; of the warp; of this thread within the tile */
    at_stage now;                     /* of the tile whose scores come next */
    float s[score_count], o[output_count];
    uint32_t p[score_count / 2];
    float most[2], sum[2], rescale[2];

    __device__ __forceinline__ at_fwd_f16_consumer(at_fwd_f16_shared<policy> &memory, const at_fwd_f16_arguments &arguments)
        : shared(memory), a(arguments), group(threadIdx.x / 128 - 1), lane(threadIdx.x % 32),
          first_row(group * 64 + threadIdx.x / 32 % 4 * 16 + lane / 4)
    {
    }

    __device__ __forceinline__ void release(uint64_t *barrier)
    {
        if (threadIdx.x % 128 == 0)
            at_mbarrier_arrive(barrier);
    }

    /* E8: issues S = Q K^T. */
    __device__ __forceinline__ void issue_scores(int stage)
    {
        const uint32_t q = at_shared_address(shared.q) + group * 64 * 128, k = at_shared_address(shared.k[stage]);
#pragma unroll
        for (int c = 0; c < policy::dim / 16; c++)
            policy::scores::from_shared(s, at_wgmma_descriptor_swizzled(q + c / 4 * (policy::rows * 128) + c % 4 * 32, 16),
                                        at_wgmma_descriptor_swizzled(k + c / 4 * (policy::keys * 128) + c % 4 * 32, 16), c != 0);
        at_wgmma_commit();
    }

    /* E16: issues O += P V, or O = P V. */
    __device__ __forceinline__ void issue_values(int stage, bool add)
    {
        const uint32_t v = at_shared_address(shared.v[stage]);
#pragma unroll
        for (int c = 0; c < policy::keys / 16; c++)
            policy::values::from_registers_transposed(o, p + 4 * c, at_wgmma_descriptor_swizzled(v + c * 2048, policy::keys * 128),
                                                      add || c != 0);
        at_wgmma_commit();
    }

    __device__ __forceinline__ void mask(const at_fwd_work &w, int tile)
    {
        const int row = w.row_tile * policy::rows + first_row, left = policy::causal ? row + 1 + a.keys - a.rows : a.keys;
        const int seen[2] = {min(a.keys, left) - tile * policy::keys, min(a.keys, policy::causal ? left + 8 : left) - tile * policy::keys};
#pragma unroll
        for (int i = 0; i < score_count; i++)
            if (i / 4 * 8 + lane % 4 * 2 + i % 2 >= seen[i / 2 % 2])
                s[i] = -INFINITY;
    }

    template <bool first> __device__ __forceinline__ void softmax()
    {
#pragma unroll
        for (int r = 0; r < 2; r++) {
            float x = s[2 * r];
#pragma unroll
            for (int i = 0; i < score_count; i++)
                if (i / 2 % 2 == r)
                    x = fmaxf(x, s[i]);
            x = fmaxf(x, __shfl_xor_sync(~0u, x, 2));
            x = fmaxf(x, __shfl_xor_sync(~0u, x, 1));
            const float before = most[r];
            most[r] = first ? x : fmaxf(before, x);
            const float finite = most[r] == -INFINITY ? 0.0f : most[r];
            if (!first)
                rescale[r] = at_ex2(__fmul_rn(__fsub_rn(before, finite), a.coefficient)); /* E17 */
            const float shift = __fmul_rn(finite, a.coefficient);                         /* E11 */
            float total = 0;
#pragma unroll
            for (int i = 0; i < score_count; i++)
                if (i / 2 % 2 == r) {
                    s[i] = at_ex2(__fmaf_rn(s[i], a.coefficient, -shift)); /* E12, E13 */
                    if (i == 2 * r)
                        total = first ? s[i] : __fmaf_rn(sum[r], rescale[r], s[i]); /* E14, E17 */
                    else
                        total = __fadd_rn(total, s[i]); /* E14 */
                }
            sum[r] = total;
        }
    }

    /* E15: an accumulator of scores lies as the left operand of P V wants it. */
    __device__ __forceinline__ void cast()
    {
#pragma unroll
        for (int i = 0; i < score_count / 2; i++)
            p[i] = policy::pair(s[2 * i], s[2 * i + 1]);
    }

    __device__ __forceinline__ void rescale_output()
    {
#pragma unroll
        for (int i = 0; i < output_count; i++)
            o[i] = __fmul_rn(o[i], rescale[i / 2 % 2]); /* E17 */
    }

    /* The warpgroups' turns: named barriers 1 and 2; the first one's first turn is free. */
    __device__ __forceinline__ void take_turns()
    {
        if (group == 0)
            at_barrier_arrive(1, 256);
    }

    __device__ __forceinline__ void wait_turn()
    {
        at_barrier_sync(1 + group, 256);
    }

    __device__ __forceinline__ void end_turn()
    {
        at_barrier_arrive(2 - group, 256);
    }

    /* All key tiles of one piece of work; o, most and sum afterwards. */
    __device__ __forceinline__ void run(const at_fwd_work &w, uint32_t q_parity)
    {
        at_mbarrier_wait(&shared.q_full, q_parity);
        at_mbarrier_wait(&shared.k_full[now.index], now.parity);
        at_wgmma_touch(s);
        at_wgmma_fence();
        issue_scores(now.index);
        at_wgmma_wait<0>();
        at_wgmma_touch(s);
        release(&shared.k_empty[now.index]);
        mask(w, w.key_tiles - 1);
        softmax<true>();
        cast();
        /* Tiles that every row sees whole. */
        const int all_see = policy::causal ? (w.row_tile * policy::rows + a.keys - a.rows + 1) / policy::keys : 0;
        for (int tile = w.key_tiles - 2; tile >= 0; tile--) {
            const at_stage before = now;
            now.next();
            at_mbarrier_wait(&shared.k_full[now.index], now.parity);
            wait_turn();
            at_wgmma_touch(s);
            at_wgmma_touch(o);
            at_wgmma_fence();
            issue_scores(now.index);
            at_mbarrier_wait(&shared.v_full[before.index], before.parity);
            at_wgmma_fence();
            issue_values(before.index, tile != w.key_tiles - 2);
            end_turn();
            at_wgmma_wait<1>();
            at_wgmma_touch(s);
            release(&shared.k_empty[now.index]);
            if (policy::causal && tile >= all_see)
                mask(w, tile);
            softmax<false>();
            at_wgmma_wait<0>();
            at_wgmma_touch(o);
            release(&shared.v_empty[before.index]);
            rescale_output();
            cast();
        }
        release(&shared.q_empty);
        at_mbarrier_wait(&shared.v_full[now.index], now.parity);
        at_wgmma_touch(o);
        at_wgmma_fence();
        issue_values(now.index, w.key_tiles > 1);
        at_wgmma_wait<0>();
        at_wgmma_touch(o);
        release(&shared.v_empty[now.index]);
        now.next();
    }
};
