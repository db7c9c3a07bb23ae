/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_TABLE_H
#define AT_ORACLES_CERTIFIED_TABLE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The constants of the exponential, each made by MPFR when first asked for. Pairs: the nearest double and the nearest of what is left. */
struct at_certified_table {
    double coarse_high[64], coarse_low[64]; /* 2^(i / 64) */
    double fine_high[64], fine_low[64];     /* 2^(i / 4096) */
    double steps;                           /* 4096 / log 2 */
    double step[3];                         /* log 2 / 4096 in 30 bits, the next 30 bits, and the rest rounded to nearest */
    double sixth[2];
};

const struct at_certified_table *at_certified_table(void);

/* scale * factor in two doubles, relative error 2^-106; scale 0 means 1/sqrt(dim). */
void at_certified_scale(double scale, int64_t dim, int64_t factor, double ret[2]);

#ifdef __cplusplus
}
#endif

#endif
