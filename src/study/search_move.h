/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SEARCH_MOVE_H
#define AT_STUDY_SEARCH_MOVE_H

#include "core/random.h"
#include "core/rows.h"
#include "core/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Small changes of inputs, and back. */

/* Rows that one move may change, and bytes of a row at most: 256 columns of fp32. */
enum { AT_SEARCH_MOVE_ROWS = 4, AT_SEARCH_ROW_BYTES = 1024 };

struct at_search_move {
    size_t count; /* rows changed; 0: the move drawn would change nothing, or go beyond the bound */
    char *place[AT_SEARCH_MOVE_ROWS];
    size_t bytes; /* of a row */
    char before[AT_SEARCH_MOVE_ROWS][AT_SEARCH_ROW_BYTES];
};

/*
 * Draws one move by (key, number) and makes it: an element changes its sign, is multiplied by a power of two from 2^-4 to 2^4, moves to a
 * number next to it in its format, or takes the value of another of its tensor; a row of any tensor changes its sign or is multiplied by
 * a power of two; two rows of K, of V or of both change places; a row of K or of V becomes that of another key. Of Q only `rows` are
 * changed. All elements stay finite and within |x| <= bound.
 */
void at_search_move_make(struct at_qkv *qkv, const struct at_rows *rows, double bound, struct at_random key, uint64_t number,
                         struct at_search_move *ret_move);

/* Back to what was before. */
void at_search_move_undo(const struct at_search_move *move);

#ifdef __cplusplus
}
#endif

#endif
