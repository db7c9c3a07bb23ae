/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_READ_OUT_H
#define AT_STUDY_KPI_READ_OUT_H

#include "stats/read_number.h"
#include "study/kpi_decide.h"
#include "study/kpi_readings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Decides a requirement on a readout's figure from the samples of runs that belong together (docs/kpi.md, "Figures of a readout"). */

/* What one readout says; `readout` NULL: none is asked for. Units are sequences, or key/value heads where heads are read alone. */
struct at_kpi_read_outcome {
    const char *readout; /* "model.safetensors:lm_head.weight"; owned by the readings */
    bool heads;
    int64_t units, samples, undefined, open; /* samples with a KL; without one; whose top token the radii leave open */
    bool by_order;                           /* the interval is that of order statistics; else a bootstrap's */
    char why[AT_READ_WHY_SIZE];              /* the interval that was asked for is missing; "" */
    struct at_kpi_place place;               /* of the largest KL; else of none: batch, head and row are -1 */
    size_t unread;                           /* of the runs, by this readout or by any */
    const struct at_kpi_run *first_unread;
};

/*
 *   runs[count]: stored ones of one input and variant, all seeds; whole: a capture, of which the figure is a fact
 * Every readout that is asked for must meet it: what comes back is of the worst. A value is judged as value -+ radius, a share of top
 * tokens with those left open as either, an interval (requirement->by_interval) widened by the radius. Where that is missing, and where a
 * run was not read out, it is AT_CANNOT_SAY: but a largest KL that is not met stays so, and so does an infinite mean.
 */
enum at_status at_kpi_read_out(const struct at_kpi_readings *readings, const struct at_kpi_run *const *runs, size_t count,
                               const struct at_kpi_requirement *requirement, bool whole, struct at_kpi_read_outcome *ret_read,
                               struct at_kpi_finding *ret_finding, struct at_error *error);

/* "sequences", "key/value head" */
const char *at_kpi_read_unit(const struct at_kpi_read_outcome *read, bool plural);

#ifdef __cplusplus
}
#endif

#endif
