/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stand_in_attention.h"

static const struct at_gpu_image image = {"image", 5, 12000};

static bool reads(const struct at_numerics *numerics)
{
    (void)numerics;
    return true;
}

static enum at_status check(const struct at_numerics *numerics, const struct at_problem *problem, struct at_error *error)
{
    (void)problem;
    if (numerics->q.smooth)
        return at_fail(error, AT_ERR_UNSUPPORTED, "stand-in: q.smooth: the stand-in has no smoothed Q");
    if (numerics->p_offset == AT_P_NORMALISED)
        return at_fail(error, AT_ERR_UNSUPPORTED, "stand-in: p.offset=normalised: the stand-in normalises after P V");
    return AT_OK;
}

static enum at_status start(const struct at_device_operands *o, const struct at_device_outputs *out, struct at_error *error)
{
    struct stand_in_arguments arguments = {.problem = o->problem,
                                           .numerics = o->numerics,
                                           .q = o->q,
                                           .k = o->k,
                                           .v = o->v,
                                           .lse_shift = o->lse_shift,
                                           .o = out->o,
                                           .row_max = out->row_max,
                                           .row_sum = out->row_sum,
                                           .lse = out->lse};
    const struct at_gpu_launch launch = {.kernel = "stand_in_attention", .blocks = 1, .threads = 128, .arguments = (void *[]){&arguments}};
    return at_gpu_start(o->gpu, &launch, error);
}

const struct at_kernel at_kernel_stand_in = {.name = "stand-in",
                                             .summary = "the twin behind the stand-in for the driver",
                                             .image = &image,
                                             .reads = reads,
                                             .check = check,
                                             .start = start};
