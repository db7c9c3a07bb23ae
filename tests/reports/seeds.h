/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_REPORTS_SEEDS_H
#define AT_TESTS_REPORTS_SEEDS_H

#include "store/store.h"

/*
 * A small database of made-up facts, for what is pooled: "drawn" with seeds 1 to 3 and SEEDS_HEADS heads of SEEDS_ROWS rows, on which ran
 *   "good"    row 0 of head 1 of seed 2 is undefined
 *   "broken"  row 1 of head 2 of seed 3 is infinite, and with it its head and case
 *   "uneven"  seeds 1 and 2 only; the case of seed 2 is not what its heads pool to
 * and on which "good" ran again with SEEDS_KEYS times 2 keys (seed 1); "pair", two heads; "captured", two inputs of one spelling.
 * The kernel's part is a quarter of the whole error.
 */
enum { SEEDS = 3, SEEDS_HEADS = 12, SEEDS_ROWS = 6, SEEDS_KEYS = 64, SEEDS_POOLS = 7 /* with their variants */ };

/* Fills the database at `path`, opened for reading; asserts that all of it works. */
struct at_store *seeds_store(const char *path);

/* Relative RMSE of a row; RMSE of a head, and root mean square of its truth. */
double seeds_row(uint64_t seed, int head, int row);
double seeds_error(uint64_t seed, int head);
double seeds_truth(uint64_t seed, int head);

/* The row's bias: of either sign. Its SNR is minus its relative RMSE. */
double seeds_bias(uint64_t seed, int head, int row);

#endif
