/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_REST_H
#define AT_ORACLES_FP64_SM90_REST_H

#include "oracles/oracle.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The `count` rows that are not done, by oracles/certified; *ret_bits: its precision. */
enum at_status at_fp64_rest(const struct at_oracle_head *head, const bool *done, int64_t count, struct at_oracle_truth *truth,
                            int *ret_bits, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
