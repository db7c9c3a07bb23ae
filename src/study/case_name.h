/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CASE_NAME_H
#define AT_STUDY_CASE_NAME_H

#include "core/problem.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Names of cases: the label, and what tells those of one label apart, as reports/queries/chosen.sql makes them for tables. */

struct at_case_facts {
    const char *label, *spelling, *format;
    struct at_problem problem;
    uint64_t seed;
    int64_t rows;
    uint64_t rows_seed;
    int64_t input; /* its number in the store; 0: not made yet */
};

/*
 * ret_names[count]: "v-mean, 8192 keys, seed 2", told apart among those given; cases that are given several times have one name.
 *   pooled: without the seed, for names of all seeds together, whose input is then 0
 * Free with at_case_names_done.
 */
enum at_status at_case_names(const struct at_case_facts *cases, size_t count, bool pooled, char ***ret_names, struct at_error *error);

/* NULL is none. */
void at_case_names_done(char **names, size_t count);

#ifdef __cplusplus
}
#endif

#endif
