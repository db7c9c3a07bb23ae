/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STUDY_SUBJECT_H
#define AT_TESTS_STUDY_SUBJECT_H

#include "study/budget.h"

#include "bench.h"

/* A case with its truths, ready for a budget. */
struct scratch_subject {
    struct scratch_bench bench;
    struct at_truths truths;
    struct at_budget_subject subject;
};

/* `text`: a study file of one case. */
void scratch_subject_open(struct scratch_subject *s, const char *text, const char *database);
void scratch_subject_close(struct scratch_subject *s);

/* The budget of variant `i`, which must succeed. */
struct at_budget scratch_budget(struct scratch_subject *s, size_t i, enum at_deviation_metric metric);

/* The entry of a rounding that happens. */
const struct at_budget_entry *scratch_entry(const struct at_budget *budget, enum at_rounding rounding);

#endif
