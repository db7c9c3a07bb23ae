/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_SHARE_H
#define AT_STUDY_KPI_SHARE_H

#include "study/kpi_decide.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The quantile's verdict from finding->units, missing and unknown (heads that certainly miss; that cannot be judged): whether the share of
 * heads that miss is at most 1 - coverage. What is unknown counts as missing for met and as meeting for not met. Writes verdict, interval
 * and the further heads.
 *   whole: the heads are all there are; the share is a fact
 *   once:  Clopper and Pearson's one-sided limits, for a number of heads fixed beforehand (stats/exceedance.h)
 *   any:   the confidence sequence of stats/sequential.h; the chance that a look at any time is ever wrong is at most 1 - confidence.
 *          further_not_met stays 0
 */
enum at_status at_kpi_decide_share(const struct at_kpi_requirement *requirement, bool whole, struct at_kpi_finding *finding,
                                   struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
