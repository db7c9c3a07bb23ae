/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_BENCH_PREPARE_H
#define AT_STUDY_BENCH_PREPARE_H

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What attest bench asks of quantising on the GPU, so that it times it whoever does it. */

/* Q, K and V as they come, on the GPU, [batch][head][row][column] of `format`. */
struct at_bench_inputs {
    struct at_gpu *gpu;
    struct at_problem problem;
    enum at_format format;
    uint64_t q, k, v;
};

/* What quantises them there. */
struct at_bench_preparer {
    const struct at_gpu_image *image;
    /* AT_ERR_UNSUPPORTED: what it does not prepare; only the kernel is timed then. */
    enum at_status (*check)(const struct at_numerics *numerics, const struct at_problem *problem, struct at_error *error);
    /* Allocates what it needs besides `inputs`, which outlive *ret_state. */
    enum at_status (*open)(const struct at_bench_inputs *inputs, const struct at_numerics *numerics, void **ret_state,
                           struct at_error *error);
    /* Enqueues: fills `operands` of the inputs' problem and these numerics. */
    enum at_status (*start)(void *state, const struct at_device_operands *operands, struct at_error *error);
    void (*close)(void *state);
};

/* The kernels of kernels/prepare/sm90. */
extern const struct at_bench_preparer at_bench_preparer;

#ifdef __cplusplus
}
#endif

#endif
