/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_OVERLAP_H
#define AT_TESTS_ORACLES_OVERLAP_H

#include "oracles/oracle.h"

#include <stdbool.h>

/* Whether the enclosures of every output and every lse of two truths of one head have a point in common; prints the first without. */
bool truths_overlap(const struct at_oracle_truth *a, const struct at_oracle_truth *b, int64_t rows, int64_t dim, const char *what);

/* Whether every radius is at most 2^-100 sum_abs + 2^-1073 (the least that doubles can show), none negative, and zero where sum_abs is. */
bool radii_meet_target(const struct at_oracle_truth *truth, int64_t rows, int64_t dim, const char *what);

#endif
