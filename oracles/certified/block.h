/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_BLOCK_H
#define AT_ORACLES_CERTIFIED_BLOCK_H

#include "oracles/certified/head.h"
#include "oracles/certified/lanes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What one thread needs for a block of 8 query rows. */
struct at_certified_desk {
    int64_t stride;
    double *high, *low; /* [8][stride] scores, then weights */
    struct at_certified_queries q;
    struct at_certified_sums sums; /* [8][dim] */
};

/* Release with _desk_done, failed or not. */
enum at_status at_certified_desk_init(struct at_certified_desk *ret_desk, const struct at_certified_head *head, struct at_error *error);
void at_certified_desk_done(struct at_certified_desk *desk);

/* Rows order[first] to order[first + 7]; done[i] <- whether row i now stands in `truth`. */
void at_certified_block(const struct at_certified_head *head, const struct at_certified_lanes *lanes, int64_t first,
                        struct at_certified_desk *desk, struct at_oracle_truth *truth, bool *done);

#ifdef __cplusplus
}
#endif

#endif
