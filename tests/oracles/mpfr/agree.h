/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_MPFR_AGREE_H
#define AT_TESTS_ORACLES_MPFR_AGREE_H

#include "draw.h"

#include "oracles/mpfr/row.h"

#include <stdbool.h>

/* What row i of the head sees. */
struct at_mpfr_view view_of(const struct draw *draw, int64_t i);

/* Whether every sum of `rough` is within its claimed relative error of that of `fine`, and the scores within theirs. */
bool sums_agree(const struct at_mpfr_sums *rough, const struct at_mpfr_sums *fine);

/* |rough - fine| <= error * fine, evaluated without a harmful rounding. */
bool within(const mpfr_t rough, const mpfr_t fine, double error);

#endif
