/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_SAY_H
#define AT_STUDY_KPI_SAY_H

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

void at_kpi_say_cost(const struct at_kpi_cost *cost, struct at_kpi_judgement *judgement);

/* `like`: a run of the variant whose shape a run that is missing could have. `judged`: by how many requirements. */
void at_kpi_say_must_pass(const struct at_kpi_input *input, const struct at_kpi_run *like, size_t judged,
                          struct at_kpi_judgement *judgement);

/* The command that runs `variant` on the input and rows of `run`; spelling NULL: the run's own. */
enum { AT_KPI_COMMAND_SIZE = 512 };
void at_kpi_command(const struct at_kpi_run *run, const char *spelling, const char *variant, char ret_text[AT_KPI_COMMAND_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
