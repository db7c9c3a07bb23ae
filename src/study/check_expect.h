/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_EXPECT_H
#define AT_STUDY_CHECK_EXPECT_H

#include "study/check_case.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The error that declared numerics predict, row by row, and how far above it a correct kernel may come. Two sources: the twin, under the
 * declared numerics and under every schedule that a correct kernel may choose instead; and the a-priori model (check_model.h).
 */
struct at_check_expectation {
    float *o, *lse; /* [heads][rows][dim], [heads][rows] of the twin under the declared numerics; NULL where a model predicts alone */
    double *row;    /* [heads][rows] RMS error of the outputs against the truth of the operands */
    double *lse_low, *lse_high; /* [heads][rows] between which the error of a right kernel's log-sum-exp lies, 0 among them */
    double *original;           /* [heads] RMS error against the truth of the inputs, all rows with a finite truth together */
    double *head;               /* [heads] as original, against the truth of the operands */
    double *schedule;           /* [controls + 1][heads][rows] mean square error under each schedule, the declared one first; NULL: none */
    struct at_check_bounds bounds;
    int controls;
};

/*
 * What predicts: fills o and lse first (`declared`), then the rest. Neither knows of the kernel's output, but of its format. A bound that
 * cannot be derived is NaN. Free with at_check_expectation_done.
 */
struct at_check_source {
    const char *name; /* "twin", "a-priori model" */
    enum at_status (*declared)(struct at_check_case *c, struct at_check_expectation *expectation, struct at_error *error);
    enum at_status (*expect)(struct at_check_case *c, struct at_check_expectation *expectation, struct at_error *error);
};
extern const struct at_check_source at_check_by_twin;

enum at_status at_check_expectation_init(const struct at_check_case *c, struct at_check_expectation *ret_expectation,
                                         struct at_error *error);
void at_check_expectation_done(struct at_check_expectation *expectation);

/*
 * The schedules that a correct kernel of `declared` (resolved) may choose instead, each different from it and from the others; returns how
 * many there are. They differ in the order and size of the tiles, in exp2 and reciprocal, in P's offset where another has the same room,
 * and, where P.V is promoted, in how often.
 *   to_try: others of their kind, which no bound comes from
 */
enum { AT_CHECK_CONTROLS = 16 };
int at_check_schedules(const struct at_numerics *declared, const struct at_problem *problem, bool to_try,
                       struct at_numerics ret_numerics[AT_CHECK_CONTROLS]);

/*
 * The ratio that a schedule has over rows `which` of a head together: root of its sum of mean square errors over that of all the others'
 * mean, or with `declared` over that of the declared schedule. Returns what one more exceeds with probability `level` at most, at least the
 * largest of those known (with `declared` at least 1); infinity where no schedules are. By the model: the bound of heads, or where the rows
 * are too few for it, that of rows.
 */
double at_check_together(const struct at_check_case *c, const struct at_check_expectation *e, int64_t head, const int64_t *which,
                         int64_t count, bool declared);

/* Mean over the columns of (got - truth)^2; NaN or infinity where an output is. */
double at_check_square(const float *got, const double *truth, int64_t dim);

/*
 * Mean square error of rounding the truths of a row to `format` alone: mean over the columns of ulp^2 / 12, ulp the distance of neighbours
 * there. No correct kernel is held to less.
 */
double at_check_rounding(const double *truth, int64_t dim, enum at_format format);

/* Whether row `row` of head `head` has a finite truth of operands whose radius is below the rounding of the output. */
bool at_check_defined(const struct at_check_case *c, int64_t head, int64_t row);

#ifdef __cplusplus
}
#endif

#endif
