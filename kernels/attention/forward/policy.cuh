/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/attention/forward/arguments.h"
#include "kernels/common/ptx/arithmetic.cuh"
#include "kernels/common/ptx/barrier.cuh"
#include "kernels/common/ptx/copy.cuh"
#include "kernels/common/ptx/wgmma_group.cuh"
#include "wgmma.cuh"

/* Where P V is accumulated (E16, E18), and how K's scales reach the scores (E7, E11). */
enum class at_promotion {
    none,    /* in O itself; one scale of K */
    by_tile, /* from zero for each tile, then added to O; one scale of K */
    by_block /* the same with a scale of V for each tile, and one of K */
};

enum class at_mask { full, causal };

/* How a consumer orders its products and its softmax. */
enum class at_schedule {
    overlap, /* the next tile's scores are issued with this tile's P V, beside which the next softmax runs */
    serial   /* one product after the other: fewer registers */
};

/* When a consumer goes on. */
enum class at_pace {
    free,  /* as soon as it can; ptxas (13.0) has it wait for P V before the exponentials that were to run beside it */
    turns, /* the same, but consumers take turns at issuing products */
    late   /* it waits for P V after the exponentials */
};

/* What distinguishes one kernel of the family from another. */
struct at_forward_shape {
    operand q, k, v;
    operand output; /* f16 or bf16 */
    int dim, rows, keys, stages;
    bool causal;
    at_promotion promotion;
    at_schedule schedule;
    at_pace pace;
    bool specialised; /* a producer warpgroup; otherwise a consumer's thread brings the tiles */
};

constexpr int at_operand_size(operand x)
{
    return x == operand::e4m3 || x == operand::e5m2 ? 1 : 2;
}

template <at_forward_shape given> struct at_forward_policy {
    static constexpr at_forward_shape shape = given;
    static constexpr int dim = shape.dim, rows = shape.rows, keys = shape.keys, stages = shape.stages;
    static constexpr bool causal = shape.causal;
    static constexpr int size = at_operand_size(shape.q);
    static constexpr bool eight_bit = size == 1;
    static constexpr operand p_format = eight_bit ? operand::e4m3 : shape.v;
    static constexpr int depth = 32 / size; /* products that one wgmma fuses */

    static constexpr int consumers = rows / AT_FORWARD_CONSUMER_ROWS;
    static constexpr int threads = 128 * (consumers + shape.specialised);
    static constexpr int consumer_registers = consumers == 2 ? 240 : consumers == 3 ? 160 : 112;

    /* Q and K: boxes of `box_row` bytes of each row; V the same, or turned: boxes of 128 keys of each column. */
    static constexpr int box_row = AT_FORWARD_BOX_ROW(dim, size), boxes = dim * size / box_row;
    static constexpr int v_boxes = eight_bit ? AT_FORWARD_TURNED_BOXES(keys) : dim * size / AT_FORWARD_BOX;
    static constexpr int v_box_rows = eight_bit ? dim : keys;

    /* Bytes of outputs that wait in shared memory for TMA; 0: they are written from registers. */
    static constexpr int staged_bytes = AT_FORWARD_STAGED(dim, rows, keys, stages, size);
    static constexpr bool staged = staged_bytes != 0;

    /* Columns of O that one product makes: all, or half where another accumulator of all would not fit the registers. */
    static constexpr bool promoted = shape.promotion != at_promotion::none;
    static constexpr int value_columns = promoted && dim == 256 ? 128 : dim;

    using scores = wgmma<shape.q, shape.k, keys>;
    using values = wgmma<p_format, shape.v, value_columns>;

    static_assert(rows % AT_FORWARD_CONSUMER_ROWS == 0 && consumers >= 2 && consumers <= 4, "two to four consumer warpgroups");
    static_assert(keys % depth == 0 && keys <= 256, "a tile of keys is one wgmma wide and whole instructions deep");
    static_assert(at_operand_size(shape.k) == size && at_operand_size(shape.v) == size, "operands of one width");
};

/* One tile of query rows of one head, and the tiles of keys that its last row can see. */
struct at_forward_work {
    int row_tile;             /* -1: there is no more work */
    int head, batch, kv_head; /* kv_head: over all batches */
    int tiles;
    int empty; /* its rows see no key: the one tile it visits does not count */
};

/* Shared memory: matrices as TMA writes and reads them, box after box, swizzled. */
template <class policy> struct at_forward_shared {
    char q[policy::boxes][policy::rows * policy::box_row];
    char k[policy::stages][policy::boxes][policy::keys * policy::box_row];
    char v[policy::stages][policy::v_boxes][policy::v_box_rows * AT_FORWARD_BOX];
    char o[policy::staged_bytes]; /* none where they do not wait */
    uint64_t q_full, q_empty, work_full, work_empty;
    uint64_t k_full[policy::stages], k_empty[policy::stages], v_full[policy::stages], v_empty[policy::stages];
    at_forward_work work; /* what this block does next */

    static constexpr uint32_t q_bytes = sizeof q, k_bytes = sizeof k[0], v_bytes = sizeof v[0];
};

/* A place in the ring of stages; both sides walk it in step, over all work of the block. */
template <class policy> struct at_stage {
    int index = 0;
    uint32_t parity = 0;

    __device__ __forceinline__ void next()
    {
        if (++index == policy::stages) {
            index = 0;
            parity ^= 1;
        }
    }
};
