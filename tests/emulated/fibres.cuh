/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* A thread of the GPU as a fibre: what every emulation has of one. */

#include <cstdint>
#include <string.h>

#define __global__
#define __device__
#define __forceinline__ inline
#define __grid_constant__
#define __launch_bounds__(...)

struct three {
    unsigned x;
};

struct gate { /* opens for those that wait when all have come */
    unsigned passed, come, all;
};

struct fibre_state {
    void *stack, *top; /* its memory; its stack pointer while another runs */
    three index;
    const unsigned *waits; /* for this to differ from `seen`; NULL: for nothing */
    unsigned seen, exchanges;
    bool ended;
};

/* Lets others run; until *waits differs from `seen`, where it is not NULL. */
void fibre_yield(const unsigned *waits, unsigned seen);
uint32_t fibre_random();
[[noreturn]] void fibre_fail(const char *why);

static inline void come_to(struct gate *gate)
{
    unsigned seen = gate->passed;
    if (++gate->come == gate->all) {
        gate->come = 0;
        gate->passed++;
    } else {
        fibre_yield(&gate->passed, seen);
    }
}
