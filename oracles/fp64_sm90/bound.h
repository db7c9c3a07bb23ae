/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_BOUND_H
#define AT_ORACLES_FP64_SM90_BOUND_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The a-priori bound of one row (docs/oracles.md, eq. 41 to 48), before anything is computed. */
struct at_fp64_bound {
    bool stands;          /* all that follows holds; else the row is to be done otherwise */
    bool wants_reference; /* its scores may leave the range in which 0 would do (eq. 44) */
    double total_rel;     /* |L^ - L| <= total_rel L */
    double output_rel;    /* |A^ / L^ - A / L| <= output_rel sum p |v|, but for what follows */
    double underflow;     /* more, divided by L^ */
    double dropped;       /* more, times the largest |v| */
    double dropped_log;   /* more, for log L */
};

struct at_fp64_row_facts {
    int64_t keys, score_dim;
    int splits, split_keys;
    double scale;   /* of scores in powers of two: c log2(e), rounded to nearest */
    double length;  /* of q, from above */
    double longest; /* of k, from above, over the keys it sees */
    double value;   /* largest |v| of them */
};

struct at_fp64_bound at_fp64_bound_of(const struct at_fp64_row_facts *row);

/* c log2(e) to the nearest double; scale 0 means c = 1/sqrt(dim). */
double at_fp64_scale(double scale, int64_t dim);

#ifdef __cplusplus
}
#endif

#endif
