/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_REPORTS_READINGS_H
#define AT_TESTS_REPORTS_READINGS_H

#include "store/store.h"

/*
 * A small database of made-up facts, for what readouts make of outputs. "drawn" with READINGS_SEEDS seeds of READINGS_BATCH sequences, all
 * heads together, on which ran
 *   "good"    KL is readings_kl
 *   "broken"  of seed 3, batch element 1, row 2 is infinite; of seed 4, batch element 0, row 1 is undefined and the top of row 3 left open
 * and "heads", one seed whose 4 query heads on 2 key/value heads are read alone, by "good". The kernel's part is a quarter of the whole.
 */
enum { READINGS_SEEDS = 20, READINGS_BATCH = 2, READINGS_ROWS = 90 };

/* Fills the database at `path`, opened for reading; asserts that all of it works. */
struct at_store *readings_store(const char *path);

double readings_kl(uint64_t seed, int batch, int row);
int readings_top(uint64_t seed, int batch, int row);

#endif
