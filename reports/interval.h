/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_INTERVAL_H
#define AT_REPORTS_INTERVAL_H

#include "stats/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Level and resamples of every interval on a page. */
extern const double at_interval_level;
enum { AT_INTERVAL_RESAMPLES = 2000 };

/*
 * Interval of the relative RMSE of a case, clustered by head: heads are drawn with replacement, and the statistic is
 * sqrt(sum rmse_h^2) / sqrt(sum truth_h^2) with truth_h = rmse_h / rel_rmse_h, the root mean square of the head's truth. That is the
 * case's own relative RMSE because every head has the same number of outputs.
 *   rmse[heads], rel_rmse[heads]: of each head; value: the stored relative RMSE of the case
 * AT_ERR_UNDEFINED with fewer than 3 heads, with a head whose numbers are missing, not finite or 0, and when the heads do not pool to
 * `value` to 1 part in 10^6: then they are not the facts that the case was made of.
 */
enum at_status at_interval_rel_rmse(const double *rmse, const double *rel_rmse, size_t heads, double value,
                                    struct at_interval *ret_interval);

#ifdef __cplusplus
}
#endif

#endif
