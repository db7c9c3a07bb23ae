/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/forward/epilogue.cuh"

/* A consumer's pieces of work, one after the other: its outputs are written while Q of the next one is on its way. */
template <class policy>
__device__ __forceinline__ void at_forward_consume(at_forward_shared<policy> &shared, const at_forward_arguments &a, int group,
                                                   at_forward_producer<policy> *producer, const at_tensor_map &o)
{
    at_forward_consumer<policy> c(shared, a, group, producer);
    uint32_t work_parity = 0;
    int n = blockIdx.x;
    const auto next_work = [&] {
        at_forward_work w;
        if constexpr (policy::shape.specialised) {
            w = at_work_take(shared, work_parity);
        } else {
            w = at_work_at<policy>(a, n);
            n = at_work_after<policy>(a, n);
        }
        return w;
    };
    at_forward_work w = next_work();
    c.take_turns();
    while (w.row_tile >= 0) {
        c.run(w);
        const at_forward_work next = next_work();
        if (w.empty)
            c.forget();
        at_forward_epilogue<policy>{c, a, w, {c.shared, o, group}}.write();
        w = next;
    }
    if constexpr (policy::staged)
        at_forward_staging<policy>{c.shared, o, group}.end();
}

template <class policy> __device__ __forceinline__ void at_forward_init(at_forward_shared<policy> &shared)
{
    at_mbarrier_init(&shared.q_full, 1);
    at_mbarrier_init(&shared.q_empty, policy::consumers);
    at_mbarrier_init(&shared.work_full, 1);
    at_mbarrier_init(&shared.work_empty, 128 * policy::consumers);
    for (int i = 0; i < policy::stages; i++) {
        at_mbarrier_init(&shared.k_full[i], 1);
        at_mbarrier_init(&shared.v_full[i], 1);
        at_mbarrier_init(&shared.k_empty[i], policy::consumers);
        at_mbarrier_init(&shared.v_empty[i], policy::consumers);
    }
    at_mbarrier_init_fence();
}

template <class policy>
__device__ __forceinline__ void at_forward(const at_tensor_map &q, const at_tensor_map &k, const at_tensor_map &v, const at_tensor_map &o,
                                           const at_forward_arguments &a)
{
    auto &shared = *reinterpret_cast<at_forward_shared<policy> *>((reinterpret_cast<uintptr_t>(at_block_memory()) + 1023) / 1024 * 1024);
    static_assert(sizeof shared + 1024 <= AT_FORWARD_SHARED(policy::dim, policy::rows, policy::keys, policy::stages, policy::size) &&
                      sizeof shared + 1024 <= AT_FORWARD_MEMORY,
                  "the host asks for enough, and a block may have so much");
    if (threadIdx.x == 0) {
        at_forward_init(shared);
        at_prefetch_map(&q);
        at_prefetch_map(&k);
        at_prefetch_map(&v);
        if constexpr (policy::staged)
            at_prefetch_map(&o);
    }
    __syncthreads();
    const int group = __shfl_sync(~0u, threadIdx.x / 128, 0); /* the same in all of a warp, and known to be */
    at_forward_producer<policy> producer{shared, q, k, v};
    if constexpr (!policy::shape.specialised) {
        at_forward_consume<policy>(shared, a, group, threadIdx.x == 0 ? &producer : nullptr, o);
    } else if (group == 0) {
        at_registers_give<AT_FORWARD_PRODUCER_REGISTERS>();
        if (threadIdx.x == 0)
            producer.run(a);
    } else {
        at_registers_take<policy::consumer_registers>();
        at_forward_consume<policy>(shared, a, group - 1, nullptr, o);
    }
}

/*
 * The kernel of one shape, "fwd_Q_K_V_dDIM_ROWSxKEYS_PROMOTION_MASK" and a suffix: formats of operands and output, then as the tables of
 * config.h, then whether a warpgroup of its own brings the tiles.
 */
#define AT_FORWARD_VARIATION(SUFFIX, Q, K, V, OUTPUT, DIM, ROWS, KEYS, STAGES, PROMOTION, MASK, SCHEDULE, PACE, SPECIALISED) \
    extern "C" __global__ void __launch_bounds__(128 * (ROWS / AT_FORWARD_CONSUMER_ROWS + SPECIALISED), 1) \
        fwd_##Q##_##K##_##V##_d##DIM##_##ROWS##x##KEYS##_##PROMOTION##_##MASK##SUFFIX( \
            const __grid_constant__ at_tensor_map q, const __grid_constant__ at_tensor_map k, const __grid_constant__ at_tensor_map v, \
            const __grid_constant__ at_tensor_map o, const __grid_constant__ at_forward_arguments a) \
    { \
        constexpr bool causal = at_mask::MASK == at_mask::causal; \
        constexpr at_promotion promotion = at_promotion::PROMOTION; \
        constexpr at_schedule schedule = at_schedule::SCHEDULE; \
        constexpr at_pace pace = at_pace::PACE; \
        constexpr at_forward_shape shape = {operand::Q, operand::K, operand::V, operand::OUTPUT, DIM,  ROWS,       KEYS, \
                                            STAGES,     causal,     promotion,  schedule,        pace, SPECIALISED}; \
        at_forward<at_forward_policy<shape>>(q, k, v, o, a); \
    }

#define AT_FORWARD_KERNEL(...) AT_FORWARD_VARIATION(, __VA_ARGS__, true)
