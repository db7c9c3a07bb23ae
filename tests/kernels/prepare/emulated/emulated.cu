/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "builtins.cuh"

#include "kernels/prepare/sm90/prepare.cu"

#include "emulated.h"

#include <cstdlib>
#include <sys/mman.h>

struct fibre *self;
three gridDim, blockDim;

#include "switch.cuh"

/* Runs whoever can, again and again, until all have ended; the order changes from round to round, and some warps stand still for long. */
static bool run(struct fibre *fibres, unsigned count)
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
        if (!runs && ended < count)
            failure = "all threads wait for each other";
    }
    return !failure;
}

/* Kernels take their arguments by reference: g++ knows no parameter space. */
#define EMULATED(NAME) \
    { \
#NAME, [](void **a) { NAME(*static_cast<const at_prepare_batch *>(a[0])); } \
    }
#define EMULATED_PASS(PASS, DIM, ROWS) \
    EMULATED(prepare_##PASS##_plain_d##DIM##_r##ROWS), EMULATED(prepare_##PASS##_plain_tuned_d##DIM##_r##ROWS), \
        EMULATED(prepare_##PASS##_whole_d##DIM##_r##ROWS), EMULATED(prepare_##PASS##_whole_tuned_d##DIM##_r##ROWS), \
        EMULATED(prepare_##PASS##_any_d##DIM##_r##ROWS)
#define EMULATED_OF(DIM, GROUP_ROWS) \
    EMULATED_PASS(codes, DIM, 128), EMULATED_PASS(groups, DIM, GROUP_ROWS), EMULATED(prepare_columns_d##DIM##_r128)
static const struct {
    const char *name;
    kernel_body *body;
} kernels[] = {
    EMULATED_OF(64, 128),
    EMULATED_OF(128, 64),
    EMULATED_OF(256, 64),
    EMULATED_PASS(codes, 128, 64),
    EMULATED_PASS(codes, 256, 64),
    {"prepare_groups", [](void **a) { prepare_groups(*static_cast<const at_prepare_arguments *>(a[0])); }},
    {"prepare_heads", [](void **a) { prepare_heads(*static_cast<const at_prepare_arguments *>(a[0]), *static_cast<int *>(a[1])); }}};

static bool run_blocks(const struct at_gpu_launch *launch, size_t shared_bytes)
{
    const unsigned warps = launch->threads / 32, count = launch->blocks * launch->threads;
    auto *fibres = static_cast<struct fibre *>(calloc(count, sizeof(struct fibre)));
    auto *blocks = static_cast<struct block *>(calloc(launch->blocks, sizeof(struct block)));
    auto *stacks = static_cast<char *>(mmap(nullptr, static_cast<size_t>(count) * STACK_BYTES, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    for (unsigned b = 0; b < launch->blocks; b++) {
        blocks[b] = {{0, 0, launch->threads}, nullptr, static_cast<struct warp *>(calloc(warps, sizeof(struct warp))), {b}};
        if (posix_memalign(reinterpret_cast<void **>(&blocks[b].shared), 128, shared_bytes))
            abort();
        memset(blocks[b].shared, 0x5a, shared_bytes);
        for (unsigned w = 0; w < warps; w++)
            blocks[b].warps[w].gate.all = 32;
    }
    for (unsigned i = 0; i < count; i++) {
        fibres[i].block = &blocks[i / launch->threads];
        fibres[i].index.x = i % launch->threads;
        fibres[i].stack = stacks + static_cast<size_t>(i) * STACK_BYTES;
        prepare_stack(&fibres[i]);
    }
    bool good = run(fibres, count);
    for (unsigned b = 0; b < launch->blocks; b++) {
        free(blocks[b].shared);
        free(blocks[b].warps);
    }
    munmap(stacks, static_cast<size_t>(count) * STACK_BYTES);
    free(blocks);
    free(fibres);
    return good;
}

extern "C" bool emulated_launch(const struct at_gpu_launch *launch, const char **ret_why)
{
    failure = "no such kernel";
    for (const auto &kernel : kernels)
        if (strcmp(kernel.name, launch->kernel) == 0) {
            failure = nullptr;
            body = kernel.body;
        }
    body_arguments = launch->arguments;
    gridDim.x = launch->blocks;
    blockDim.x = launch->threads;
    bool good = !failure && run_blocks(launch, launch->shared_bytes);
    *ret_why = failure;
    return good;
}
