/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* What threads and blocks of the prepare kernels have besides. */

enum { MOST_COPIES = 512 };

struct fibre_own {
    struct {
        char *to;
        const char *from; /* NULL: zeros */
        int group;
    } copies[MOST_COPIES];
    int copy_count, groups;
};

struct block_own {};

#include "blocks.cuh"
