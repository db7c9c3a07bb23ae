/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_BLOCK_H
#define AT_ORACLES_CERTIFIED_BLOCK_H

#include "oracles/certified/head.h"
#include "oracles/certified/lanes.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { AT_CERTIFIED_GROUPS = 4 };

/* What one thread needs for a block of query rows: groups of 8 that go over K and V together. */
struct at_certified_desk {
    int groups;
    int64_t stride;
    double *high, *low;            /* [groups][8][stride] scores, then weights */
    struct at_certified_queries q[AT_CERTIFIED_GROUPS];
    struct at_certified_sums sums; /* [groups][8][dim] */
};

/* Groups for `rows` rows of `keys` keys on `threads` threads: the weights of a block stay near the core, and no thread is idle. */
int at_certified_groups_of(int64_t rows, int64_t keys, int threads);

/* 1 <= groups <= AT_CERTIFIED_GROUPS. Release with _desk_done, failed or not. */
enum at_status at_certified_desk_init(struct at_certified_desk *ret_desk, const struct at_certified_head *head, int groups,
                                      struct at_error *error);
void at_certified_desk_done(struct at_certified_desk *desk);

/* Rows order[first] on, 8 for each group; done[i] <- whether row i now stands in `truth`. */
void at_certified_block(const struct at_certified_head *head, const struct at_certified_lanes *lanes, int64_t first,
                        struct at_certified_desk *desk, struct at_oracle_truth *truth, bool *done);

#ifdef __cplusplus
}
#endif

#endif
