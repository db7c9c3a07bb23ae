/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* In the place of kernels/prepare/sm90/instructions.cuh. */

#include "core/format.h"

static inline char *at_dynamic_shared()
{
    return self->block->shared;
}

static inline void copy_now(char *to, const char *from)
{
    if (from)
        memcpy(to, from, 16);
    else
        memset(to, 0, 16);
}

/* At once, or when it is waited for. */
static inline void at_copy_async(void *shared, const void *global, bool there)
{
    char *to = static_cast<char *>(shared);
    const char *from = there ? static_cast<const char *>(global) : nullptr;
    if (reinterpret_cast<uintptr_t>(to) % 16 || reinterpret_cast<uintptr_t>(global) % 16)
        fibre_fail("a copy of 16 bytes is not at a multiple of 16");
    if (fibre_random() % 2) {
        copy_now(to, from);
        return;
    }
    if (self->copy_count == MOST_COPIES)
        fibre_fail("more copies on their way than the emulation holds");
    self->copies[self->copy_count++] = {to, from, self->groups};
}

static inline void at_copy_async_commit()
{
    self->groups++;
}

template <int pending> static inline void at_copy_async_wait()
{
    int kept = 0;
    for (int i = 0; i < self->copy_count; i++)
        if (self->copies[i].group < self->groups - pending)
            copy_now(self->copies[i].to, self->copies[i].from);
        else
            self->copies[kept++] = self->copies[i];
    self->copy_count = kept;
}

static inline void at_word_give(uint64_t *word, uint64_t value)
{
    *static_cast<volatile uint64_t *>(word) = value;
}

static inline uint64_t at_word_look(const uint64_t *word)
{
    return *static_cast<const volatile uint64_t *>(word);
}

static inline void at_pause()
{
    fibre_yield(nullptr, 0);
}

static inline void at_trap()
{
    fibre_fail("trap");
}

static inline void at_unpair_f16(uint32_t pair, float &low, float &high)
{
    low = at_decode(AT_FP16, pair & 0xffff);
    high = at_decode(AT_FP16, pair >> 16);
}

static inline uint32_t at_widen_e4m3(uint32_t codes)
{
    uint32_t pair = 0;
    for (int i = 0; i < 2; i++)
        pair |= at_encode(AT_FP16, at_decode(AT_E4M3, codes >> 8 * i & 0xff), AT_OVERFLOW_IEEE) << 16 * i;
    return pair;
}
