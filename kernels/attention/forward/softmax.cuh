/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/forward/work.cuh"

/*
 * What a thread of a consumer warpgroup holds: of 64 query rows the rows r and r + 8 of its quad, of each tile columns 8i + 2 (lane % 4)
 * and the next (accumulator layout of wgmma, PTX ISA, D fragment).
 */
template <class policy> struct at_forward_rows {
    static constexpr int score_count = policy::keys / 2;
    static constexpr bool by_block = policy::shape.promotion == at_promotion::by_block; /* the maximum is kept times the coefficient */

    const at_forward_arguments &arguments;
    const int lane, first_row; /* of the warp; of this thread within the tile */
    float s[score_count];
    uint32_t p[score_count * policy::size / 4];
    float most[2], sum[2], rescale[2], coefficient[2], q_scale[2], v_scale; /* v_scale: of all of V */
    float next_q_scale[2], next_k_scale, next_v_scale;

    __device__ __forceinline__ at_forward_rows(const at_forward_arguments &given, int group)
        : arguments(given), lane(threadIdx.x % 32), first_row(group * AT_FORWARD_CONSUMER_ROWS + threadIdx.x / 32 % 4 * 16 + lane / 4)
    {
    }

    /* E7 */
    __device__ __forceinline__ void set_coefficient(float k_scale)
    {
#pragma unroll
        for (int r = 0; r < 2; r++)
            coefficient[r] = __fmul_rn(arguments.log2_scale, __fmul_rn(q_scale[r], k_scale));
    }

    /* The scales of the next piece of work, asked for before they are needed. */
    __device__ __forceinline__ void ask_scales(const at_forward_work &w)
    {
        const float *q = reinterpret_cast<const float *>(arguments.q_scale), *k = reinterpret_cast<const float *>(arguments.k_scale);
        const float *v = reinterpret_cast<const float *>(arguments.v_scale);
#pragma unroll
        for (int r = 0; r < 2; r++) {
            const int row = min(w.row_tile * policy::rows + first_row + 8 * r, arguments.rows - 1);
            const int64_t head = static_cast<int64_t>(w.batch) * arguments.heads + w.head;
            next_q_scale[r] = !q ? 1.0f : q[arguments.q_scales == 1 ? head : head * arguments.q_scales + row / arguments.q_scale_rows];
        }
        next_k_scale = k && !by_block ? k[w.kv_head] : 1.0f;
        next_v_scale = v ? v[w.kv_head] : 1.0f;
    }

    __device__ __forceinline__ void start()
    {
        q_scale[0] = next_q_scale[0];
        q_scale[1] = next_q_scale[1];
        v_scale = next_v_scale;
        set_coefficient(next_k_scale);
    }

    /* What a row does not see scores minus infinity. */
    __device__ __forceinline__ void mask(const at_forward_work &w, int tile)
    {
        const int first = tile * policy::keys;
        const int row = w.row_tile * policy::rows + first_row, keys = arguments.keys;
        const int left = policy::causal ? row + 1 + keys - arguments.rows : keys;
        const int before = first + lane % 4 * 2; /* of this thread's first column */
        const int seen[2] = {min(keys, left) - before, min(keys, policy::causal ? left + 8 : left) - before};
#pragma unroll
        for (int i = 0; i < score_count; i++)
            if (i / 4 * 8 + i % 2 >= seen[i / 2 % 2])
                s[i] = -INFINITY;
    }

    /*
     * The rows' largest scores, from all four threads of a quad; NaN does not count. Two scores an instruction as long as they are ordered
     * like integers, that is when the answer is neither negative nor NaN.
     */
    __device__ __forceinline__ void largest(float (&x)[2]) const
    {
        constexpr int least = static_cast<int>(0x80000000u);
        int bits[4] = {least, least, least, least};
#pragma unroll
        for (int i = 0; i < score_count; i += 4)
#pragma unroll
            for (int r = 0; r < 2; r++) {
                int &y = bits[2 * (i / 4 % 2) + r];
                y = __vimax3_s32(y, __float_as_int(s[i + 2 * r]), __float_as_int(s[i + 2 * r + 1]));
            }
        bits[0] = max(bits[0], bits[2]);
        bits[1] = max(bits[1], bits[3]);
#pragma unroll
        for (int distance = 2; distance; distance /= 2)
#pragma unroll
            for (int r = 0; r < 2; r++)
                bits[r] = max(bits[r], __shfl_xor_sync(~0u, bits[r], distance));
        if (__all_sync(~0u, static_cast<unsigned>(bits[0]) <= 0x7f800000u && static_cast<unsigned>(bits[1]) <= 0x7f800000u)) {
            x[0] = __int_as_float(bits[0]);
            x[1] = __int_as_float(bits[1]);
            return;
        }
        x[0] = x[1] = -INFINITY;
#pragma unroll
        for (int i = 0; i < score_count; i++)
            x[i / 2 % 2] = fmaxf(x[i / 2 % 2], s[i]);
#pragma unroll
        for (int distance = 2; distance; distance /= 2)
#pragma unroll
            for (int r = 0; r < 2; r++)
                x[r] = fmaxf(x[r], __shfl_xor_sync(~0u, x[r], distance));
    }

    /* Scores become P before its cast; maxima, sums and what O is to be rescaled with move on. `first`: of the row's tiles. */
    template <bool first> __device__ __forceinline__ void softmax()
    {
        float shift[2], x[2];
        largest(x);
#pragma unroll
        for (int r = 0; r < 2; r++) {
            if (by_block)
                x[r] = __fmul_rn(x[r], coefficient[r]); /* E11 */
            const float before = most[r];
            most[r] = first ? x[r] : fmaxf(before, x[r]);
            const bool none = most[r] == -INFINITY;
            if (!first) {
                const float difference = __fsub_rn(before, none ? 0.0f : most[r]);                  /* E17 */
                rescale[r] = at_ex2(by_block ? difference : __fmul_rn(difference, coefficient[r])); /* E17 */
            }
            const float shifted =
                by_block ? __fsub_rn(most[r], arguments.offset) : __fmaf_rn(most[r], coefficient[r], -arguments.offset); /* E11 */
            shift[r] = none ? 0.0f : shifted;
        }
#pragma unroll
        for (int i = 0; i < score_count; i++) {
            const int r = i / 2 % 2;
            s[i] = at_ex2(__fmaf_rn(s[i], coefficient[r], -shift[r])); /* E12, E13 */
            if (i < 4 && i % 2 == 0)
                sum[r] = first ? s[i] : __fmaf_rn(sum[r], rescale[r], s[i]); /* E14, E17 */
            else
                sum[r] = __fadd_rn(sum[r], s[i]); /* E14 */
        }
        if (policy::shape.pace == at_pace::late)
            at_barrier_after(sum[0], sum[1]);
    }

    /* E15: an accumulator of scores lies as the left operand of P V wants it; 8-bit V's keys are in that order (kernels/device.h). */
    __device__ __forceinline__ void cast()
    {
        if constexpr (policy::eight_bit) {
#pragma unroll
            for (int i = 0; i < score_count / 4; i++) {
                const float *x = s + i / 4 * 16 + i % 4 / 2 * 8 + i % 2 * 2;
                p[i] = at_four_e4m3(x[0], x[1], x[4], x[5]);
            }
        } else {
#pragma unroll
            for (int i = 0; i < score_count / 2; i++)
                p[i] = policy::p_format == operand::f16 ? at_pair_f16(s[2 * i], s[2 * i + 1]) : at_pair_bf16(s[2 * i], s[2 * i + 1]);
        }
    }

    /* Whether no row of this warp needs O rescaled: times one changes no bit. */
    __device__ __forceinline__ bool settled() const
    {
        return __all_sync(~0u, rescale[0] == 1.0f && rescale[1] == 1.0f);
    }
};
