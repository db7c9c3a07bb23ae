/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_ROWS_H
#define AT_CORE_ROWS_H

#include "core/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The query rows that are looked at: positions 0 <= index[i] < seq_q, ascending, none twice; the same for every head. */
struct at_rows {
    int64_t count;
    int64_t *index;
};

/*
 * Chooses min(count, seq_q) rows: the sequence is cut into `count` strata of equal length (to one row) and one row is drawn from each
 * with Philox, keyed by `seed`; the last row is always among them. count <= 0 takes all rows. Free with at_rows_done.
 */
enum at_status at_rows_choose(struct at_rows *ret_rows, int64_t seq_q, int64_t count, uint64_t seed, struct at_error *error);

void at_rows_done(struct at_rows *rows);

#ifdef __cplusplus
}
#endif

#endif
