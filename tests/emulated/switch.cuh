/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* How fibres take turns: in one source, once `struct fibre` and `self` are there. */

enum { STACK_BYTES = 256 << 10 };

static void *scheduler_top;
static uint32_t random_state = 1;
static const char *failure;

typedef void kernel_body(void **arguments);
static kernel_body *body;
static void **body_arguments;

uint32_t fibre_random()
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 16;
}

/* Pushes what a call keeps (System V ABI), remembers the stack in *from and goes on where `to` did. */
extern "C" void fibre_switch(void **from, void *to);
asm(".text\n.globl fibre_switch\n.type fibre_switch, @function\nfibre_switch:\n"
    "push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\n"
    "mov %rsp, (%rdi)\nmov %rsi, %rsp\n"
    "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n"
    ".size fibre_switch, . - fibre_switch\n");

static void leave()
{
    fibre_switch(&self->top, scheduler_top);
}

void fibre_yield(const unsigned *waits, unsigned seen)
{
    self->waits = waits;
    self->seen = seen;
    leave();
}

void fibre_fail(const char *why)
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

/* A stack from which fibre_switch returns into `begin`, aligned as after a call. */
static void prepare_stack(struct fibre *f)
{
    uintptr_t end = reinterpret_cast<uintptr_t>(f->stack) + STACK_BYTES;
    void **top = reinterpret_cast<void **>(end / 16 * 16) - 8;
    memset(top, 0, 8 * sizeof *top);
    top[6] = reinterpret_cast<void *>(begin);
    f->top = top;
}
