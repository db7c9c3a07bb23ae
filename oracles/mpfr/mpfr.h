/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_MPFR_MPFR_H
#define AT_ORACLES_MPFR_MPFR_H

#include "oracles/oracle.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a row is computed. Both paths keep the same promise; the tests hold one against the other. */
enum at_mpfr_path {
    AT_MPFR_AUTO, /* the fast path where it proves that it fits, else the plain one */
    AT_MPFR_PLAIN
};

/* at_oracle_mpfr.solve by the given path. */
enum at_status at_mpfr_solve(const struct at_oracle_head *head, enum at_mpfr_path path, struct at_oracle_truth *truth,
                             struct at_error *error);

extern const struct at_oracle at_oracle_mpfr;

#ifdef __cplusplus
}
#endif

#endif
