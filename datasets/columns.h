/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_DATASETS_COLUMNS_H
#define AT_DATASETS_COLUMNS_H

#include "core/random.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Chooses `chosen` of `count` columns (count <= AT_FILL_DIM_MAX), each set equally likely: those with the smallest uniform draws. */
void at_columns_choose(struct at_random key, int64_t count, double chosen, bool *ret_is_chosen);

#ifdef __cplusplus
}
#endif

#endif
