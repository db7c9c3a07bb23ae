/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench_prepare.h"

#include "kernels/prepare/sm90/prepare_cuda.h"

#include <stdlib.h>

struct state {
    struct at_device_inputs inputs;
    struct at_prepare_work work;
};

static enum at_status open_state(const struct at_bench_inputs *in, const struct at_numerics *numerics, void **ret_state,
                                 struct at_error *error)
{
    struct state *made = calloc(1, sizeof *made);
    if (!made)
        return at_fail(error, AT_ERR_MEMORY, "bench: no memory to prepare on the GPU");
    made->inputs = (struct at_device_inputs){{in->q, in->format}, {in->k, in->format}, {in->v, in->format}};
    enum at_status status = at_prepare_work_init(in->gpu, &in->problem, numerics, &made->work, error);
    if (status)
        free(made);
    else
        *ret_state = made;
    return status;
}

static enum at_status start(void *state, const struct at_device_operands *operands, struct at_error *error)
{
    struct state *s = state;
    return at_prepare_on_gpu(&s->inputs, operands, &s->work, error);
}

static void close_state(void *state)
{
    struct state *s = state;
    at_prepare_work_done(&s->work);
    free(s);
}

const struct at_bench_preparer at_bench_preparer = {
    .image = &at_prepare_image, .check = at_prepare_gpu_check, .open = open_state, .start = start, .close = close_state};
