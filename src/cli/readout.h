/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_READOUT_H
#define AT_CLI_READOUT_H

#include "reports/readout.h"

#include <jansson.h>

/* attest show readout: how far distributions over tokens moved. */

/* A table a pool, readout and truth under a line that says what is read out, and why intervals are missing. */
void at_readouts_print(const struct at_readouts *readouts);

/* The same as an array of objects. New reference. */
json_t *at_readouts_json(const struct at_readouts *readouts);

#endif
