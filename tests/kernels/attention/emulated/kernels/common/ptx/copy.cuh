/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* In the place of kernels/common/ptx/copy.cuh: boxes arrive at once, or as late as they may. */

#include "kernels/common/ptx/barrier.cuh"

struct alignas(64) at_tensor_map {
    struct emulated_map map;
    char unused[128 - sizeof(struct emulated_map)];
};

/* Where a byte of a row of 128 or 64 lies: pieces of 16 bytes change places within as many (PTX ISA, "Swizzling Modes"). */
static inline uint32_t swizzled(uint32_t address, int row)
{
    return address ^ (address >> 3 & (row == 128 ? 0x70 : 0x30));
}

/* Calls move(piece of 16 bytes in shared memory, in the tensor or NULL beyond it) for all of a box. */
template <class move_piece> static inline void each_piece(const struct box &b, const move_piece &move)
{
    const struct emulated_map &m = *b.map;
    for (int r = 0; r < m.box_rows; r++)
        for (int c = 0; c < m.row_bytes; c += 16) {
            const int64_t column = b.at[0] + c / m.element_bytes, row = b.at[1] + r;
            const bool inside = column < m.sizes[0] && row < m.sizes[1] && b.at[2] < m.sizes[2] && b.at[3] < m.sizes[3];
            const int64_t element = ((b.at[3] * m.sizes[2] + b.at[2]) * m.sizes[1] + row) * m.sizes[0] + column;
            move(b.memory + swizzled(b.shared + static_cast<uint32_t>(r * m.row_bytes + c), m.row_bytes),
                 inside ? reinterpret_cast<char *>(m.address) + element * m.element_bytes : nullptr);
        }
}

static inline void bring(const struct box &b)
{
    each_piece(b, [](char *shared, const char *piece) {
        if (piece)
            memcpy(shared, piece, 16);
        else
            memset(shared, 0, 16);
    });
    emulated_mbarrier_bring(b.barrier, static_cast<uint32_t>(b.map->box_rows * b.map->row_bytes));
}

static inline void at_copy_box(void *shared, const at_tensor_map *map, uint64_t *barrier, int column, int row, int head, int batch)
{
    struct block *block = own_block();
    const struct box b = {&map->map, block->shared, at_shared_address(shared), barrier, {column, row, head, batch}};
    if (b.shared % (8u * static_cast<unsigned>(map->map.row_bytes)))
        fibre_fail("a box does not begin where its swizzle does");
    if (fibre_random() % 2) {
        bring(b);
        return;
    }
    if (block->box_count == MOST_BOXES)
        fibre_fail("more boxes on their way than the emulation holds");
    block->boxes[block->box_count++] = b;
}

static inline void store(const struct box &b)
{
    each_piece(b, [](const char *shared, char *piece) {
        if (piece)
            memcpy(piece, shared, 16);
    });
}

static inline void store_all()
{
    for (int i = 0; i < self->store_count; i++)
        store(self->stores[i]);
    self->store_count = 0;
}

static inline void at_store_box(const at_tensor_map *map, uint32_t shared, int column, int row, int head, int batch)
{
    if (self->store_count == MOST_STORES)
        fibre_fail("more boxes on their way than the emulation holds");
    self->stores[self->store_count++] = {&map->map, own_block()->shared, shared, nullptr, {column, row, head, batch}};
}

static inline void at_store_commit()
{
    if (fibre_random() % 2)
        store_all();
}

static inline void at_store_wait_read()
{
    store_all();
}

static inline void at_store_wait()
{
    store_all();
}

static inline void at_store_matrices(uint32_t row, uint32_t a, uint32_t b)
{
    const uint32_t *rows = exchange(row);
    const unsigned lane = threadIdx.x % 32;
    memcpy(own_block()->shared + rows[lane / 4] + lane % 4 * 4, &a, sizeof a);
    memcpy(own_block()->shared + rows[8 + lane / 4] + lane % 4 * 4, &b, sizeof b);
}

static inline void at_prefetch_map(const at_tensor_map *) {}
