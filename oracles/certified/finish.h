/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_FINISH_H
#define AT_ORACLES_CERTIFIED_FINISH_H

#include "oracles/certified/head.h"
#include "oracles/certified/lanes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One row as the block leaves it. Pairs are numbers in two doubles. */
struct at_certified_row {
    int64_t keys;
    double scale[2];               /* c times the unit of the scores */
    double top[2];                 /* largest score */
    double score_error;            /* bounds the error of c (s_m - s_j) that comes from scores that are not exact (eq. 11) */
    double least;                  /* the least c (s_j - s_m) as computed */
    double total[2];               /* 2^512 L */
    const double *weight;          /* [keys] 2^512 p_j, leading doubles */
    bool by_short;                 /* sums are those of short_values */
    struct at_certified_sums sums; /* [dim] */
};

/* kappa: the relative error of o against sum p|v| for n keys with c (s_m - s_j) <= range (eq. 21), by short_values or not. */
double at_certified_radius_factor(double keys, double range, double score_error, bool by_short);

/*
 * Row i of `truth`. False, and the row is to be done otherwise, where a radius would exceed 2^-80 of sum p|v|, 2^-84 by short_values, or
 * that is below 2^-800.
 */
bool at_certified_finish(const struct at_certified_head *head, const struct at_certified_lanes *lanes, const struct at_certified_row *row,
                         int64_t i, struct at_oracle_truth *truth);

#ifdef __cplusplus
}
#endif

#endif
