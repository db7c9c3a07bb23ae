/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_expect.h"

#include "stats/stats.h"
#include "study/check_spread.h"

#include <math.h>

double at_check_together(const struct at_check_case *c, const struct at_check_expectation *e, int64_t head, const int64_t *which,
                         int64_t count, bool declared)
{
    if (c->by_model)
        return count < at_check_spread_rows() ? e->bounds.row : e->bounds.head;
    int64_t rows = c->c.rows.count, lines = at_check_heads(c) * rows, dim = c->c.problem.dim;
    const double *truth = c->truths[AT_AGAINST_DEQUANTISED].head[head].o;
    double largest = declared, bound = 0, ratio[AT_CHECK_CONTROLS + 1];
    if (!e->schedule)
        return INFINITY;
    for (int m = 0; m <= e->controls; m++) {
        double measured = 0, expected = 0;
        for (int64_t n = 0; n < count; n++) {
            const double *square = e->schedule + head * rows + which[n];
            double own = square[m * lines], others = declared ? square[0] : 0;
            for (int k = 0; k <= e->controls && !declared; k++)
                others += k == m ? 0 : square[k * lines] / e->controls;
            measured += own;
            expected += fmax(others, at_check_rounding(truth + which[n] * dim, dim, c->numerics.output));
        }
        ratio[m] = sqrt(measured / expected);
        largest = fmax(largest, ratio[m]);
    }
    at_stats_tail_bound(ratio, (size_t)e->controls + 1, 1, c->question->level, &bound);
    return fmax(largest, bound);
}
