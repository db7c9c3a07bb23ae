/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_SWITCHED_SWITCHED_H
#define AT_KERNELS_SWITCHED_SWITCHED_H

#include "core/rows.h"
#include "core/simd.h"
#include "kernels/operands.h"
#include "kernels/switched/rounding.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Outputs of one query head for the chosen rows; the caller owns the arrays. */
struct at_switched_output {
    double *o;   /* [rows][dim] */
    double *lse; /* [rows] natural log-sum-exp of the scaled scores; -infinity where no key is seen */
};

/*
 * Attention of query head h of batch b as at_twin_attend computes it, tile by tile in the kernel's order, with only the roundings in
 * `switches` performed; the others are left out, in double precision, and nothing that they would have clipped is clipped. With all
 * switches on the outputs are those of at_twin_attend, bit by bit; with none they are exact attention on `inputs` up to the rounding of
 * double precision (docs/budget.md). `operands` were prepared from `inputs`. Runs in the calling thread: settings are what is shared
 * among threads. `simd` changes no bit.
 */
enum at_status at_switched_attend(const struct at_operands *operands, const struct at_qkv *inputs, int64_t b, int64_t h,
                                  const struct at_rows *rows, enum at_simd simd, struct at_switches switches,
                                  struct at_switched_output *output, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
