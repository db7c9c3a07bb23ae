/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_LOGARITHM_H
#define AT_STATS_LOGARITHM_H

#include "core/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ln values[i]; the caller frees. AT_ERR_UNDEFINED unless all are finite and > 0 and there is one. */
enum at_status at_logarithms(const double *values, size_t count, double **ret_logarithms);

/* ln a[i] - ln b[i], 0 for equal ones. The caller frees. AT_ERR_UNDEFINED unless all values are finite and > 0 and there is one. */
enum at_status at_log_ratios(const double *a, const double *b, size_t heads, double **ret_ratios);

#ifdef __cplusplus
}
#endif

#endif
