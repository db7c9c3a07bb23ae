/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_CERTIFIED_PATH_H
#define AT_ORACLES_CERTIFIED_PATH_H

#include "core/simd.h"
#include "oracles/certified/lanes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of an available path, the best for AT_SIMD_AUTO. */
const struct at_certified_lanes *at_certified_lanes_of(enum at_simd simd);

#ifdef __cplusplus
}
#endif

#endif
