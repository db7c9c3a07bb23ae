/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_GATE_H
#define AT_STUDY_GATE_H

#include "store/store.h"
#include "study/requirement.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Requirements against what the store holds: the newest run of each study, case, variant and set of rows. */

/* Which runs are asked about; a member that is 0 or NULL asks about all. */
struct at_gate_filter {
    int64_t study_id;
    const char *study, *label, *variant;
};

/* One requirement on one run. Text is owned by the result. */
struct at_gate_row {
    int64_t run;
    const char *study, *label, *variant;
    int64_t seed, seq_q, seq_k, rows;
    size_t requirement;     /* index */
    double value, radius;   /* NaN: undefined or not stored; 0: exact */
    int64_t undefined_rows; /* of the reference: rows the value says nothing about */
    enum at_verdict verdict;
};

struct at_gate_result {
    struct at_gate_row *rows; /* by run, then by requirement */
    size_t count;
    size_t met, not_met, cannot_say;
    enum at_verdict verdict; /* of all; cannot say when no run matches */
    struct at_table *tables; /* hold the text; one for each requirement */
    size_t table_count;
};

/*
 * Judges each requirement on each run by its case-scope measure. What would be met is AT_CANNOT_SAY when rows have no finite truth and the
 * metric needs one. Free with at_gate_done.
 */
enum at_status at_gate_evaluate(struct at_store *store, const struct at_gate_filter *filter, const struct at_requirement *requirements,
                                size_t requirement_count, struct at_gate_result *ret_result, struct at_error *error);

void at_gate_done(struct at_gate_result *result);

#ifdef __cplusplus
}
#endif

#endif
