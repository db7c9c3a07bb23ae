/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_CLAIM_H
#define AT_STUDY_KPI_CLAIM_H

#include "stats/sentence.h"
#include "study/kpi_decide.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a requirement's finding says of heads that were not looked at, in the words of stats/sentence.h.
 *   source: the spelling of the distribution that the heads are drawn from
 * Names that would make a sentence too long are left out of it: the metric alone, "this distribution".
 */

/* Of a quantile: the share of heads that miss, or what would decide it. The heads that cannot be judged count as at_kpi_decide says. */
void at_kpi_claim_share(const struct at_kpi_requirement *requirement, const struct at_kpi_finding *finding, const char *source,
                        char ret_text[AT_SENTENCE_SIZE]);

/* Of a mean that has an interval. */
void at_kpi_claim_mean(const struct at_kpi_requirement *requirement, const struct at_kpi_finding *finding, const char *source,
                       char ret_text[AT_SENTENCE_SIZE]);

/*
 * Of a figure of a readout that has an interval.
 *   unit: what intervals draw, "sequences"; by_order: it is that of order statistics
 */
void at_kpi_claim_figure(const struct at_kpi_requirement *requirement, const struct at_kpi_finding *finding, bool by_order,
                         const char *unit, const char *source, char ret_text[AT_SENTENCE_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
