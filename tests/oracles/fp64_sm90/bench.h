/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_FP64_BENCH_H
#define AT_TESTS_ORACLES_FP64_BENCH_H

#include "core/status.h"

/* Prints times of whole heads, values alone and with sum p |v|, beside the matrix product, each in a child. Exit status. */
int bench_all(struct at_error *error);

#endif
