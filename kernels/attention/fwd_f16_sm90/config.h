/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_FWD_F16_CONFIG_H
#define AT_KERNELS_FWD_F16_CONFIG_H

#include "kernels/attention/forward/arguments.h"

/*
 * The tiles of the kernels: X(dim, rows, keys, stages, promotion, mask, schedule, pace). FlashAttention-3's (hopper/tile_size.h, commit
 * 0251105), and 128 keys for d = 64, which lets softmax run beside P V. Three consumers cannot hold 192 keys twice: serial.
 */
#define AT_FWD_F16_TILES(X) \
    X(64, 192, 192, 2, none, full, serial, turns) \
    X(64, 192, 128, 2, none, full, overlap, turns) \
    X(64, 192, 128, 2, none, causal, overlap, turns) \
    X(128, 128, 176, 2, none, full, overlap, turns) \
    X(128, 128, 128, 2, none, causal, overlap, turns) \
    X(256, 128, 80, 2, none, full, overlap, turns) \
    X(256, 128, 80, 2, none, causal, overlap, turns)

#endif
