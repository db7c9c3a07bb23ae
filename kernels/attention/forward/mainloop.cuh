/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/forward/producer.cuh"
#include "kernels/attention/forward/softmax.cuh"

/* One consumer warpgroup: 64 query rows of each piece of work. */
template <class policy> struct at_forward_consumer {
    static constexpr int part_count = policy::value_columns / 2;
    static constexpr bool takes_turns = policy::shape.pace == at_pace::turns;
    static constexpr bool own_part = policy::promoted && policy::shape.schedule == at_schedule::overlap;

    at_forward_shared<policy> &shared;
    const at_forward_arguments &a;
    const int group;                             /* of the block's consumers */
    at_forward_producer<policy> *const producer; /* where no warpgroup of its own brings the tiles: one thread has it */
    at_forward_rows<policy> rows;
    at_stage<policy> now; /* of the tile whose P V comes next */
    uint32_t q_parity = 0;
    bool k_there = false;
    float o[policy::dim / 2], own[own_part ? part_count : 1];
    float v_scale;                                  /* of P V under way; 1 where V has none for each tile */
    float this_v_scale, next_k_scale, next_v_scale; /* of the tile at `now`, of the next tile */

    __device__ __forceinline__ at_forward_consumer(at_forward_shared<policy> &memory, const at_forward_arguments &arguments, int which,
                                                   at_forward_producer<policy> *bringer)
        : shared(memory), a(arguments), group(which), producer(bringer), rows(arguments, which)
    {
    }

    __device__ __forceinline__ void release(uint64_t *barrier)
    {
        if (threadIdx.x % 128 == 0)
            at_mbarrier_arrive(barrier);
    }

    /* E8: issues S = Q K^T of the tile at `now`. */
    __device__ __forceinline__ void start_scores()
    {
        constexpr int row = policy::box_row, steps = row / 32; /* one wgmma takes 32 bytes of each row */
        const uint32_t q = at_wgmma_descriptor_low(at_shared_address(shared.q) + group * (AT_FORWARD_CONSUMER_ROWS * row), 16);
        const uint32_t k = at_wgmma_descriptor_low(at_shared_address(shared.k) + now.index * shared.k_bytes, 16);
        at_wgmma_fence();
#pragma unroll
        for (int c = 0; c < policy::dim * policy::size / 32; c++) {
            const uint64_t left = at_wgmma_descriptor_swizzled<row>(q + (c / steps * (policy::rows * row) + c % steps * 32) / 16);
            const uint64_t right = at_wgmma_descriptor_swizzled<row>(k + (c / steps * (policy::keys * row) + c % steps * 32) / 16);
            if (c == 0)
                policy::scores::fresh_from_shared(rows.s, left, right);
            else
                policy::scores::from_shared(rows.s, left, right, 1);
        }
        at_wgmma_commit();
    }

    __device__ __forceinline__ void finish_scores()
    {
        at_wgmma_touch(rows.s);
        release(&shared.k_empty[now.index]);
    }

    /* V's tile for the columns from `column` on: the lower half of its descriptor. */
    __device__ __forceinline__ uint32_t values_at(int stage, int column) const
    {
        const uint32_t skipped = policy::eight_bit ? column * 128 : column / 64 * (policy::keys * 128);
        return at_wgmma_descriptor_low(at_shared_address(shared.v) + stage * shared.v_bytes + skipped, policy::keys * 128);
    }

    /* The place of the c-th instruction along the keys. */
    static __device__ __forceinline__ uint64_t values_step(uint32_t v, int c)
    {
        return at_wgmma_descriptor_swizzled<128>(v + (policy::eight_bit ? c / 4 * (policy::dim * 128) + c % 4 * 32 : c * 2048) / 16);
    }

    /* E16: issues O += P V, or O = P V. */
    __device__ __forceinline__ void issue_output(int stage, bool add)
    {
        const uint32_t v = values_at(stage, 0);
        at_wgmma_touch(o);
        at_wgmma_fence();
#pragma unroll
        for (int c = 0; c < policy::keys / policy::depth; c++)
            if constexpr (policy::eight_bit)
                policy::values::from_registers(o, rows.p + 4 * c, values_step(v, c), add || c != 0);
            else
                policy::values::from_registers_transposed(o, rows.p + 4 * c, values_step(v, c), add || c != 0);
        at_wgmma_commit();
    }

    /* Where promoted products arrive: with one product after the other the scores' registers are free then. */
    __device__ __forceinline__ auto part() -> float (&)[part_count]
    {
        if constexpr (own_part)
            return own;
        else
            return reinterpret_cast<float(&)[part_count]>(rows.s);
    }

    /* E16: issues part = P V for the columns from `column` on. */
    __device__ __forceinline__ void issue_part(int stage, int column)
    {
        static_assert(policy::eight_bit || !policy::promoted, "16-bit products are not promoted");
        const uint32_t v = values_at(stage, column);
        at_wgmma_fence();
        policy::values::fresh_from_registers(part(), rows.p, values_step(v, 0));
#pragma unroll
        for (int c = 1; c < policy::keys / policy::depth; c++)
            policy::values::from_registers(part(), rows.p + 4 * c, values_step(v, c), 1);
        at_wgmma_commit();
    }

    /* E18: a product's columns of O, this thread's from `first` on. Without scales of V v_scale is 1, and the multiply-add an addition. */
    __device__ __forceinline__ void promote(int first)
    {
#pragma unroll
        for (int i = 0; i < part_count; i++)
            o[first + i] = __fmaf_rn(part()[i], v_scale, o[first + i]);
        at_wgmma_touch(o);
    }

    /* P V of all columns; all but the last product of a promoted one are waited for and promoted. */
    __device__ __forceinline__ void start_values(int stage, bool add)
    {
        if constexpr (!policy::promoted) {
            issue_output(stage, add);
        } else {
#pragma unroll
            for (int column = 0; column < policy::dim; column += policy::value_columns) {
                issue_part(stage, column);
                if (column + policy::value_columns < policy::dim) {
                    at_wgmma_wait<0>();
                    at_wgmma_touch(part());
                    promote(column / 2);
                }
            }
        }
    }

    /* After P V has ended. */
    __device__ __forceinline__ void finish_values(int stage)
    {
        if constexpr (policy::promoted) {
            at_wgmma_touch(part());
            promote((policy::dim - policy::value_columns) / 2);
        } else {
            at_wgmma_touch(o);
        }
        release(&shared.v_empty[stage]);
    }

    __device__ __forceinline__ void rescale_output()
    {
        if (rows.settled())
            return;
#pragma unroll
        for (int i = 0; i < policy::dim / 2; i++)
            o[i] = __fmul_rn(o[i], rows.rescale[i / 2 % 2]); /* E17 */
    }

    /* The consumers' turns: named barriers from 1 on; the first one's first turn is free. */
    __device__ __forceinline__ void take_turns()
    {
        if (takes_turns && group == 0)
            at_barrier_arrive(1, 256);
    }

    __device__ __forceinline__ void wait_turn()
    {
        if (takes_turns)
            at_barrier_sync(1 + group, 256);
    }

    __device__ __forceinline__ void end_turn()
    {
        if (takes_turns)
            at_barrier_arrive(1 + (group + 1) % policy::consumers, 256);
    }

    /* The scales of the tile after the i-th, asked for before they are needed. */
    __device__ __forceinline__ void ask_scales(const at_forward_work &w, int i, int tile)
    {
        if constexpr (policy::promoted && !rows.by_block) {
            /* 1, read for each tile: ptxas (13.0) puts promotions off until no registers are left when it knows that the factor stays. */
            next_v_scale = __int_as_float(__float_as_int(1.0f) | reinterpret_cast<const int *>(a.work)[2 + (tile & 1)]);
        } else if constexpr (rows.by_block) {
            const int64_t at = w.kv_head * static_cast<int64_t>(a.tiles) + (i + 1 < w.tiles ? tile + a.tile_step : tile);
            next_k_scale = reinterpret_cast<const float *>(a.k_scale)[at];
            next_v_scale = a.v_tile_scale ? reinterpret_cast<const float *>(a.v_tile_scale)[at] : 1.0f;
        }
    }

    /* Those become the scales of the tile whose scores come next; V's before go with the P V under way. */
    __device__ __forceinline__ void take_scales()
    {
        if constexpr (rows.by_block)
            rows.set_coefficient(next_k_scale);
        v_scale = this_v_scale;
        this_v_scale = next_v_scale;
    }

    /* Without a producer warpgroup one thread brings each tile as soon as the i-th has left its place. */
    __device__ __forceinline__ void bring_k(const at_forward_work &w, int i, int tile)
    {
        if (producer && i + policy::stages < w.tiles)
            producer->bring_k(w, w.head / a.group, tile + policy::stages * a.tile_step);
    }

    /* P V of the tile before the i-th has ended. */
    __device__ __forceinline__ void bring_v(const at_forward_work &w, int i, int tile)
    {
        if (producer && i - 1 + policy::stages < w.tiles)
            producer->bring_v(w, w.head / a.group, tile + (policy::stages - 1) * a.tile_step);
    }

    /* The first scores of a piece of work. */
    __device__ __forceinline__ void begin(const at_forward_work &w, int tile)
    {
        rows.ask_scales(w);
        if (producer)
            bring_first(w, tile);
        at_mbarrier_wait(&shared.q_full, q_parity);
        q_parity ^= 1;
        at_mbarrier_wait(&shared.k_full[now.index], now.parity);
        start_scores();
    }

    __device__ __forceinline__ void bring_first(const at_forward_work &w, int tile)
    {
        producer->bring_q(w);
        for (int i = 0; i < min(policy::stages, w.tiles); i++) {
            producer->bring_k(w, w.head / a.group, tile + i * a.tile_step);
            producer->bring_v(w, w.head / a.group, tile + i * a.tile_step);
        }
    }

    /* Whether K of the next tile is there: asked while this one's P is made. */
    __device__ __forceinline__ void ask_k()
    {
        at_stage<policy> next = now;
        next.next();
        k_there = at_mbarrier_test(&shared.k_full[next.index], next.parity);
    }

    /* Scores of the next tile and P V of this one together; softmax of the next runs beside P V. */
    __device__ __forceinline__ void step_overlapped(const at_forward_work &w, int i, int tile, bool masked)
    {
        const at_stage<policy> before = now;
        now.next();
        take_scales();
        if (!k_there)
            at_mbarrier_wait(&shared.k_full[now.index], now.parity);
        const bool v_there = at_mbarrier_test(&shared.v_full[before.index], before.parity);
        wait_turn();
        start_scores();
        if (!v_there)
            at_mbarrier_wait(&shared.v_full[before.index], before.parity);
        start_values(before.index, i > 1);
        end_turn();
        ask_scales(w, i, tile);
        at_wgmma_wait<1>();
        finish_scores();
        bring_k(w, i, tile);
        if (masked)
            rows.mask(w, tile);
        rows.template softmax<false>();
        at_wgmma_wait<0>();
        finish_values(before.index);
        bring_v(w, i, tile);
        ask_k();
        rescale_output();
        rows.cast();
    }

    /* P V of this tile, then the scores of the next. */
    __device__ __forceinline__ void step_serial(const at_forward_work &w, int i, int tile, bool masked)
    {
        const at_stage<policy> before = now;
        now.next();
        at_mbarrier_wait(&shared.v_full[before.index], before.parity);
        wait_turn();
        take_scales();
        start_values(before.index, i > 1);
        at_wgmma_wait<0>();
        finish_values(before.index);
        at_mbarrier_wait(&shared.k_full[now.index], now.parity);
        start_scores();
        end_turn();
        ask_scales(w, i, tile);
        bring_v(w, i, tile);
        at_wgmma_wait<0>();
        finish_scores();
        bring_k(w, i, tile);
        if (masked)
            rows.mask(w, tile);
        rows.template softmax<false>();
        rescale_output();
        rows.cast();
    }

    /* All key tiles of one piece of work. */
    __device__ __forceinline__ void run(const at_forward_work &w)
    {
        int tile = at_first_tile(a, w);
        begin(w, tile);
        rows.start();
        ask_scales(w, -1, tile - a.tile_step);
        take_scales();
        ask_scales(w, 0, tile);
        at_wgmma_wait<0>();
        finish_scores();
        bring_k(w, 0, tile);
        rows.mask(w, tile);
        rows.template softmax<true>();
        ask_k();
        rows.cast();
        if constexpr (policy::promoted) {
#pragma unroll
            for (int i = 0; i < policy::dim / 2; i++)
                o[i] = 0;
        }
        /* Tiles that every row sees whole. */
        const int seen = policy::causal ? min(a.keys, w.row_tile * policy::rows + a.keys - a.rows + 1) : a.keys;
        const int whole = seen / policy::keys;
        for (int i = 1; i < w.tiles; i++) {
            tile += a.tile_step;
            if constexpr (policy::shape.schedule == at_schedule::overlap)
                step_overlapped(w, i, tile, tile >= whole);
            else
                step_serial(w, i, tile, tile >= whole);
        }
        release(&shared.q_empty);
        v_scale = this_v_scale;
        at_mbarrier_wait(&shared.v_full[now.index], now.parity);
        start_values(now.index, w.tiles > 1);
        at_wgmma_wait<0>();
        finish_values(now.index);
        now.next();
    }

    /* The rows of a piece of work that see no key. */
    __device__ __forceinline__ void forget()
    {
#pragma unroll
        for (int i = 0; i < policy::dim / 2; i++)
            o[i] = 0;
        rows.most[0] = rows.most[1] = -INFINITY;
        rows.sum[0] = rows.sum[1] = 0;
    }
};
