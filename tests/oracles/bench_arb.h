/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_BENCH_ARB_H
#define AT_TESTS_ORACLES_BENCH_ARB_H

#include "oracles/oracle.h"

/* Seconds of the first `rows` rows in Arb's balls by arb_dot, operands converted before the clock starts; -1 in a build without Arb. */
double bench_arb(const struct at_oracle_head *head, int64_t rows, int64_t bits, double (*now)(void));

#endif
