/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/fwd_f16_sm90/epilogue.cuh"
#include "kernels/attention/fwd_f16_sm90/producer.cuh"

template <class policy>
__device__ __forceinline__ void consume(at_fwd_f16_shared<policy> &shared, const at_fwd_f16_arguments &a, int works)
{
    at_fwd_f16_consumer<policy> c(shared, a);
    uint32_t q_parity = 0, work_parity = 0;
    c.take_turns();
    for (int n = blockIdx.x; n < works; n = at_work_take(shared, work_parity)) {
        const at_fwd_work w = at_work_at<policy>(a, n);
        if (w.key_tiles) {
            c.run(w, q_parity);
            q_parity ^= 1;
        } else {
#pragma unroll
            for (int i = 0; i < c.output_count; i++)
                c.o[i] = 0;
            c.most[0] = c.most[1] = -INFINITY;
            c.sum[0] = c.sum[1] = 0;
        }
        at_fwd_f16_finish(c, w);
    }
}

template <class policy>
__device__ __forceinline__ void attend(const at_tensor_map &q, const at_tensor_map &k, const at_tensor_map &v,
                                       const at_fwd_f16_arguments &a)
{
    extern __shared__ char memory[];
    auto &shared = *reinterpret_cast<at_fwd_f16_shared<policy> *>((reinterpret_cast<uintptr_t>(memory) + 1023) / 1024 * 1024);
    if (threadIdx.x == 0) {
        at_mbarrier_init(&shared.q_full, 1);
        at_mbarrier_init(&shared.q_empty, AT_FWD_F16_CONSUMERS);
        at_mbarrier_init(&shared.work_full, 1);
        at_mbarrier_init(&shared.work_empty, 128 * AT_FWD_F16_CONSUMERS);
        for (int i = 0; i < AT_FWD_F16_STAGES; i++) {
            at_mbarrier_init(&shared.k_full[i], 1);
            at_mbarrier_init(&shared.v_full[i], 1);
            at_mbarrier_init(&shared.k_empty[i], AT_FWD_F16_CONSUMERS);
            at_mbarrier_init(&shared.v_empty[i], AT_FWD_F16_CONSUMERS);
        }
        at_mbarrier_init_fence();
        at_prefetch_map(&q);
        at_prefetch_map(&k);
        at_prefetch_map(&v);
    }
    __syncthreads();
    const int works = a.row_tiles * a.heads * a.batches;
    if (threadIdx.x < 128) {
        at_registers_give<AT_FWD_F16_PRODUCER_REGISTERS>();
        if (threadIdx.x == 0)
            at_fwd_f16_produce<policy>(shared, q, k, v, a, works);
    } else {
        at_registers_take<AT_FWD_F16_CONSUMER_REGISTERS>();
        consume<policy>(shared, a, works);
    }
}

#define KERNEL(FORMAT, DIM, MASK, CAUSAL) \
    extern "C" __global__ void __launch_bounds__(AT_FWD_F16_THREADS, 1) \
        fwd_##FORMAT##_d##DIM##_##MASK(const __grid_constant__ at_tensor_map q, const __grid_constant__ at_tensor_map k, \
                                       const __grid_constant__ at_tensor_map v, const __grid_constant__ at_fwd_f16_arguments a) \
    { \
        attend<at_fwd_f16_policy<operand::FORMAT, DIM, CAUSAL>>(q, k, v, a); \
    }
#define KERNELS(FORMAT, DIM) KERNEL(FORMAT, DIM, full, false) KERNEL(FORMAT, DIM, causal, true)

KERNELS(f16, 64)
KERNELS(f16, 128)
KERNELS(f16, 256)
KERNELS(bf16, 64)
KERNELS(bf16, 128)
KERNELS(bf16, 256)
