/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_SWEPT_HEADS_H
#define AT_REPORTS_SWEPT_HEADS_H

#include "reports/swept.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One key/value head at one x. */
struct at_swept_head {
    double x;
    uint64_t seed;
    int64_t batch, head;
    double value; /* NaN: not usable */
};

/*
 * The points and heads of one sweep, by the rule of at_swept. `cells`: each x and head at most once, in any order; sorted here.
 *   *ret_swept: x, y, points, heads, what was left out, apart, negative
 */
enum at_status at_swept_matrix(struct at_swept_head *cells, size_t count, bool logarithmic, struct at_swept *ret_swept);

#ifdef __cplusplus
}
#endif

#endif
