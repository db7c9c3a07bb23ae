/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/kernel.h"

#include <stdlib.h>
#include <string.h>

enum at_status at_kernel_choose(const struct at_numerics *numerics, const struct at_problem *problem, const struct at_kernel **ret_kernel,
                                struct at_error *error)
{
    enum at_status status = at_fail(error, AT_ERR_UNSUPPORTED,
                                    "no attention kernel reads q.format=%s, k.format=%s, v.format=%s, p.format=%s: run it on the twin",
                                    at_formats[numerics->q.format].name, at_formats[numerics->k.format].name,
                                    at_formats[numerics->v.format].name, at_formats[numerics->p_format].name);
    for (size_t i = 0; i < at_kernel_count && status; i++) {
        if (!at_kernels[i]->reads(numerics))
            continue;
        status = at_kernels[i]->check(numerics, problem, error);
        if (!status)
            *ret_kernel = at_kernels[i];
    }
    return status;
}

/* All of the outputs, or none: they arrive in memory of our own first. */
static enum at_status collect(const struct at_operands *operands, const struct at_device_outputs *from, struct at_kernel_outputs *to,
                              struct at_error *error)
{
    const struct at_problem *p = &operands->problem;
    size_t rows = (size_t)(p->batch * p->heads_q * p->seq_q), row_bytes = rows * sizeof(float);
    size_t o_bytes = rows * (size_t)p->dim * at_format_size(operands->numerics.output);
    char *memory = malloc(o_bytes + 3 * row_bytes);
    if (!memory)
        return at_fail(error, AT_ERR_MEMORY, "attention: no memory for %.1f MiB of outputs", (double)(o_bytes + 3 * row_bytes) / 0x1p20);
    const struct {
        uint64_t from;
        void *to;
        size_t bytes;
    } parts[] = {{from->o, to->o, o_bytes},
                 {from->row_max, to->row_max, row_bytes},
                 {from->row_sum, to->row_sum, row_bytes},
                 {from->lse, to->lse, row_bytes}};
    enum at_status status = AT_OK;
    char *at = memory;
    for (int i = 0; i < 4 && !status; at += parts[i++].bytes)
        status = at_gpu_copy_out(from->gpu, at, parts[i].from, parts[i].bytes, error);
    at = memory;
    for (int i = 0; i < 4 && !status; at += parts[i++].bytes)
        memcpy(parts[i].to, at, parts[i].bytes);
    free(memory);
    return status;
}

enum at_status at_kernel_attend(const struct at_kernel *kernel, struct at_gpu *gpu, const struct at_operands *operands,
                                struct at_kernel_outputs *outputs, struct at_error *error)
{
    struct at_device_operands on_device = {.gpu = NULL};
    struct at_device_outputs made = {.gpu = NULL};
    enum at_status status = kernel->check(&operands->numerics, &operands->problem, error);
    if (!status)
        status = at_device_operands_init(gpu, &operands->problem, &operands->numerics, &on_device, error);
    if (!status)
        status = at_device_operands_upload(&on_device, operands, error);
    if (!status)
        status = at_device_outputs_init(gpu, &operands->problem, &operands->numerics, &made, error);
    if (!status)
        status = kernel->start(&on_device, &made, error);
    if (!status)
        status = at_gpu_wait(gpu, error);
    if (!status)
        status = collect(operands, &made, outputs, error);
    at_device_outputs_done(&made);
    at_device_operands_done(&on_device);
    return status;
}
