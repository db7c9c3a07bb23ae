/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* How the threads of all blocks run: in one source, after its kernels. */

#include "emulated.h"

#include <cstdlib>
#include <sys/mman.h>

struct fibre *self;
three gridDim, blockDim;

#include "switch.cuh"

/* Something that is under way arrives, if there is such a thing: asked for at times, and whenever all threads wait. */
static bool something_arrives(struct block *blocks, unsigned count);

/* Runs whoever can, again and again, until all have ended; the order changes from round to round, and some warps stand still for long. */
static bool run(struct fibre *fibres, unsigned count, struct block *blocks, unsigned block_count)
{
    unsigned round = 0, stalls = 0;
    for (unsigned ended = 0; ended < count && !failure;) {
        unsigned start = fibre_random() * 65536 + fibre_random(), runs = 0;
        bool backward = fibre_random() % 2;
        if (round++ % 16 == 0)
            stalls = fibre_random();
        ended = 0;
        for (unsigned i = 0; i < count && !failure; i++) {
            self = &fibres[(start + (backward ? count - i : i)) % count];
            ended += self->ended;
            if (self->ended || (self->waits && *self->waits == self->seen))
                continue;
            self->waits = nullptr;
            runs++;
            if (((self->index.x / 32 + 3 * self->block->index.x) * 2654435761u ^ stalls) % 4 == 0)
                continue;
            fibre_switch(&scheduler_top, self->top);
        }
        if ((!runs || fibre_random() % 8 == 0) && !something_arrives(blocks, block_count) && !runs && ended < count)
            failure = "all threads wait for each other";
    }
    return !failure;
}

static bool run_blocks(const struct at_gpu_launch *launch)
{
    const unsigned warps = launch->threads / 32, count = launch->blocks * launch->threads;
    gridDim.x = launch->blocks;
    blockDim.x = launch->threads;
    body_arguments = launch->arguments;
    auto *fibres = static_cast<struct fibre *>(calloc(count, sizeof(struct fibre)));
    auto *blocks = static_cast<struct block *>(calloc(launch->blocks, sizeof(struct block)));
    auto *stacks = static_cast<char *>(mmap(nullptr, static_cast<size_t>(count) * STACK_BYTES, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    for (unsigned b = 0; b < launch->blocks; b++) {
        blocks[b].gate.all = launch->threads;
        blocks[b].warps = static_cast<struct warp *>(calloc(warps, sizeof(struct warp)));
        blocks[b].index = {b};
        if (posix_memalign(reinterpret_cast<void **>(&blocks[b].shared), 1024, launch->shared_bytes))
            abort();
        memset(blocks[b].shared, 0x5a, launch->shared_bytes);
        for (unsigned w = 0; w < warps; w++)
            blocks[b].warps[w].gate.all = 32;
    }
    for (unsigned i = 0; i < count; i++) {
        fibres[i].block = &blocks[i / launch->threads];
        fibres[i].index.x = i % launch->threads;
        fibres[i].stack = stacks + static_cast<size_t>(i) * STACK_BYTES;
        prepare_stack(&fibres[i]);
    }
    bool good = run(fibres, count, blocks, launch->blocks);
    for (unsigned b = 0; b < launch->blocks; b++) {
        free(blocks[b].shared);
        free(blocks[b].warps);
    }
    munmap(stacks, static_cast<size_t>(count) * STACK_BYTES);
    free(blocks);
    free(fibres);
    return good;
}

/* A kernel of a room. */
struct emulated_kernel {
    const char *name;
    kernel_body *body;
};

static bool launch_one_of(const struct emulated_kernel *kernels, size_t count, const struct at_gpu_launch *launch, const char **ret_why)
{
    failure = "no such kernel";
    for (size_t i = 0; i < count; i++)
        if (strcmp(kernels[i].name, launch->kernel) == 0) {
            failure = nullptr;
            body = kernels[i].body;
        }
    bool good = !failure && run_blocks(launch);
    *ret_why = failure;
    return good;
}
