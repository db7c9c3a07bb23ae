/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_LSE_H
#define AT_STUDY_CHECK_LSE_H

#include "study/check_expect.h"
#include "study/elements.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Which log-sum-exps a right kernel may give. Its error has two parts: that of the scores, which the declared numerics fix to the bit
 * (E8 to E10) and which a better kernel has not, and what fp32 does to all that follows, in any order (E7, E11 to E14, E24). The first is
 * what the twin has under the declared numerics and every schedule, the second is bounded here (docs/check.md, "Log-sum-exps").
 */
struct at_check_lse_room {
    double most; /* the largest score, scaled, in natural units; -infinity for a row without keys */
    double room; /* nat: what fp32 adds to the error of a log-sum-exp, at most */
};

/*
 * How many standard bounds of a sum of roundings the room holds: sqrt(2 ln(2 rows / level)). By the Azuma-Hoeffding inequality roundings
 * |d_i| <= u, each of mean zero given those before, exceed that many u sqrt(sum a_i^2) in sum a_i d_i somewhere in `rows` rows with
 * probability `level` at most (Higham and Mary, SIAM J. Sci. Comput. 41 (2019) A2815).
 */
double at_check_lse_deviations(double level, double rows);

/*
 * Rooms of rows which[count] among those looked at (NULL: of all), of head `head` (b * query heads + h) of operands that fill `elements`.
 * NaN where a score is; infinity where rounding may take all of the sum.
 */
enum at_status at_check_lse_rooms(const struct at_check_case *c, const struct at_operands *operands, const struct at_elements *elements,
                                  int64_t head, const int64_t *which, int64_t count, double deviations, struct at_check_lse_room *ret_rooms,
                                  struct at_error *error);

/*
 * Adds to the errors between which those of the twin's schedules lie, lse_low to lse_high, the room of each row and what the truth leaves
 * open; NaN in rows without a finite truth. Sets bounds.lse.
 */
enum at_status at_check_lse_widen(const struct at_check_case *c, struct at_check_expectation *e, struct at_error *error);

/*
 * The scores' part where no twin says it: between which errors the declared instruction leaves a log-sum-exp, whatever the operands' bits
 * are (E8, E10). Each cut of a chain toward zero is bounded by its unit, term by term, so that each score errs within an interval; the sum
 * of the weights times e^error lies between those of its ends. No probability is in it.
 *   truth: with P; head: b * query heads + h; ret_low[rows] <= 0 <= ret_high[rows], nat
 */
enum at_status at_check_lse_scores(const struct at_operands *operands, const struct at_rows *rows, const struct at_oracle_truth *truth,
                                   int64_t head, double *ret_low, double *ret_high, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
