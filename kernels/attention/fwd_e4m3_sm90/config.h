/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_FWD_E4M3_CONFIG_H
#define AT_KERNELS_FWD_E4M3_CONFIG_H

#include "kernels/attention/forward/arguments.h"

/*
 * The tiles of the kernels: X(dim, rows, keys, stages, promotion, mask, schedule, pace). Of one accumulator FlashAttention-3's
 * (hopper/tile_size.h, commit 0251105) and ones of our own, faster at some lengths; promoted per tile those of vLLM's fork (the same file,
 * commit 617264c) and 128 x 128; per block 128 x 128.
 */
#define AT_FWD_E4M3_BOTH(X, dim, rows, keys, stages, promotion, schedule, pace) \
    X(dim, rows, keys, stages, promotion, full, schedule, pace) \
    X(dim, rows, keys, stages, promotion, causal, schedule, pace)

/* Of FlashAttention-3; also built with e5m2. */
#define AT_FWD_E4M3_RELEASED(X) \
    AT_FWD_E4M3_BOTH(X, 64, 192, 160, 3, none, overlap, late) \
    X(128, 128, 224, 2, none, full, overlap, turns) \
    X(128, 128, 224, 2, none, causal, overlap, late) \
    AT_FWD_E4M3_BOTH(X, 256, 128, 128, 3, none, overlap, late)

#define AT_FWD_E4M3_OWN(X) \
    AT_FWD_E4M3_BOTH(X, 64, 192, 128, 3, none, overlap, late) \
    AT_FWD_E4M3_BOTH(X, 128, 192, 96, 4, none, overlap, late) \
    AT_FWD_E4M3_BOTH(X, 64, 192, 128, 3, by_tile, overlap, turns) \
    X(64, 128, 128, 3, by_tile, causal, overlap, turns) \
    AT_FWD_E4M3_BOTH(X, 64, 128, 128, 3, by_block, overlap, turns) \
    AT_FWD_E4M3_BOTH(X, 128, 128, 192, 2, by_tile, serial, free) \
    AT_FWD_E4M3_BOTH(X, 128, 128, 128, 3, by_tile, overlap, free) \
    AT_FWD_E4M3_BOTH(X, 128, 128, 128, 3, by_block, overlap, free) \
    AT_FWD_E4M3_BOTH(X, 256, 128, 128, 2, by_tile, serial, turns) \
    AT_FWD_E4M3_BOTH(X, 256, 128, 128, 2, by_block, serial, turns)

#endif
