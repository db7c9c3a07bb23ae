/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/fwd_f16_sm90/traits.cuh"

/* One thread: brings Q, then the tiles of K and V from the last key to the first, as soon as their places are free. */
template <class policy>
__device__ __forceinline__ void at_fwd_f16_produce(at_fwd_f16_shared<policy> &shared, const at_tensor_map &q, const at_tensor_map &k,
                                                   const at_tensor_map &v, const at_fwd_f16_arguments &a, int works)
{
    at_stage stage;
    uint32_t q_parity = 0, work_parity = 0;
    for (int n = blockIdx.x; n < works; n = at_work_give(shared, a, work_parity)) {
        const at_fwd_work w = at_work_at<policy>(a, n);
        if (w.key_tiles == 0)
            continue;
        const int kv_head = w.head / a.group;
        at_mbarrier_wait(&shared.q_empty, q_parity ^ 1);
        q_parity ^= 1;
        at_mbarrier_expect(&shared.q_full, shared.q_bytes);
        for (int box = 0; box < policy::boxes; box++)
            at_copy_box(shared.q[box], &q, &shared.q_full, box * AT_FWD_F16_COLUMNS, w.row_tile * policy::rows, w.head, w.batch);
        for (int tile = w.key_tiles - 1; tile >= 0; tile--) {
            at_mbarrier_wait(&shared.k_empty[stage.index], stage.parity ^ 1);
            at_mbarrier_expect(&shared.k_full[stage.index], shared.tile_bytes);
            for (int box = 0; box < policy::boxes; box++)
                at_copy_box(shared.k[stage.index][box], &k, &shared.k_full[stage.index], box * AT_FWD_F16_COLUMNS, tile * policy::keys,
                            kv_head, w.batch);
            at_mbarrier_wait(&shared.v_empty[stage.index], stage.parity ^ 1);
            at_mbarrier_expect(&shared.v_full[stage.index], shared.tile_bytes);
            for (int box = 0; box < policy::boxes; box++)
                at_copy_box(shared.v[stage.index][box], &v, &shared.v_full[stage.index], box * AT_FWD_F16_COLUMNS, tile * policy::keys,
                            kv_head, w.batch);
            stage.next();
        }
    }
}
