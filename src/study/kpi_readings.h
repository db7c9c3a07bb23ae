/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_READINGS_H
#define AT_STUDY_KPI_READINGS_H

#include "study/kpi_facts.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What readouts made of the outputs of runs: a sample a query row, of a head or of all heads together (docs/readout.md). */
struct at_kpi_readings {
    struct at_table table; /* by run, readout, batch, head, row */
};

/*
 * Of all runs against one truth, by the readouts that the studies chosen by the filter ask for: those that attest show readout shows. Where
 * several builds computed a run, by the newest that was read out. Free with at_kpi_readings_done.
 */
enum at_status at_kpi_readings_load(struct at_store *store, const struct at_kpi_runs *runs, const struct at_gate_filter *filter,
                                    const char *against, struct at_kpi_readings *ret_readings, struct at_error *error);

void at_kpi_readings_done(struct at_kpi_readings *readings);

struct at_kpi_sample {
    int64_t run, readout;
    const char *name;         /* "model.safetensors:lm_head.weight" */
    bool read;                /* false: the readout is asked for and the run was not read out; nothing else is set */
    int64_t batch, head, row; /* head -1: all together */
    int64_t key_head;         /* that reads `head`; -1 */
    double kl, kl_radius;     /* NaN: undefined */
    int top_unchanged;        /* 1, 0; -1: undefined or left open */
};

struct at_kpi_sample at_kpi_sample_at(const struct at_kpi_readings *readings, size_t i);

/* The samples [*ret_from, *ret_to) of one run. */
void at_kpi_readings_of(const struct at_kpi_readings *readings, int64_t run, size_t *ret_from, size_t *ret_to);

#ifdef __cplusplus
}
#endif

#endif
