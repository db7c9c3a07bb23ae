/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/forward/work.cuh"

/* One thread: brings Q and the tiles of K and V as soon as their places are free. */
template <class policy> struct at_forward_producer {
    at_forward_shared<policy> &shared;
    const at_tensor_map &q_map, &k_map, &v_map;
    at_stage<policy> k_stage, v_stage;
    uint32_t q_parity = 0;

    __device__ __forceinline__ void bring_q(const at_forward_work &w)
    {
        at_mbarrier_wait(&shared.q_empty, q_parity ^ 1);
        q_parity ^= 1;
        at_mbarrier_expect(&shared.q_full, shared.q_bytes);
        for (int box = 0; box < policy::boxes; box++)
            at_copy_box(shared.q[box], &q_map, &shared.q_full, box * (policy::box_row / policy::size), w.row_tile * policy::rows, w.head,
                        w.batch);
    }

    __device__ __forceinline__ void bring_k(const at_forward_work &w, int kv_head, int tile)
    {
        uint64_t *full = &shared.k_full[k_stage.index];
        at_mbarrier_wait(&shared.k_empty[k_stage.index], k_stage.parity ^ 1);
        at_mbarrier_expect(full, shared.k_bytes);
        for (int box = 0; box < policy::boxes; box++)
            at_copy_box(shared.k[k_stage.index][box], &k_map, full, box * (policy::box_row / policy::size), tile * policy::keys, kv_head,
                        w.batch);
        k_stage.next();
    }

    __device__ __forceinline__ void bring_v(const at_forward_work &w, int kv_head, int tile)
    {
        uint64_t *full = &shared.v_full[v_stage.index];
        at_mbarrier_wait(&shared.v_empty[v_stage.index], v_stage.parity ^ 1);
        at_mbarrier_expect(full, shared.v_bytes);
        for (int box = 0; box < policy::v_boxes; box++)
            if constexpr (policy::eight_bit)
                at_copy_box(shared.v[v_stage.index][box], &v_map, full, tile * policy::keys + box * AT_FORWARD_BOX, 0, kv_head, w.batch);
            else
                at_copy_box(shared.v[v_stage.index][box], &v_map, full, box * (AT_FORWARD_BOX / policy::size), tile * policy::keys, kv_head,
                            w.batch);
        v_stage.next();
    }

    __device__ __forceinline__ void run(const at_forward_arguments &a)
    {
        uint32_t work_parity = 0;
        int n = blockIdx.x;
        for (at_forward_work w = at_work_at<policy>(a, n); w.row_tile >= 0; w = at_work_at<policy>(a, n)) {
            at_work_give(shared, w, work_parity);
            n = at_work_after<policy>(a, n); /* asked for before it is needed */
            const int kv_head = w.head / a.group;
            int tile = at_first_tile(a, w);
            bring_k(w, kv_head, tile);
            bring_q(w);
            bring_v(w, kv_head, tile);
            for (int i = 1; i < w.tiles; i++) {
                tile += a.tile_step;
                bring_k(w, kv_head, tile);
                bring_v(w, kv_head, tile);
            }
        }
        at_work_give(shared, {-1}, work_parity);
        at_work_end<policy>(a);
    }
};
