/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_SWITCHED_ELEMENTS_H
#define AT_KERNELS_SWITCHED_ELEMENTS_H

#include "kernels/operands.h"
#include "kernels/switched/rounding.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The rows of Q, K or V of one head as they reach the matrix unit, E1 to E6 performed or not. */
struct at_switched_operand {
    const struct at_operand *operand;
    const struct at_tensor *input;
    const struct at_operand_numerics *numerics;
    int64_t b, h;      /* the tensor's own head */
    const float *mean; /* [groups][dim] of that head, or NULL */
    int64_t mean_rows; /* rows that share a mean */
    int width;         /* of the rotation, or 0 */
    float signs[256];
    bool quantised;   /* E5 and E6 are performed */
    bool transformed; /* E1 and E3 are performed: rounded to fp32 */
    bool as_prepared; /* the rows are the codes that prepare made */
};

enum at_switched_which { AT_SWITCHED_Q, AT_SWITCHED_K, AT_SWITCHED_V };

/* `operands` were prepared from `inputs`; both must outlive the result. h: the tensor's own head */
void at_switched_operand_init(struct at_switched_operand *ret_operand, enum at_switched_which which, const struct at_operands *operands,
                              const struct at_qkv *inputs, int64_t b, int64_t h, struct at_switches switches);

/*
 * Row s before scaling, ret_row[dim]: rotated, the mean that prepare took subtracted. With E1 and E3 off both are done in double; the
 * mean itself (E2) and the scale (E4) stay what they are, since what they change is undone exactly.
 */
void at_switched_values(const struct at_switched_operand *operand, int64_t s, bool subtract, double *ret_row);

/* Row s in units of its scale: codes, or with E5 and E6 off the quotient, nothing clipped. */
void at_switched_row_of(const struct at_switched_operand *operand, int64_t s, double *ret_row);

#ifdef __cplusplus
}
#endif

#endif
