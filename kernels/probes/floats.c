/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/compare.h"

#include "core/bits.h"

#include <inttypes.h>
#include <stdio.h>

enum { BLOCK = 1 << 22, BLOCKS = 1 << 10, LAUNCH_BLOCKS = 1056, THREADS = 256 };

static void compare_block(const struct at_probe *probe, uint32_t first, int64_t count, const uint32_t *got,
                          struct at_probe_outcome *outcome)
{
    int64_t differing = 0, least = INT64_MAX;
#pragma omp parallel for schedule(static) reduction(+ : differing) reduction(min : least)
    for (int64_t i = 0; i < count; i++)
        if (got[i] != probe->twin(at_float_of_bits(first + (uint32_t)i))) {
            differing++;
            least = i < least ? i : least;
        }
    if (differing && outcome->differing == 0)
        snprintf(outcome->first, sizeof outcome->first, "of 0x%08" PRIx32 " the GPU gives 0x%08" PRIx32 ", the twin 0x%08" PRIx32,
                 first + (uint32_t)least, got[least], probe->twin(at_float_of_bits(first + (uint32_t)least)));
    outcome->differing += differing;
    outcome->outputs += count;
}

enum at_status at_probe_floats(const struct at_probe *probe, struct at_gpu *gpu, const struct at_probe_request *request,
                               struct at_pulse *pulse, struct at_probe_outcome *ret_outcome, struct at_error *error)
{
    struct at_probe_outcome outcome = {0};
    int count = (int)((request->floats + BLOCKS - 1) / BLOCKS);
    uint64_t out = 0;
    void *got = NULL;
    char kernel[64];
    snprintf(kernel, sizeof kernel, "probe_%s", probe->code);
    enum at_status status = at_gpu_alloc(gpu, (size_t)count * sizeof(uint32_t), &out, error);
    if (!status)
        status = at_gpu_host_alloc(gpu, (size_t)count * sizeof(uint32_t), &got, error);
    for (uint32_t block = 0; block < BLOCKS && !status; block++) {
        uint32_t first = block * BLOCK;
        void *arguments[] = {&first, &count, &out};
        status = at_gpu_run(gpu, kernel, LAUNCH_BLOCKS, THREADS, arguments, error);
        if (!status)
            status = at_gpu_copy_out(gpu, got, out, (size_t)count * sizeof(uint32_t), error);
        if (!status)
            compare_block(probe, first, count, got, &outcome);
        if (pulse)
            at_pulse_beat(pulse, block + 1, BLOCKS);
    }
    at_gpu_free(gpu, out);
    at_gpu_host_free(gpu, got);
    if (!status)
        *ret_outcome = outcome;
    return status;
}
