/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "builtins.cuh"

#include "oracles/fp64_sm90/kernel.cu"

#include "emulated.h"

#include <cstdlib>

struct block block;
struct fibre *self;

static struct fibre fibres[MOST_THREADS];
#include "switch.cuh"

/* Runs the block's threads until all have ended, warp by warp from a changing one on; often a warp stands still for a tile or two. */
static void run(unsigned threads)
{
    unsigned idle = 0, stalled = 0, rounds = 0;
    for (unsigned ended = 0; ended < threads && !failure;) {
        unsigned start = fibre_random() * 32, runs = 0;
        if (rounds-- == 0) {
            stalled = fibre_random() % 16;
            rounds = fibre_random() % 256;
        }
        ended = 0;
        for (unsigned i = 0; i < threads && !failure; i++) {
            self = &fibres[(start + i) % threads];
            ended += self->ended;
            if (self->ended || (self->waits && *self->waits == self->seen))
                continue;
            runs += self->waits != nullptr;
            if (self->index.x / 32 == stalled)
                continue;
            self->waits = nullptr;
            fibre_switch(&scheduler_top, self->top);
        }
        idle = runs ? 0 : idle + 1;
        if (idle > 1000 && ended < threads)
            failure = "all threads wait for each other";
    }
}

static void run_block(const struct at_gpu_launch *launch, unsigned index)
{
    memset(&block, 0, sizeof block);
    block.index.x = index;
    block.gate.all = launch->threads;
    if (posix_memalign(reinterpret_cast<void **>(&block.shared), 128, launch->shared_bytes))
        abort();
    memset(block.shared, 0xff, launch->shared_bytes); /* NaN */
    for (unsigned w = 0; w < launch->threads / 32; w++)
        block.warps[w].gate.all = 32;
    for (unsigned i = 0; i < launch->threads; i++) {
        void *stack = fibres[i].stack ? fibres[i].stack : malloc(STACK_BYTES);
        fibres[i] = {};
        fibres[i].stack = stack;
        fibres[i].index.x = i;
        prepare_stack(&fibres[i]);
    }
    run(launch->threads);
    free(block.shared);
}

static const struct {
    const char *name;
    kernel_body *body;
    size_t shared_bytes;
    int threads;
} kernels[] = {
#define EMULATED(name, depth, keys, groups, members, columns, v_blocks, sums) \
    {#name, [](void **a) { name(*static_cast<const at_fp64_arguments *>(a[0])); }, \
     at_fp64_shape<depth, keys, groups, members, columns, v_blocks, sums != 0>::shared_bytes, 32 * groups * members},
#define EMULATED_SCORES(depth, keys, groups) \
    {"fp64_reference_d" #depth, [](void **a) { fp64_reference_d##depth(*static_cast<const at_fp64_arguments *>(a[0])); }, \
     at_fp64_shape<depth, keys, groups, 1, 0, 1, false>::shared_bytes, 32 * groups}, \
        {"fp64_weights_d" #depth, [](void **a) { fp64_weights_d##depth(*static_cast<const at_fp64_arguments *>(a[0])); }, \
         at_fp64_shape<depth, keys, groups, 1, 0, 1, false>::shared_bytes, 32 * groups},
    AT_FP64_KERNELS(EMULATED) AT_FP64_DEPTHS(EMULATED_SCORES)};

extern "C" bool emulated_launch(const struct at_gpu_launch *launch, const char **ret_why)
{
    failure = "no such kernel";
    for (const auto &kernel : kernels)
        if (strcmp(kernel.name, launch->kernel) == 0) {
            body = kernel.body;
            failure = static_cast<unsigned>(kernel.threads) != launch->threads ? "another number of threads"
                      : kernel.shared_bytes != launch->shared_bytes            ? "another size of shared memory"
                                                                               : nullptr;
        }
    body_arguments = launch->arguments;
    for (unsigned index = 0; index < launch->blocks && !failure; index++)
        run_block(launch, index);
    *ret_why = failure;
    return !failure;
}
