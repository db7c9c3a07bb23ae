/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/fwd_f16_sm90/mainloop.cuh"

/* Normalises and writes the rows of a consumer. */
template <class policy> __device__ __forceinline__ void at_fwd_f16_finish(at_fwd_f16_consumer<policy> &c, const at_fwd_work &w)
{
    const at_fwd_f16_arguments &a = c.a;
#pragma unroll
    for (int r = 0; r < 2; r++) {
        float total = c.sum[r];
        total = __fadd_rn(total, __shfl_xor_sync(~0u, total, 2)); /* E14 */
        total = __fadd_rn(total, __shfl_xor_sync(~0u, total, 1)); /* E14 */
        const bool none = total == 0 || total != total;
        const float factor = none ? 0.0f : at_rcp(total); /* E20 */
        const int row = w.row_tile * policy::rows + c.first_row + 8 * r;
        if (row >= a.rows)
            continue;
        const int64_t at = (static_cast<int64_t>(w.batch) * a.heads + w.head) * a.rows + row;
        if (c.lane % 4 == 0) {
            const float log2_sum = __fmul_rn(at_lg2(total), 0x1.62e43p-1f); /* E24: times ln 2, 0.693147182 */
            reinterpret_cast<float *>(a.lse)[at] = none ? -INFINITY : __fmaf_rn(c.most[r], a.coefficient_ln2, log2_sum); /* E24 */
            reinterpret_cast<float *>(a.row_max)[at] = c.most[r];
            reinterpret_cast<float *>(a.row_sum)[at] = total;
        }
        uint32_t *o = reinterpret_cast<uint32_t *>(a.o) + at * (policy::dim / 2) + c.lane % 4;
#pragma unroll
        for (int i = 0; i < policy::dim / 8; i++) /* E21, E23 */
            o[4 * i] = policy::pair(__fmul_rn(c.o[4 * i + 2 * r], factor), __fmul_rn(c.o[4 * i + 2 * r + 1], factor));
    }
}
