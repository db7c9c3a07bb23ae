/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STUDY_KPI_FIXTURE_H
#define AT_TESTS_STUDY_KPI_FIXTURE_H

#include "store/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Crafted stores: runs whose heads have the values that a test wants. */

enum { KPI_HEADS_MOST = 8, KPI_ROWS = 2 };

struct kpi_run {
    const char *study;    /* NULL: "s" */
    const char *label;    /* NULL: "normal" */
    const char *spelling; /* NULL: "normal:sigma=1" */
    const char *variant;
    const char *metric; /* NULL: "rel_rmse" */
    bool capture;
    uint64_t seed;
    int64_t keys;                  /* 0: 64 */
    int64_t heads;                 /* query heads; 0: 1 */
    int64_t group;                 /* of them share K and V; 0: 1 */
    double values[KPI_HEADS_MOST]; /* of each head, and of its first row; the second row has half of it, the case the largest */
    double radius;
    int64_t undefined_rows;
    bool no_measures;
};

/* Whatever is refused fails the test. */
struct at_store *kpi_store(const char *path);
void kpi_put(struct at_store *store, struct kpi_run run);

/* `count` runs of one head with seeds from `first_seed` on; the first `missing` of them have the value `bad`, the others `good`. */
void kpi_put_seeds(struct at_store *store, struct kpi_run run, int count, int missing, uint64_t first_seed, double good, double bad);

/* Asked for by the study file "planned" and not run: `variant` on "normal" with seeds 1 to `seeds`. */
void kpi_plan(struct at_store *store, const char *variant, int seeds);

/* One process that timed both on one shape of `keys` keys, `causal` or not: medians in ns, quartiles 10 % beside them. */
void kpi_put_speeds(struct at_store *store, const char *a, double a_ns, const char *b, double b_ns, int64_t keys, bool causal);

#ifdef __cplusplus
}
#endif

#endif
