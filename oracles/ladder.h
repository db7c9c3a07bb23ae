/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_LADDER_H
#define AT_ORACLES_LADDER_H

#include "oracles/oracle.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The registered oracles that work here, by radius: each rung is sharper than the one before. Which rung a study begins on is decided
 * before anything is computed; what it leaves open goes up (docs/oracles.md, "Which oracle").
 */

/* Bits by which a radius must stay below the error that is measured with it. */
enum { AT_LADDER_MARGIN = 10 };

/* log2 of the finest error, as a fraction of sum p|v|, that most outputs have: of kernels that round them to 16 bits (measured). */
enum { AT_LADDER_FINEST = -16 };

/* The name that lets attest choose. */
extern const char at_oracle_auto[];

/* NULL for at_oracle_auto and for no text; else the oracle of that name. */
enum at_status at_oracle_read(const char *text, const struct at_oracle **ret_oracle, struct at_error *error);

/* The next rung above `oracle`: of those that work here and whose radius is expected to be smaller, the largest. NULL: it is the last. */
const struct at_oracle *at_oracle_sharper(const struct at_oracle *oracle, const struct at_oracle_shape *shape);

struct at_oracle_choice {
    const struct at_oracle *oracle;
    char reason[320]; /* one line */
};

/*
 * The rung to begin on: `asked`, if this machine has what it needs (else AT_ERR_UNSUPPORTED or the oracle's own status), or for NULL the
 * cheapest. Cheap is what one truth of all heads of all shapes costs, one start and rows left open included: an output is expected to be
 * open with probability 2^(radius_log2 + AT_LADDER_MARGIN - AT_LADDER_FINEST), a row with dim times that, and is then solved by the next
 * rung too.
 */
enum at_status at_oracle_settle(const struct at_oracle *asked, const struct at_oracle_shape *shapes, size_t count,
                                struct at_oracle_choice *ret_choice, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
