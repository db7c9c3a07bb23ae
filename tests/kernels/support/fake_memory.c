/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fake_state.h"

/* Memory of the GPUs and of the host; copies. */

struct block {
    struct block *next;
    bool host;
    size_t bytes;
    char *memory;
};

static struct block *blocks;
int fake_memory_live(void)
{
    int live = 0;
    for (const struct block *b = blocks; b; b = b->next)
        live++;
    return live;
}

static int allocate(bool host, size_t bytes, void **ret_memory)
{
    struct block *block = bytes ? malloc(sizeof *block) : NULL;
    if (!block)
        return INVALID_VALUE;
    *block = (struct block){blocks, host, bytes, malloc(bytes)};
    if (!block->memory) {
        free(block);
        return AT_CUDA_NO_MEMORY;
    }
    memset(block->memory, 0x5a, bytes);
    blocks = block;
    *ret_memory = block->memory;
    return OK;
}

static int release(bool host, const void *memory)
{
    for (struct block **at = &blocks; *at; at = &(*at)->next)
        if ((*at)->memory == memory && (*at)->host == host) {
            struct block *block = *at;
            *at = block->next;
            free(block->memory);
            free(block);
            return OK;
        }
    return INVALID_VALUE;
}

int cuMemAlloc_v2(uint64_t *address, size_t bytes)
{
    ENTER(true);
    void *memory;
    int result = allocate(false, bytes, &memory);
    if (result == OK)
        *address = (uint64_t)(uintptr_t)memory;
    return result;
}

int cuMemFree_v2(uint64_t address)
{
    ENTER(true);
    return release(false, (const void *)(uintptr_t)address);
}

int cuMemAllocHost_v2(void **memory, size_t bytes)
{
    ENTER(true);
    return allocate(true, bytes, memory);
}

int cuMemFreeHost(void *memory)
{
    ENTER(true);
    return release(true, memory);
}

void *fake_at_address(uint64_t address, size_t bytes)
{
    char *memory = (char *)(uintptr_t)address;
    for (const struct block *b = blocks; b; b = b->next)
        if (!b->host && memory >= b->memory && memory + bytes <= b->memory + b->bytes)
            return memory;
    return NULL;
}

int cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t bytes)
{
    ENTER(true);
    char *memory = fake_at_address(to, bytes);
    if (!memory)
        return INVALID_VALUE;
    memcpy(memory, from, bytes);
    return OK;
}

int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes)
{
    ENTER(true);
    const char *memory = fake_at_address(from, bytes);
    if (!memory)
        return INVALID_VALUE;
    memcpy(to, memory, bytes);
    return OK;
}

int cuMemcpyDtoD_v2(uint64_t to, uint64_t from, size_t bytes)
{
    ENTER(true);
    char *target = fake_at_address(to, bytes);
    const char *source = fake_at_address(from, bytes);
    if (!target || !source)
        return INVALID_VALUE;
    memmove(target, source, bytes);
    return OK;
}

int cuMemsetD8_v2(uint64_t to, unsigned char value, size_t bytes)
{
    ENTER(true);
    char *memory = fake_at_address(to, bytes);
    if (!memory)
        return INVALID_VALUE;
    memset(memory, value, bytes);
    return OK;
}
