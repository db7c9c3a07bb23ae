/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_TWIN_TURN_H
#define AT_KERNELS_TWIN_TURN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The transpose of rows x columns codes of `size` bytes, 1 or 2: ret_turned[c][r] = codes[r][c]. */
void at_turn(size_t size, const void *codes, int64_t rows, int64_t columns, void *ret_turned);

#ifdef __cplusplus
}
#endif

#endif
