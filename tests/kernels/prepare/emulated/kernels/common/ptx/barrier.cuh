/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include <cstdint>

/* In the place of kernels/common/ptx/barrier.cuh: as much of it as the prepare kernels use. */

/* An mbarrier: its phase, arrivals still missing, and how many there are. */
struct emulated_mbarrier {
    uint32_t phase;
    uint16_t missing, all;
};
static_assert(sizeof(emulated_mbarrier) == sizeof(uint64_t), "it lies where the mbarrier does");

static inline void at_mbarrier_init(uint64_t *barrier, int arrivals)
{
    const emulated_mbarrier made = {0, static_cast<uint16_t>(arrivals), static_cast<uint16_t>(arrivals)};
    memcpy(barrier, &made, sizeof made);
}

static inline void at_mbarrier_arrive(uint64_t *barrier)
{
    emulated_mbarrier now;
    memcpy(&now, barrier, sizeof now);
    if (--now.missing == 0) {
        now.phase++;
        now.missing = now.all;
    }
    memcpy(barrier, &now, sizeof now);
}

static inline void at_mbarrier_wait(const uint64_t *barrier, uint32_t parity)
{
    for (;;) {
        emulated_mbarrier now;
        memcpy(&now, barrier, sizeof now);
        if (now.phase % 2 != parity)
            return;
        fibre_yield(nullptr, 0);
    }
}
