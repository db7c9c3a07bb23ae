/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_ATTENTION_KERNEL_H
#define AT_KERNELS_ATTENTION_KERNEL_H

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Outputs of all query rows, [batch][head][row]; the caller owns the arrays. */
struct at_kernel_outputs {
    void *o;                        /* codes of numerics.output, [batch][head][row][column] */
    float *row_max, *row_sum, *lse; /* as struct at_attention has them */
};

/* An attention kernel for Hopper GPUs. One folder of kernels/attention each; meson.build lists them. */
struct at_kernel {
    const char *name;    /* "fwd-f16-sm90" */
    const char *summary; /* one line */
    const struct at_gpu_image *image;

    /* Whether the kernel is for the formats of these numerics at all. */
    bool (*reads)(const struct at_numerics *numerics);

    /* AT_ERR_UNSUPPORTED, before anything is launched, for numerics (resolved) and problems that the kernel does not compute. */
    enum at_status (*check)(const struct at_numerics *numerics, const struct at_problem *problem, struct at_error *error);

    /*
     * Enqueues attention of all heads on a GPU on which the image is loaded; at_gpu_wait tells what fails in it. `operands` are of numerics
     * and a problem that `check` accepts. The outputs have the bits of at_twin_attend.
     */
    enum at_status (*start)(const struct at_device_operands *operands, const struct at_device_outputs *outputs, struct at_error *error);
};

extern const struct at_kernel *const at_kernels[];
extern const size_t at_kernel_count;

/* The first kernel that computes this, or AT_ERR_UNSUPPORTED with the reason of the last one that reads the formats. */
enum at_status at_kernel_choose(const struct at_numerics *numerics, const struct at_problem *problem, const struct at_kernel **ret_kernel,
                                struct at_error *error);

/*
 * Attention of all heads, from the host's memory and back. What the kernel's `check` refuses is refused. The outputs are untouched on
 * failure.
 */
enum at_status at_kernel_attend(const struct at_kernel *kernel, struct at_gpu *gpu, const struct at_operands *operands,
                                struct at_kernel_outputs *outputs, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
