/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_FITS_TABLE_H
#define AT_CLI_FITS_TABLE_H

#include "reports/sensitivity.h"

#include <jansson.h>

/*
 * Fits as tables, one a sweep, with a sentence for each of at[count]; and as JSON. `filter`: metric and reference that were fitted.
 *   *ret_refused: a value at one of at[] cannot be given
 */
void at_fits_print(const struct at_sensitivities *all, const struct at_filter *filter, const double *at, size_t count, bool *ret_refused);
json_t *at_fits_json(const struct at_sensitivities *all, const struct at_filter *filter, const double *at, size_t count, bool *ret_refused);

#endif
