/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include <cstdint>

/* In the place of kernels/common/ptx/barrier.cuh. */

static inline uint32_t at_shared_address(const void *shared)
{
    return static_cast<uint32_t>(static_cast<const char *>(shared) - own_block()->shared);
}

static inline char *at_block_memory()
{
    return own_block()->shared;
}

/* An mbarrier: its phase, the arrivals of a phase and those still missing, and what copies have yet to bring of what was announced. */
enum { EMULATED_UNIT = 64 }; /* bytes */
struct emulated_mbarrier {
    unsigned phase;
    unsigned missing : 10, all : 10, units : 12;
};
static_assert(sizeof(emulated_mbarrier) == sizeof(uint64_t), "it lies where the mbarrier does");

static inline emulated_mbarrier *emulated(uint64_t *barrier)
{
    return reinterpret_cast<emulated_mbarrier *>(barrier);
}

static inline void end_phase_if_complete(emulated_mbarrier *b)
{
    if (b->missing || b->units)
        return;
    b->missing = b->all;
    b->phase++;
}

static inline void at_mbarrier_init(uint64_t *barrier, int arrivals)
{
    *emulated(barrier) = {0, static_cast<unsigned>(arrivals), static_cast<unsigned>(arrivals), 0};
}

static inline void at_mbarrier_init_fence() {}

static inline void at_mbarrier_arrive(uint64_t *barrier)
{
    emulated_mbarrier *b = emulated(barrier);
    if (!b->missing)
        fibre_fail("one arrival more than a phase of an mbarrier has");
    b->missing--;
    end_phase_if_complete(b);
}

static inline void at_mbarrier_expect(uint64_t *barrier, uint32_t bytes)
{
    if (bytes % EMULATED_UNIT || emulated(barrier)->units + bytes / EMULATED_UNIT >= 1 << 12)
        fibre_fail("a number of bytes that an emulated mbarrier does not count");
    emulated(barrier)->units += bytes / EMULATED_UNIT;
    at_mbarrier_arrive(barrier);
}

/* A copy has brought `bytes`. */
static inline void emulated_mbarrier_bring(uint64_t *barrier, uint32_t bytes)
{
    emulated_mbarrier *b = emulated(barrier);
    if (b->units < bytes / EMULATED_UNIT)
        fibre_fail("more bytes than were announced to an mbarrier");
    b->units -= bytes / EMULATED_UNIT;
    end_phase_if_complete(b);
}

static inline bool at_mbarrier_test(uint64_t *barrier, uint32_t parity)
{
    return emulated(barrier)->phase % 2 != parity;
}

static inline void at_mbarrier_wait(uint64_t *barrier, uint32_t parity)
{
    while (!at_mbarrier_test(barrier, parity))
        fibre_yield(&emulated(barrier)->phase, emulated(barrier)->phase);
}
