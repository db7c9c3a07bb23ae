/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STUDY_ATTEMPTED_H
#define AT_TESTS_STUDY_ATTEMPTED_H

#include "study/check_pattern.h"
#include "tests/perturb/kernel.h"

/* A question about the output of a kernel of tests/perturb. */
struct attempted {
    struct kernel_case k;
    struct at_study_input input;
    struct at_study study;
    uint64_t seed;
    struct at_check_question question;
};

/* Two heads of 48 queries and 96 keys, 32 columns, causal. */
extern const struct at_problem attempted_problem;

/* The output of `kernel` lies in a file of the scratch folder. */
void attempted_open(struct attempted *a, const char *kernel, const char *distribution, const struct at_problem *problem,
                    const char *variant);
void attempted_done(struct attempted *a);

/* Writes the outputs again, changed since. */
void attempted_write(struct attempted *a);

struct at_check attempted_check(const struct attempted *a);

/* The case with its truths and what the twin expects of it; from here on with their own functions. */
void attempted_expect(const struct attempted *a, struct at_check_case *ret_case, struct at_check_expectation *ret_expectation);

/* All rows of head `head` as a suspect, with room for its pattern. Free which. */
struct at_check_suspect attempted_suspect(const struct at_check_case *c, const struct at_check_expectation *e, int64_t head, char *pattern,
                                          char *evidence);

#endif
