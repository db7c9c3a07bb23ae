/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_MEMORY_H
#define AT_STUDY_MEMORY_H

#include "study/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a study takes, known before it starts: what would not suffice is refused then. */

/*
 * Bytes that a case needs at its widest, by the arrays that are alive together. Of the oracle and of those above it, which look at rows
 * again, the one that needs the most counts.
 */
double at_memory_of_case(const struct at_case *c, const struct at_study *study, const struct at_oracle *oracle, int threads);

/* Bytes that it takes to prepare inputs of `format` and to attend, without any truth. */
double at_memory_of_attend(const struct at_problem *problem, enum at_format format, const struct at_numerics *numerics);

/* Bytes that solving `rows` rows of one head takes beside the inputs, the truths that are kept and the head's own. */
double at_memory_of_truth(const struct at_problem *problem, int64_t rows, int64_t score_dim, const struct at_oracle *oracle, int threads);

#ifdef __cplusplus
}
#endif

#endif
