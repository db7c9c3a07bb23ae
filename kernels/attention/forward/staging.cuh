/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/forward/policy.cuh"

/* Where outputs of a consumer wait for TMA: boxes of 64 columns, swizzled. One thread sends them; the others go on. */
template <class policy> struct at_forward_staging {
    static constexpr int box_columns = AT_FORWARD_BOX / 2, boxes = policy::dim / box_columns;
    static constexpr int box_bytes = AT_FORWARD_CONSUMER_ROWS * AT_FORWARD_BOX;

    at_forward_shared<policy> &shared;
    const at_tensor_map &map;
    const int group; /* of the block's consumers */

    __device__ __forceinline__ uint32_t at() const
    {
        return at_shared_address(shared.o) + group * (boxes * box_bytes);
    }

    __device__ __forceinline__ bool sends() const
    {
        return threadIdx.x % 128 == 0;
    }

    /* Named barriers of the block from 8 on; those of turns end before. */
    __device__ __forceinline__ void sync() const
    {
        static_assert(1 + policy::consumers <= 8 && 8 + policy::consumers <= 15, "barriers that no one else names");
        at_barrier_sync(8 + group, 128);
    }

    /* Before the first output is written: those of the work before have left. */
    __device__ __forceinline__ void open() const
    {
        if (sends())
            at_store_wait_read();
        sync();
    }

    /*
     * Where the 16 bytes go that this thread places for at_store_matrices: of the r-th eight rows of its warp's sixteen, the i-th eight
     * columns and the next. A matrix's eight rows are in eight different places of their 128 bytes: no bank is asked twice.
     */
    __device__ __forceinline__ uint32_t place(int r, int i) const
    {
        const int row = threadIdx.x % 8, second = threadIdx.x / 8 % 2, first_row = threadIdx.x / 32 % 4 * 16;
        const uint32_t low = at() + (first_row + row) * AT_FORWARD_BOX + (second ^ row) * 16;
        return (low ^ i % 8 * 16) + i / 8 * box_bytes + r * (8 * AT_FORWARD_BOX);
    }

    /* After the last: TMA takes them, but for rows beyond the head's last. */
    __device__ __forceinline__ void send(const at_forward_work &w) const
    {
        at_fence_proxy_async();
        sync();
        if (sends()) {
            for (int box = 0; box < boxes; box++)
                at_store_box(&map, at() + box * box_bytes, box * box_columns, w.row_tile * policy::rows + group * AT_FORWARD_CONSUMER_ROWS,
                             w.head, w.batch);
            at_store_commit();
        }
    }

    /* After the last work: all has arrived. */
    __device__ __forceinline__ void end() const
    {
        if (sends())
            at_store_wait();
    }
};
