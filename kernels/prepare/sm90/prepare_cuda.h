/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_PREPARE_SM90_PREPARE_CUDA_H
#define AT_KERNELS_PREPARE_SM90_PREPARE_CUDA_H

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The kernels below, or an empty image where attest was built without nvcc. at_gpu_open or at_gpu_load takes it. */
extern const struct at_gpu_image at_prepare_image;

/* Elements in the GPU's memory, [batch][head][row][column], at a multiple of 16. */
struct at_device_input {
    uint64_t codes;
    enum at_format format; /* any */
};

struct at_device_inputs {
    struct at_device_input q, k, v;
};

/* What the kernels need besides: allocated once for a problem and numerics, used by one at_prepare_on_gpu after the other. */
struct at_prepare_work {
    struct at_gpu *gpu;
    uint64_t slots, columns; /* numbers of tiles, and of their columns; 0 where no scale or mean needs them */
    uint32_t launches;       /* so far; each marks its numbers with its own */
};

/*
 * AT_ERR_UNSUPPORTED, by name and before anything is launched, for resolved numerics and problems that are not prepared on the GPU: head
 * dimensions other than 64, 128 and 256, smoothed queries (their correction needs the unquantised keys, which the attention kernels do not
 * take), more rows or heads than are counted in 32 bits.
 */
enum at_status at_prepare_gpu_check(const struct at_numerics *numerics, const struct at_problem *problem, struct at_error *error);

/* Allocates; free with at_prepare_work_done. AT_ERR_UNSUPPORTED as the check. */
enum at_status at_prepare_work_init(struct at_gpu *gpu, const struct at_problem *problem, const struct at_numerics *numerics,
                                    struct at_prepare_work *ret_work, struct at_error *error);
void at_prepare_work_done(struct at_prepare_work *work);

/*
 * Enqueues E1 to E6 on a GPU on which at_prepare_image is loaded: fills every byte of `operands` (from at_device_operands_init) with the
 * bits of at_prepare, whatever the inputs; only the payload of a NaN among means and shifts is the GPU's. `work` is of the operands'
 * problem and numerics. Where a scale is a head's, the blocks of a launch wait for each other: what else runs on the GPU must end by
 * itself, and a launch that waits for more than some ten seconds fails (at_gpu_wait). Clipped elements are not counted, as at_prepare
 * does: that would be two comparisons an element more, and the pass has no time left over.
 *   which: 0 for Q, 1 for K, 2 for V; K comes before Q where K is smoothed, for Q's lse_shift
 * AT_ERR_ARGUMENT: an input that is not at a multiple of 16.
 */
enum at_status at_prepare_on_gpu(const struct at_device_inputs *inputs, const struct at_device_operands *operands,
                                 struct at_prepare_work *work, struct at_error *error);
enum at_status at_prepare_one_on_gpu(int which, const struct at_device_inputs *inputs, const struct at_device_operands *operands,
                                     struct at_prepare_work *work, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
