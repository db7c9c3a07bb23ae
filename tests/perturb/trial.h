/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_PERTURB_TRIAL_H
#define AT_TESTS_PERTURB_TRIAL_H

#include "kernel.h"

#include "study/check_expect.h"

/* What attest check expects of one input, and right kernels that it is tried on: for programs that print figures. */

struct trial_setting {
    const char *distribution, *variant;
    struct at_problem problem;
};

/*
 * Opened, solved and expected; the output in the case is that of plain-fp32. `path`: a scratch file. Level 0: by the model, of each row the
 * expected error alone.
 */
struct trial {
    struct at_distribution_choice distribution;
    struct at_variant_choice variant;
    struct at_study_input input;
    struct at_study study;
    struct at_check_question question;
    uint64_t seed;
    struct at_check_case c;
    struct at_check_expectation e;
    float *o, *lse; /* [heads][rows][dim], [heads][rows] of the schedule tried last */
};
enum at_status trial_open(struct trial *trial, const struct trial_setting *setting, uint64_t seed, const char *path, double level,
                          enum at_check_by by, struct at_error *error);
void trial_done(struct trial *trial);

/* Fills o and lse: the twin under the numerics, on padded operands where it has not the head dimension. */
enum at_status trial_attend(struct trial *trial, const struct at_numerics *numerics, struct at_error *error);

/* Ratios measured / expected of outputs: row[heads][rows] (NaN without a truth) and head[heads]; each may be NULL. */
void trial_measure(const struct trial *trial, const float *o, double *row, double *head);

/* Whether a log-sum-exp lies where no right kernel's does. */
bool trial_lse(const struct trial *trial, const float *lse);

#endif
