/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHOOSE_H
#define AT_STUDY_CHOOSE_H

#include "study/verify.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A stored run with all that it takes to compute it again. Text belongs to the table. */
struct at_chosen_run {
    struct at_verify_row row; /* what the store says; nothing is verified yet */
    int64_t input_id;
    struct at_input_fact input;
    const char *study_text, *numerics;
    /* About nanoseconds of a core: of making the inputs, 0 where the run before has the same; and of the rest. */
    double input_work, attend_work;
};

struct at_chosen {
    struct at_chosen_run *runs; /* by input, then by number; owned */
    size_t count, matching, stored;
    struct at_table table;
    char **names; /* [count] */
};

/* The runs that the question is about, all of them or a sample. Refuses numbers that are not there. Free runs, table and names
 * (at_case_names_done). */
enum at_status at_choose_runs(struct at_store *store, const struct at_verify_question *question, struct at_chosen *ret_chosen,
                              struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
