/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_GATE_H
#define AT_STUDY_GATE_H

#include "stats/stats.h"
#include "store/store.h"
#include "study/requirement.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Requirements against what the store holds. What is judged is what studies ask for (table planned), not what happens to be stored: a run
 * that is asked for and missing cannot be said to meet anything. docs/command.md, "Which runs are looked at", has the rule.
 */

/* Which runs are asked about; a member that is 0 or NULL asks about all. */
struct at_gate_filter {
    int64_t study_id; /* counts also when a later study file of its name stands for it */
    const char *study, *label, *variant;
    const char *db; /* chooses nothing: the file to be named in commands that are told; NULL: the default */
};

/*
 * Interval of a case's relative RMSE from those of its heads; any status but AT_OK: none can be given.
 *   rmse[heads], rel_rmse[heads]: of each query head; group: consecutive heads that share K and V; value: of the case
 */
typedef enum at_status at_gate_interval(const double *rmse, const double *rel_rmse, size_t heads, size_t group, double value,
                                        struct at_interval *ret_interval);

/* How is judged. */
struct at_gate_rule {
    at_gate_interval *interval; /* NULL: none is derived */
    bool by_interval;           /* the whole interval must meet or miss; without one AT_CANNOT_SAY */
};

/* One requirement on one run. Text is owned by the result. */
struct at_gate_row {
    int64_t run; /* 0: asked for, not run yet */
    const char *study, *label, *variant;
    const char *name; /* of the case, told apart from others of its label in the result */
    bool capture;  /* has no seed */
    uint64_t seed;
    int64_t seq_q, seq_k, rows;
    int64_t nan, infinite;       /* elements of the whole input, in rows looked at or not */
    size_t requirement;          /* index */
    double value, radius;        /* NaN: undefined or not stored; 0: exact */
    struct at_interval interval; /* NaN: none */
    int64_t undefined_rows;      /* of the reference: rows the value says nothing about */
    enum at_verdict verdict;
};

struct at_gate_result {
    struct at_gate_row *rows; /* by planned run, then by requirement */
    size_t count;
    size_t met, not_met, cannot_say;
    size_t not_run;          /* planned runs that are not stored */
    enum at_verdict verdict; /* of all; cannot say when nothing matches */
    struct at_table table;   /* holds the text */
    char **names;            /* [name_count], of the runs */
    size_t name_count;
};

/*
 * Judges each requirement on each run by its case-scope measure: the value over the rows looked at, within the radius that the oracle
 * certifies. What would be met is AT_CANNOT_SAY when rows have no finite truth and the metric needs one. One statement reads all, so that
 * a study that runs at the same time changes nothing between two requirements. Free with at_gate_done.
 */
enum at_status at_gate_evaluate(struct at_store *store, const struct at_gate_filter *filter, const struct at_gate_rule *rule,
                                const struct at_requirement *requirements, size_t requirement_count, struct at_gate_result *ret_result,
                                struct at_error *error);

void at_gate_done(struct at_gate_result *result);

#ifdef __cplusplus
}
#endif

#endif
