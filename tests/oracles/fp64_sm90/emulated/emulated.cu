/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "builtins.cuh"

#include "oracles/fp64_sm90/kernel.cu"

#include "emulated.h"

#include <cstdlib>

enum { STACK_BYTES = 128 << 10 };

struct block block;
struct fibre *self;

static struct fibre fibres[MOST_THREADS];
static void *scheduler_top;
static uint32_t random_state = 1;
static const char *failure;

typedef void kernel_body(const at_fp64_arguments *in);
static kernel_body *body;
static const at_fp64_arguments *body_arguments;

uint32_t draw()
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 16;
}

/* Pushes what a call keeps (System V ABI), remembers the stack in *from and goes on where `to` did. */
extern "C" void fp64_fibre_switch(void **from, void *to);
asm(".text\n.globl fp64_fibre_switch\n.type fp64_fibre_switch, @function\nfp64_fibre_switch:\n"
    "push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\n"
    "mov %rsp, (%rdi)\nmov %rsi, %rsp\n"
    "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n"
    ".size fp64_fibre_switch, . - fp64_fibre_switch\n");

static void leave()
{
    fp64_fibre_switch(&self->top, scheduler_top);
}

void wait_on(const unsigned *waits, unsigned seen)
{
    self->waits = waits;
    self->seen = seen;
    leave();
}

void fail(const char *why)
{
    failure = why;
    for (;;)
        leave();
}

static void begin()
{
    body(body_arguments);
    self->ended = true;
    for (;;)
        leave();
}

/* A stack from which fp64_fibre_switch returns into `begin`, aligned as after a call. */
static void prepare_stack(struct fibre *f)
{
    uintptr_t end = reinterpret_cast<uintptr_t>(f->stack) + STACK_BYTES;
    void **top = reinterpret_cast<void **>(end / 16 * 16) - 8;
    memset(top, 0, 8 * sizeof *top);
    top[6] = reinterpret_cast<void *>(begin);
    f->top = top;
}

/* Runs the block's threads until all have ended, warp by warp from a changing one on; often a warp stands still for a tile or two. */
static void run(unsigned threads)
{
    unsigned idle = 0, stalled = 0, rounds = 0;
    for (unsigned ended = 0; ended < threads && !failure;) {
        unsigned start = draw() * 32, runs = 0;
        if (rounds-- == 0) {
            stalled = draw() % 16;
            rounds = draw() % 256;
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
            fp64_fibre_switch(&scheduler_top, self->top);
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
    {#name, [](const at_fp64_arguments *in) { name(*in); }, \
     at_fp64_shape<depth, keys, groups, members, columns, v_blocks, sums != 0>::shared_bytes, 32 * groups * members},
#define EMULATED_SCORES(depth, keys, groups) \
    {"fp64_reference_d" #depth, [](const at_fp64_arguments *in) { fp64_reference_d##depth(*in); }, \
     at_fp64_shape<depth, keys, groups, 1, 0, 1, false>::shared_bytes, 32 * groups}, \
        {"fp64_weights_d" #depth, [](const at_fp64_arguments *in) { fp64_weights_d##depth(*in); }, \
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
    body_arguments = static_cast<const at_fp64_arguments *>(launch->arguments[0]);
    for (unsigned index = 0; index < launch->blocks && !failure; index++)
        run_block(launch, index);
    *ret_why = failure;
    return !failure;
}
