/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_TOKEN_CHANGE_H
#define AT_STUDY_TOKEN_CHANGE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How far one row's distribution over tokens moved, with the radius of each number: docs/readout.md, eqs. 1 to 6. t = softmax(z) is the
 * truth's, g = softmax(z + change) the kernel's.
 */

/* How far computed logits may lie from the exact ones, each >= 0, infinite where nothing bounds them. */
struct at_logit_radius {
    double truth;  /* of z */
    double change; /* of change: what is exact against the exact truth */
    double kernel; /* of z + change: the truth's own radius is no part of it */
};

struct at_token_change {
    double kl;         /* KL(t || g), sum t ln(t/g), nat; NaN: undefined */
    double kl_radius;  /* infinite where nothing bounds it */
    int top_unchanged; /* 1: the same token leads both; 0: another one does; -1: the radii leave it open */
    double max_logit;  /* largest |change| of a logit; NaN: undefined */
    double logit_radius;
};

/* z[tokens], change[tokens], all finite. */
struct at_token_change at_token_change_of(const double *z, const double *change, int64_t tokens, const struct at_logit_radius *radius);

/* Of a row without a finite truth: undefined in all. */
struct at_token_change at_token_change_undefined(void);

/* Of outputs that are not finite: infinite, whatever the truth; no token leads. */
struct at_token_change at_token_change_broken(void);

#ifdef __cplusplus
}
#endif

#endif
