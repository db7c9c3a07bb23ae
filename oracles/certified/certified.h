/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_CERTIFIED_H
#define AT_ORACLES_CERTIFIED_CERTIFIED_H

#include "core/simd.h"
#include "oracles/oracle.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Every row of a head in double-double around exact scores, with a radius proved a priori (docs/oracles.md, "oracles/certified"). A row
 * that does not fit (scores beyond 104 bits, values beyond 2^+-200) or whose radius would exceed 2^-80 of sum p|v| is given to
 * oracles/mpfr.
 */

/* at_oracle_certified.solve by an available path; *ret_declined (or NULL): rows that oracles/mpfr computed. */
enum at_status at_certified_solve(const struct at_oracle_head *head, enum at_simd simd, struct at_oracle_truth *truth,
                                  int64_t *ret_declined, struct at_error *error);

extern const struct at_oracle at_oracle_certified;

#ifdef __cplusplus
}
#endif

#endif
