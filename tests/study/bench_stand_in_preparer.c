/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * A preparer for the stand-in for the driver, whose addresses are the host's: at_prepare on what lies on the "GPU". A program that is
 * linked with it has no other. It refuses operands in FP16, which need no quantising.
 */
#include "kernels/prepare/prepare.h"
#include "study/bench_prepare.h"

#include <stdlib.h>
#include <string.h>

struct state {
    struct at_bench_inputs inputs;
    struct at_numerics numerics;
};

static const struct at_gpu_image image = {"image", 5, 12000};

static enum at_status check(const struct at_numerics *numerics, const struct at_problem *problem, struct at_error *error)
{
    (void)problem;
    return numerics->q.format != AT_FP16 ? AT_OK : at_fail(error, AT_ERR_UNSUPPORTED, "test-preparer: q.format=fp16: it has none");
}

static enum at_status open_state(const struct at_bench_inputs *in, const struct at_numerics *numerics, void **ret_state,
                                 struct at_error *error)
{
    struct state *made = malloc(sizeof *made);
    if (!made)
        return at_fail(error, AT_ERR_MEMORY, "test-preparer: out of memory");
    *made = (struct state){*in, *numerics};
    *ret_state = made;
    return AT_OK;
}

static struct at_tensor tensor_of(const struct at_bench_inputs *in, int64_t heads, int64_t seq, uint64_t address)
{
    return (struct at_tensor){.format = in->format,
                              .batch = in->problem.batch,
                              .heads = heads,
                              .seq = seq,
                              .dim = in->problem.dim,
                              .codes = (void *)(uintptr_t)address};
}

static enum at_status start(void *state, const struct at_device_operands *operands, struct at_error *error)
{
    const struct state *s = state;
    const struct at_problem *p = &s->inputs.problem;
    const struct at_qkv inputs = {.q = tensor_of(&s->inputs, p->heads_q, p->seq_q, s->inputs.q),
                                  .k = tensor_of(&s->inputs, p->heads_kv, p->seq_k, s->inputs.k),
                                  .v = tensor_of(&s->inputs, p->heads_kv, p->seq_k, s->inputs.v)};
    struct at_operands made;
    enum at_status status = at_prepare(p, &s->numerics, &inputs, &made, error);
    if (status)
        return status;
    status = at_device_operands_upload(operands, &made, error);
    at_operands_done(&made);
    return status;
}

const struct at_bench_preparer at_bench_preparer = {.image = &image, .check = check, .open = open_state, .start = start, .close = free};
