/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_DEVICE_H
#define AT_KERNELS_DEVICE_H

#include "kernels/common/gpu.h"
#include "kernels/operands.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Operands and outputs on a GPU: what kernels/prepare fills there and kernels/attention reads. All fields named `codes`, `scale`, `mean`,
 * and those of the outputs, are addresses in the GPU's memory; 0 is none.
 */
struct at_device_operand {
    uint64_t codes; /* Q, K and 16-bit V: [batch][head][row][column]; 8-bit V: as at_device_turn_v lays it out */
    uint64_t scale; /* fp32, as struct at_scales has them; 0 with AT_SCALE_NONE */
    uint64_t mean;  /* fp32, as struct at_operand has it; 0 without smoothing */
};

struct at_device_operands {
    struct at_gpu *gpu;
    struct at_problem problem;
    struct at_numerics numerics; /* resolved */
    struct at_device_operand q, k, v;
    uint64_t lse_shift; /* fp32, as struct at_operands has it; 0 without k.smooth */
};

struct at_device_outputs {
    struct at_gpu *gpu;
    uint64_t o;                     /* codes of numerics.output, [batch][head][row][column] */
    uint64_t row_max, row_sum, lse; /* fp32, [batch][head][row] */
    uint64_t work;                  /* AT_DEVICE_WORK_BYTES for the kernel's own use: zeros before a launch, and again after it */
};

enum { AT_DEVICE_WORK_BYTES = 256 };

/* Columns of 8-bit V as it lies on the GPU: keys, rounded up to AT_DEVICE_V_STEP. */
enum { AT_DEVICE_V_STEP = 128, AT_DEVICE_V_GROUP = 32 };
int64_t at_device_v_columns(const struct at_problem *problem);

/*
 * 8-bit V as the kernels read it: [batch][head][column of V][key], so that P V needs no transposition, zeros beyond the last key, and in
 * each group of 32 keys the order in which a thread of a warpgroup holds them in its accumulator of scores: place 16 a + 4 t + 2 b + c
 * holds key 16 a + 8 b + 2 t + c (a, b, c 0 or 1; t 0 to 3). Products of one wgmma are summed exactly, so that the order changes no bit.
 *   ret_codes[batch * heads * dim * at_device_v_columns]
 */
void at_device_turn_v(const struct at_tensor *v, void *ret_codes);
void at_device_turn_v_back(const void *codes, struct at_tensor *v);

/* Allocates, on `gpu`, what operands of resolved numerics need; contents are undefined. Free with at_device_operands_done. */
enum at_status at_device_operands_init(struct at_gpu *gpu, const struct at_problem *problem, const struct at_numerics *numerics,
                                       struct at_device_operands *ret_operands, struct at_error *error);
void at_device_operands_done(struct at_device_operands *operands);

/* What at_device_operands_init allocates. */
size_t at_device_operands_bytes(const struct at_problem *problem, const struct at_numerics *numerics);

/* Copies operands of the same problem and numerics from the host. */
enum at_status at_device_operands_upload(const struct at_device_operands *device, const struct at_operands *host, struct at_error *error);

/*
 * Fills the operands of all (batch, key/value head) pairs with those of the first `pairs`, over and over; a pair's query heads go with it.
 * Enqueued, as at_gpu_copy.
 */
enum at_status at_device_operands_repeat(const struct at_device_operands *device, int64_t pairs, struct at_error *error);

/*
 * Allocates outputs: all NaN, so that what a kernel leaves out is seen, and not what lay there before; `work` is zero. Free with
 * at_device_outputs_done.
 */
enum at_status at_device_outputs_init(struct at_gpu *gpu, const struct at_problem *problem, const struct at_numerics *numerics,
                                      struct at_device_outputs *ret_outputs, struct at_error *error);
void at_device_outputs_done(struct at_device_outputs *outputs);

#ifdef __cplusplus
}
#endif

#endif
