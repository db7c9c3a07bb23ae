/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * A registry of one kernel, for the stand-in for the driver, whose addresses are the host's: the twin on what lies on the "GPU". It
 * refuses d = 32 and a smoothed Q; what it gives is made worse by AT_BENCH_KERNEL=half (O times a half) or nan.
 */
#include "kernels/attention/kernel.h"
#include "kernels/twin/attention.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct at_gpu_image image = {"image", 5, 12000};

static enum at_status check(const struct at_numerics *numerics, const struct at_problem *problem, struct at_error *error)
{
    if (problem->dim == 32)
        return at_fail(error, AT_ERR_UNSUPPORTED, "test-kernel: head dimension 32: it has 64 to 256");
    if (numerics->q.smooth != AT_SMOOTH_NONE)
        return at_fail(error, AT_ERR_UNSUPPORTED, "test-kernel: q.smooth: it has none");
    return AT_OK;
}

static void *host(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

static struct at_tensor tensor_of(enum at_format format, int64_t batch, int64_t heads, int64_t seq, int64_t dim, uint64_t codes)
{
    return (struct at_tensor){.format = format, .batch = batch, .heads = heads, .seq = seq, .dim = dim, .codes = host(codes)};
}

/* The scales of operands that have none. */
static float *ones(void)
{
    static float made[4096];
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
        made[i] = 1;
    return made;
}

static struct at_operand operand_of(const struct at_operand_numerics *n, const struct at_device_operand *from, struct at_tensor codes)
{
    return (struct at_operand){.codes = codes,
                               .scale = {.granularity = n->scale,
                                         .batch = codes.batch,
                                         .heads = codes.heads,
                                         .groups = at_scale_groups(n->scale, codes.seq, codes.dim),
                                         .value = from->scale ? host(from->scale) : ones()},
                               .mean = host(from->mean)};
}

static void put(const struct at_problem *p, const struct at_device_outputs *out, enum at_format format, int64_t head, float *o,
                const float *lse)
{
    const char *fault = getenv("AT_BENCH_KERNEL");
    size_t count = (size_t)(p->seq_q * p->dim);
    for (size_t i = 0; fault && i < count; i++)
        o[i] = strcmp(fault, "nan") == 0 ? NAN : o[i] / 2;
    at_encode_array(format, o, count, AT_OVERFLOW_IEEE, (char *)host(out->o) + (size_t)head * count * at_format_size(format));
    memcpy((float *)host(out->lse) + head * p->seq_q, lse, (size_t)p->seq_q * sizeof *lse);
}

static enum at_status start(const struct at_device_operands *device, const struct at_device_outputs *out, struct at_error *error)
{
    const struct at_problem *p = &device->problem;
    const struct at_numerics *n = &device->numerics;
    size_t rows = (size_t)p->seq_q;
    struct at_operands o = {.problem = *p, .numerics = *n, .lse_shift = host(device->lse_shift)};
    struct at_tensor turned = {.codes = NULL};
    struct at_rows all = {.count = 0};
    struct at_attention head = {.o = malloc(rows * (size_t)p->dim * sizeof(float)),
                                .row_max = malloc(rows * sizeof(float)),
                                .row_sum = malloc(rows * sizeof(float)),
                                .lse = malloc(rows * sizeof(float))};
    o.q = operand_of(&n->q, &device->q, tensor_of(n->q.format, p->batch, p->heads_q, p->seq_q, p->dim, device->q.codes));
    o.k = operand_of(&n->k, &device->k, tensor_of(n->k.format, p->batch, p->heads_kv, p->seq_k, p->dim, device->k.codes));
    o.v = operand_of(&n->v, &device->v, tensor_of(n->v.format, p->batch, p->heads_kv, p->seq_k, p->dim, device->v.codes));
    enum at_status status = at_rows_choose(&all, p->seq_q, 0, 1, error);
    if (!status && at_formats[n->v.format].bits == 8) {
        status = at_tensor_init(&turned, n->v.format, p->batch, p->heads_kv, p->seq_k, p->dim, error);
        if (!status)
            at_device_turn_v_back(o.v.codes.codes, &turned);
        o.v.codes = turned;
    }
    for (int64_t i = 0; i < p->batch * p->heads_q && !status; i++) {
        status = at_twin_attend(&o, i / p->heads_q, i % p->heads_q, &all, AT_SIMD_AUTO, &head, error);
        if (!status)
            put(p, out, n->output, i, head.o, head.lse);
    }
    at_tensor_done(&turned);
    at_rows_done(&all);
    free(head.o);
    free(head.row_max);
    free(head.row_sum);
    free(head.lse);
    return status;
}

static bool reads(const struct at_numerics *numerics)
{
    (void)numerics;
    return true;
}

static const struct at_kernel kernel = {
    .name = "test-kernel", .summary = "the twin", .image = &image, .reads = reads, .check = check, .start = start};
const struct at_kernel *const at_kernels[] = {&kernel};
const size_t at_kernel_count = 1;
