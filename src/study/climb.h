/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CLIMB_H
#define AT_STUDY_CLIMB_H

#include "study/sample.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How sharp a truth must be is known when the kernel's outputs are there: rows that it leaves open are solved again by the next oracle of
 * the ladder, and so on (docs/oracles.md, "Which oracle"). What one run does changes no truth of another.
 */

/* log2 of the smallest error that counts, as a fraction of sum p|v|: the histogram's lowest bin begins there. */
enum { AT_CLIMB_FLOOR = -64 };

/* Over all parts of a run beside one truth. */
struct at_climb {
    const struct at_oracle *by; /* the sharpest that was asked; NULL: no row was left open, or there is none to ask */
    int64_t rows;               /* that went up */
    int64_t open;               /* that are open still, although they have a finite truth: no oracle is sharper */
    int64_t undefined;          /* without a finite truth */
    double smallest;            /* the smallest error measured, as a fraction of sum p|v|, not below the floor; INFINITY: none */
    double largest;             /* the largest radius as such a fraction */
    int precision_bits;         /* of rows that went up */
    int64_t time_ns;            /* of the oracles asked */
    struct at_spot spot;        /* rows that went up, before and after */
    struct at_hasher hasher;    /* of rows that went up: place, values and radii */
};

void at_climb_start(struct at_climb *climb);

/* Rows of one part that went up, with their truth. */
struct at_raised {
    int64_t count;
    int64_t *which; /* [count] their numbers among the case's rows, ascending */
    struct at_oracle_truth truth;
};

/* Where the truth of a part comes from. */
struct at_climb_source {
    const struct at_oracle *oracle; /* that gave it */
    const struct at_qkv *inputs;
    const struct at_operands *operands; /* NULL: it is that of the inputs */
};

/*
 * Looks at each row of the part and has those left open solved by sharper oracles. An output is open while
 *   radius > 2^-AT_LADDER_MARGIN max(|got - truth|, 2^AT_CLIMB_FLOOR sum p|v|),
 * the log-sum-exp while its radius > 2^-AT_LADDER_MARGIN max(|got - truth|, 2^-42 |truth|, 2^AT_CLIMB_FLOOR), and either while it is not
 * finite. Fails as at_spot_row does where a sharper oracle contradicts the one before. Free *ret_raised with at_raised_done.
 */
enum at_status at_climb_part(struct at_climb *climb, const struct at_beside *beside, const struct at_climb_source *source,
                             struct at_raised *ret_raised, struct at_error *error);

/* The truth of row i of the case's rows, and its row there. */
const struct at_oracle_truth *at_raised_find(const struct at_raised *raised, const struct at_beside *beside, int64_t i, int64_t *ret_at);

void at_raised_done(struct at_raised *raised);

/* The digest of a truth with that of its rows that went up; the truth's own if none did. */
struct at_sha256 at_climb_sha256(const struct at_climb *climb, const struct at_truths *truths);

#ifdef __cplusplus
}
#endif

#endif
