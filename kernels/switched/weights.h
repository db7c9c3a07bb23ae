/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_SWITCHED_WEIGHTS_H
#define AT_KERNELS_SWITCHED_WEIGHTS_H

#include "kernels/switched/rounding.h"
#include "kernels/twin/softmax.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The online softmax of kernels/twin/softmax.h with each rounding performed or not; values that are not rounded are doubles. */
struct at_switched_softmax {
    double max;          /* running maximum, as struct at_softmax_row keeps it */
    double sum[AT_QUAD]; /* each lane's part of the row sum; with E14 off all of it is in the first */
    bool started;
};

/*
 * What the special-function unit, or the nearest fp32 number, makes of an argument that is no fp32 number: the exact result of x with the
 * relative (of a logarithm: absolute) error that the function has at fl(x), so that the argument's rounding, another event, is not counted.
 */
double at_switched_exp2(enum at_evaluation evaluation, bool on, double x);       /* 2^x, E13 */
double at_switched_reciprocal(enum at_evaluation evaluation, bool on, double x); /* 1/x, 0 for 0 and NaN: E20 */
double at_switched_log2(enum at_evaluation evaluation, bool on, double x);       /* log2 x of x > 0: E24 */

/* E13 of x[n] as the rule evaluates it; room[n] */
void at_switched_exponentials(const struct at_softmax_rule *rule, struct at_switches switches, double *x, int64_t n, float *room);

/* E12: x[i] <- x[i] c + addend; room[n] */
void at_switched_shift(const struct at_softmax_rule *rule, struct at_switches switches, double *x, int64_t n, double c, double addend,
                       float *room);

/* E14: adds p[n] to the sums, which are multiplied with `rescale` first. */
void at_switched_add(struct at_switched_softmax *row, struct at_switches switches, double rescale, const double *p, int64_t n);
double at_switched_total(const struct at_switched_softmax *row, struct at_switches switches);

/* One tile, E11 to E14 and E17's factor, as at_softmax_tile. room[n] */
double at_switched_tile(const struct at_softmax_rule *rule, struct at_switches switches, struct at_switched_softmax *row, double c,
                        double *scores, int64_t n, float *room);

#ifdef __cplusplus
}
#endif

#endif
