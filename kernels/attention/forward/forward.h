/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_FORWARD_H
#define AT_KERNELS_FORWARD_H

#include "kernels/device.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The host's side of the forward kernels: which of a family's kernels computes given numerics, and its launch. */

enum at_forward_promotion { AT_FORWARD_none, AT_FORWARD_by_tile, AT_FORWARD_by_block };
enum at_forward_mask { AT_FORWARD_full, AT_FORWARD_causal };

/* A row of a family's config.h. */
struct at_forward_tile {
    int dim, rows, keys, stages;
    enum at_forward_promotion promotion;
    enum at_forward_mask mask;
};

#define AT_FORWARD_TILE(DIM, ROWS, KEYS, STAGES, PROMOTION, MASK, SCHEDULE, TURNS) \
    {DIM, ROWS, KEYS, STAGES, AT_FORWARD_##PROMOTION, AT_FORWARD_##MASK},

struct at_forward_family {
    const char *name; /* of the kernel: "fwd-f16-sm90" */
    const struct at_gpu_image *image;
    const struct at_forward_tile *tiles; /* the first that fits is taken */
    size_t count;
    enum at_format output; /* AT_FP32: that of Q */
    const char *suffix;    /* of the kernels' names; NULL: none */
    bool alone;            /* no warpgroup of its own brings the tiles */
};

/*
 * AT_ERR_UNSUPPORTED, with the field named, for numerics (resolved) and problems that no tile of the family computes. The formats of Q, K
 * and V are the caller's to check.
 */
enum at_status at_forward_check(const struct at_forward_family *family, const struct at_numerics *numerics,
                                const struct at_problem *problem, struct at_error *error);

/* struct at_kernel's start, for operands that at_forward_check accepts. */
enum at_status at_forward_start(const struct at_forward_family *family, const struct at_device_operands *operands,
                                const struct at_device_outputs *outputs, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
