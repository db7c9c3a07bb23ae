/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_KPI_SPEED_H
#define AT_STUDY_KPI_SPEED_H

#include "store/store.h"
#include "study/kpi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How fast a variant is beside a baseline, from what `attest bench` stored (docs/bench.md). */
struct at_kpi_speed {
    enum at_verdict verdict;
    double ratio;              /* baseline's median time / the variant's, of the shape nearest to missing; NaN: none */
    double low, high;          /* the same of the quartiles: baseline's lower / variant's upper, and the other way */
    struct at_problem problem; /* that shape */
    int64_t bench;             /* the process that timed both */
    size_t shapes;             /* in scope that one process timed with both; of each the newest process counts */
};

/*
 * Met when every shape in scope is at least `speed_at_least` times as fast even between the quartiles that are against it; not met when one
 * is not even between those in its favour; else cannot say. No shape: cannot say.
 */
enum at_status at_kpi_speed_judge(struct at_store *store, const struct at_kpi_cost *cost, const char *variant,
                                  struct at_kpi_speed *ret_speed, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
