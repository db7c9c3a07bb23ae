/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/forward/mainloop.cuh"
#include "kernels/attention/forward/staging.cuh"

/* E20 to E24: normalises and writes the rows of a consumer. */
template <class policy> struct at_forward_epilogue {
    const at_forward_consumer<policy> &c;
    const at_forward_arguments &a;
    const at_forward_work &w;
    const at_forward_staging<policy> staging;

    static __device__ __forceinline__ uint32_t pair(float low, float high) /* E23 */
    {
        return policy::shape.output == operand::f16 ? at_pair_f16(low, high) : at_pair_bf16(low, high);
    }

    /* The row's sum over the quad, its reciprocal times V's scale; its maximum, sum and log-sum-exp are written. */
    __device__ __forceinline__ float finish_row(int r, int row, int64_t at)
    {
        const at_forward_rows<policy> &x = c.rows;
        float total = x.sum[r];
        total = __fadd_rn(total, __shfl_xor_sync(~0u, total, 2)); /* E14 */
        total = __fadd_rn(total, __shfl_xor_sync(~0u, total, 1)); /* E14 */
        const bool none = total == 0 || total != total;
        if (row < a.rows && x.lane % 4 == 0) {
            const float to_natural = x.by_block ? 0x1.62e43p-1f : __fmul_rn(x.coefficient[r], 0x1.62e43p-1f); /* E24: ln 2, 0.693147182 */
            const float log2_sum = __fmul_rn(at_lg2(__fmul_rn(total, a.factor)), 0x1.62e43p-1f);              /* E24 */
            float lse = none ? -INFINITY : __fmaf_rn(x.most[r], to_natural, log2_sum);                        /* E24 */
            if (a.lse_shift)
                lse = __fadd_rn(lse, reinterpret_cast<const float *>(a.lse_shift)[at]); /* E24 */
            reinterpret_cast<float *>(a.lse)[at] = lse;
            reinterpret_cast<float *>(a.row_max)[at] = x.most[r];
            reinterpret_cast<float *>(a.row_sum)[at] = total;
        }
        return __fmul_rn(none ? 0.0f : at_rcp(total), x.v_scale); /* E20 */
    }

    /* E21, E22: of one element, where V has a scale or a mean for each column. */
    __device__ __forceinline__ float finish_element(float y, int column, const float *scale, const float *mean) const
    {
        if (scale)
            y = __fmul_rn(y, scale[column]);          /* E21 */
        return mean ? __fadd_rn(y, mean[column]) : y; /* E22 */
    }

    /*
     * Writes the r-th row's pairs of columns, of which a thread's n-th is of the n-th eight columns: where they wait for TMA, or from
     * registers. There the four threads of a row hand each other what makes 16 consecutive bytes for each: 4 bytes at a time, half of a
     * sector, took up to a fifth of a kernel's time at 512 keys. For d = 64, with whole sectors in a cache line that follow at once, they
     * do not.
     */
    template <class pairs> __device__ __forceinline__ void write_pairs(int r, int64_t at, bool there, const pairs &pair_of) const
    {
        const int lane = c.rows.lane % 4;
        if constexpr (policy::staged) {
#pragma unroll
            for (int i = 0; i < policy::dim / 8; i += 2)
                at_store_matrices(staging.place(r, i), pair_of(i), pair_of(i + 1));
        } else if constexpr (policy::dim == 64) {
            uint32_t *o = reinterpret_cast<uint32_t *>(a.o) + at * (policy::dim / 2) + lane;
#pragma unroll
            for (int i = 0; i < policy::dim / 8; i++)
                if (there)
                    o[4 * i] = pair_of(i);
        } else {
            uint4 *o = reinterpret_cast<uint4 *>(a.o) + at * (policy::dim / 8) + lane;
            const bool odd = lane & 1, high = lane & 2;
#pragma unroll
            for (int i = 0; i < policy::dim / 8; i += 4) {
                const uint32_t p0 = pair_of(i), p1 = pair_of(i + 1), p2 = pair_of(i + 2), p3 = pair_of(i + 3);
                const uint32_t near01 = __shfl_xor_sync(~0u, odd ? p0 : p1, 1), near23 = __shfl_xor_sync(~0u, odd ? p2 : p3, 1);
                const uint2 low = odd ? make_uint2(near01, p1) : make_uint2(p0, near01); /* of the i + odd-th eight columns */
                const uint2 top = odd ? make_uint2(near23, p3) : make_uint2(p2, near23); /* of the i + 2 + odd-th */
                const uint32_t far0 = __shfl_xor_sync(~0u, high ? low.x : top.x, 2), far1 = __shfl_xor_sync(~0u, high ? low.y : top.y, 2);
                if (there)
                    o[i] = high ? make_uint4(far0, far1, top.x, top.y) : make_uint4(low.x, low.y, far0, far1);
            }
        }
    }

    __device__ __forceinline__ void write_row(int r)
    {
        const int row = w.row_tile * policy::rows + c.rows.first_row + 8 * r;
        const int64_t at = (static_cast<int64_t>(w.batch) * a.heads + w.head) * a.rows + row,
                      columns = static_cast<int64_t>(w.kv_head) * policy::dim;
        const float factor = finish_row(r, row, at);
        if (!a.v_column_scale && !a.v_mean) {
            write_pairs(r, at, row < a.rows, [&](int i) {
                const float *x = c.o + 4 * i + 2 * r;
                return pair(__fmul_rn(x[0], factor), __fmul_rn(x[1], factor)); /* E21 */
            });
            return;
        }
        const bool sees = !policy::causal || row + a.keys - a.rows >= 0;
        const float *scale = a.v_column_scale ? reinterpret_cast<const float *>(a.v_column_scale) + columns : nullptr;
        const float *mean = a.v_mean && sees ? reinterpret_cast<const float *>(a.v_mean) + columns : nullptr;
        write_pairs(r, at, row < a.rows, [&](int i) {
            const int column = 8 * i + 2 * (c.rows.lane % 4);
            const float *x = c.o + 4 * i + 2 * r;
            return pair(finish_element(__fmul_rn(x[0], factor), column, scale, mean),      /* E21 */
                        finish_element(__fmul_rn(x[1], factor), column + 1, scale, mean)); /* E21 */
        });
    }

    __device__ __forceinline__ void write()
    {
        if constexpr (policy::staged)
            staging.open();
        write_row(0);
        write_row(1);
        if constexpr (policy::staged)
            staging.send(w);
    }
};
