/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_REPORTS_SAMPLED_H
#define AT_TESTS_REPORTS_SAMPLED_H

#include "store/store.h"

/*
 * A small database of made-up facts, for what heads say of others: "many", SAMPLED_SEEDS inputs of SAMPLED_KEY_HEADS key/value heads with
 * two query heads each. Unit u of SAMPLED_UNITS stands where sampled_unit says; its worse query head has
 *   "good"    the relative RMSE (u + 1)/128, the other half of it, both with the radius SAMPLED_RADIUS; bias of that size with both signs;
 *             cosine 1 - (u + 1)/512, the other 1 - (u + 1)/1024
 *   "tail"    2^-8 times 5 plus the quantile (u + 1/2)/SAMPLED_UNITS of Gumbel's distribution, exactly
 *   "broken"  as "good", but unit 0 is undefined and unit 1 infinite
 *   "blind"   as "good", but a row of each query head of unit 0 has no finite truth
 * "few" is "good" on one input, "captured" the same from a capture. The kernel's part is a quarter of the whole error.
 */
enum { SAMPLED_SEEDS = 25, SAMPLED_KEY_HEADS = 4, SAMPLED_UNITS = SAMPLED_SEEDS * SAMPLED_KEY_HEADS };
#define SAMPLED_RADIUS 0x1p-20

/* Fills the database at `path`, opened for reading; asserts that all of it works. */
struct at_store *sampled_store(const char *path);

/* The unit of a key/value head of an input: each once, in no order. */
int sampled_unit(uint64_t seed, int key_head);

#endif
