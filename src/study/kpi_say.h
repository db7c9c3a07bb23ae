/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_SAY_H
#define AT_STUDY_KPI_SAY_H

#include "study/kpi_command.h"
#include "study/kpi_judge.h"
#include "study/kpi_read_out.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sentences of judgements: what was shown, and no more. Each is written into the judgement's `reason`. */

/* Of a requirement, whose verdict, finding and worst place are set. */
void at_kpi_say_requirement(const struct at_kpi_requirement *requirement, const struct at_kpi_gathering *gathering,
                            struct at_kpi_judgement *judgement);

/* Of a requirement on a figure of a readout: the same, with what the readout said. */
void at_kpi_say_figure(const struct at_kpi_requirement *requirement, const struct at_kpi_gathering *gathering,
                       const struct at_kpi_read_outcome *read, struct at_kpi_judgement *judgement);

/* `db`: as at_kpi_wanted has it. */
void at_kpi_say_cost(const struct at_kpi_cost *cost, const char *db, struct at_kpi_judgement *judgement);

/* `like`: what a run that is missing could be but for its input. `judged`: by how many requirements. */
void at_kpi_say_must_pass(const struct at_kpi_input *input, const struct at_kpi_wanted *like, size_t judged,
                          struct at_kpi_judgement *judgement);

#ifdef __cplusplus
}
#endif

#endif
