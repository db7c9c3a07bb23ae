/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_SHARE_H
#define AT_STUDY_KPI_SHARE_H

#include "study/requirement.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What heads that miss a bound, among independent heads, say about all heads of their source. */
struct at_kpi_share {
    enum at_verdict verdict;
    double low, high;   /* one-sided limits of the share that misses, each at `confidence` (Clopper and Pearson) */
    int64_t clean, bad; /* cannot say: further heads, none or all missing, that would decide it met, or not met; -1: above 1e9 */
};

/*
 * "With `confidence` at least the share `coverage` of heads meets the bound": met when the upper limit of the share that misses is at
 * most 1 - coverage, not met when the lower limit is above it, else cannot say. For a bound and a number of heads fixed beforehand.
 * `unknown` heads could not be judged: they count as missing for met and as meeting for not met.
 *   0 <= missing, 0 <= unknown, missing + unknown <= heads; 0 < coverage < 1; 0.75 < confidence < 1
 */
enum at_status at_kpi_share_decide(int64_t heads, int64_t missing, int64_t unknown, double coverage, double confidence,
                                   struct at_kpi_share *ret_share, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
