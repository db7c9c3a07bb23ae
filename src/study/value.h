/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_VALUE_H
#define AT_STUDY_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Scalars of a study file, strictly: the whole text is the value, or it is refused. */

/* Decimal digits only, low <= value <= high. */
bool at_value_integer(const char *text, uint64_t low, uint64_t high, uint64_t *ret_value);

/* A finite decimal number in C's notation ("0.125", "1e-3"). */
bool at_value_real(const char *text, double *ret_value);

/* "true" or "false". */
bool at_value_truth(const char *text, bool *ret_value);

#ifdef __cplusplus
}
#endif

#endif
