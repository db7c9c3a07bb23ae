/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* In the place of oracles/fp64_sm90/instructions.cuh, and of what it includes. */

struct alignas(16) at_fp64_pair {
    double x, y;
};

static inline char *at_fp64_shared()
{
    return block.shared;
}

static inline int at_fp64_block_index()
{
    return static_cast<int>(blockIdx.x);
}

static inline int at_fp64_thread_index()
{
    return static_cast<int>(threadIdx.x);
}

/* Sums of products as a chain of fused multiply-adds in ascending order, which is one of those that the bound allows. */
static inline void at_fp64_mma(double (&d)[4], const double (&a)[4], double b0, double b1)
{
    unsigned lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    struct fragments *all = own_warp()->fragments[self->products++ % 2];
    memcpy(all[lane].a, a, sizeof a);
    all[lane].b[0] = b0;
    all[lane].b[1] = b1;
    __syncwarp();
    for (unsigned k = 0; k < 8; k++)
        for (unsigned i = 0; i < 4; i++) {
            double left = all[4 * g + k % 4].a[2 * (k / 4) + i / 2], right = all[4 * (2 * t + i % 2) + k % 4].b[k / 4];
            d[i] = fma(left, right, d[i]);
        }
}

/* A barrier of one arrival: its phase, whether it has arrived, and bytes on their way. */
struct arrival {
    int32_t bytes;
    uint16_t arrived, phase;
};
static_assert(sizeof(struct arrival) == sizeof(uint64_t));

static inline void advance(uint64_t *barrier)
{
    auto *b = reinterpret_cast<struct arrival *>(barrier);
    if (b->arrived && b->bytes == 0) {
        b->arrived = 0;
        b->phase ^= 1;
    }
}

static inline void at_mbarrier_init(uint64_t *barrier, int arrivals)
{
    if (arrivals != 1)
        fibre_fail("a barrier of more than one arrival");
    *barrier = 0;
}

static inline void at_mbarrier_init_fence()
{
}

static inline void at_mbarrier_expect(uint64_t *barrier, uint32_t bytes)
{
    auto *b = reinterpret_cast<struct arrival *>(barrier);
    if (b->arrived)
        fibre_fail("a barrier is used again before its phase is complete");
    b->bytes += static_cast<int32_t>(bytes);
    b->arrived = 1;
    advance(barrier);
}

static inline void deliver(const struct copy *copy)
{
    memcpy(copy->to, copy->from, copy->bytes);
    reinterpret_cast<struct arrival *>(copy->barrier)->bytes -= static_cast<int32_t>(copy->bytes);
    advance(copy->barrier);
}

/* At once, or when somebody waits. */
static inline void at_fp64_copy(char *shared, const double *global, uint32_t bytes, uint64_t *barrier)
{
    if (reinterpret_cast<uintptr_t>(shared) % 16 || reinterpret_cast<uintptr_t>(global) % 16 || bytes % 16)
        fibre_fail("a copy is not of multiples of 16");
    struct copy copy = {shared, global, bytes, barrier};
    if (fibre_random() % 2)
        deliver(&copy);
    else if (block.copy_count < MOST_COPIES)
        block.copies[block.copy_count++] = copy;
    else
        fibre_fail("more copies on their way than the emulation holds");
}

static inline void at_mbarrier_wait(uint64_t *barrier, uint32_t parity)
{
    while (reinterpret_cast<struct arrival *>(barrier)->phase == parity) {
        if (block.copy_count > 0)
            deliver(&block.copies[--block.copy_count]);
        else
            fibre_yield(nullptr, 0);
    }
}

static inline void at_barrier_sync(int name, int threads)
{
    struct gate *gate = &block.named[name];
    gate->all = static_cast<unsigned>(threads);
    come_to(gate);
}

static inline uint32_t at_fp64_count(uint32_t *count)
{
    return (*count)++;
}
