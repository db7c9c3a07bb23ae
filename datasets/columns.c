/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/columns.h"

#include "datasets/fill.h"

void at_columns_choose(struct at_random key, int64_t count, double chosen, bool *ret_is_chosen)
{
    double draw[AT_FILL_DIM_MAX];
    for (int64_t c = 0; c < count; c++)
        draw[c] = at_random_uniform(key, (uint64_t)c);
    for (int64_t c = 0; c < count; c++) {
        int64_t smaller = 0;
        for (int64_t other = 0; other < count; other++)
            smaller += draw[other] < draw[c] || (draw[other] == draw[c] && other < c);
        ret_is_chosen[c] = (double)smaller < chosen;
    }
}
