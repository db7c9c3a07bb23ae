/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_REPORTS_SWEEPS_H
#define AT_TESTS_REPORTS_SWEEPS_H

#include "store/store.h"

/*
 * A small database of made-up facts, for what is fitted; the relative RMSE of head h has the factor 1 + h/10 before a formula.
 *   iid-outlier, sigma 1, 2, ..., 64 (SWEEPS_POINTS), SWEEPS_HEADS heads, 512 keys:
 *     "power"  SWEEPS_FACTOR sigma^0.5
 *     "kink"   the same up to 8, from there on sigma^1, and 1 % of noise
 *     "holes"  as "power", but 0 in head 1 at sigma 4, with a radius of a 100th in head 2 at sigma 64
 *   v-mean, keys 1024, 2048, ..., 65536, as many queries, seeds 1 and 2, 6 query heads on 3:
 *     "power"  1e-5 keys^0.75, query head h of a group 1 +- 1/100
 *     "apart"  the same of seed 10 + i at length i: no head is there twice
 *   needle, gap 0, 2, ..., 12, SWEEPS_HEADS heads: "power": 0.5 e^(-0.3 gap)
 *   normal, 512 and 1024 keys: "power": no sweep
 * Signed bias: minus a 10th of the relative RMSE. The kernel's part is a quarter of the whole.
 */
enum { SWEEPS_POINTS = 7, SWEEPS_HEADS = 6 };
#define SWEEPS_FACTOR 0x1p-10

/* Fills the database at `path`, opened for reading; asserts that all of it works. */
struct at_store *sweeps_store(const char *path);

/* The same in a folder of its own, for all tests of a group: setup and teardown of cmocka. */
extern struct at_store *sweeps;
int sweeps_setup(void **state);
int sweeps_teardown(void **state);

#endif
