/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_FACTS_H
#define AT_ORACLES_FP64_SM90_FACTS_H

#include "oracles/oracle.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What the bound of a row needs to know of its operands, all from above (eq. 41): prefixes over the keys, for a row sees the first few or
 * all. Lengths are Euclidean.
 */
struct at_fp64_key_facts {
    int64_t finite;          /* keys before the first one with a NaN or an infinity in K or V */
    double *longest, *value; /* [seq_k] of the finite ones up to this one: longest k, largest |v| */
    double *column;          /* [dim] largest |v| of that column over the finite keys: 0 only if all are 0 */
};

/* Free with at_fp64_key_facts_done, failed or not. */
enum at_status at_fp64_key_facts_init(struct at_fp64_key_facts *ret_facts, const struct at_oracle_head *head, struct at_error *error);
void at_fp64_key_facts_done(struct at_fp64_key_facts *facts);

/* At least the length of x[n]; NaN or infinity where an element is, or where it exceeds 2^500. */
double at_fp64_length(const double *x, int64_t n);

#ifdef __cplusplus
}
#endif

#endif
