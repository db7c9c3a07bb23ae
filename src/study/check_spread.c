/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_spread.h"

#include <math.h>

const struct at_check_spread at_check_spreads[] = {
    {"normal", "fa3-fp8", 64, 512, 64, false, true, {{1, 1, 1}, {1, 1, 1}}},
};
const size_t at_check_spread_count = sizeof at_check_spreads / sizeof at_check_spreads[0];

int64_t at_check_spread_rows(void)
{
    int64_t fewest = INT64_MAX;
    for (size_t i = 0; i < at_check_spread_count; i++)
        fewest = at_check_spreads[i].queries < fewest ? at_check_spreads[i].queries : fewest;
    return fewest;
}

double at_check_tail_bound(const struct at_check_tail *tail, double draws, double level)
{
    const double k = floor(sqrt(tail->count)), rarity = draws * (k + 1) / ((tail->count + 1) * level);
    return rarity > 1 ? tail->threshold * exp(tail->sum * expm1(log(rarity) / k)) : tail->threshold;
}

double at_check_spread_bound(enum at_check_spread_of of, const struct at_numerics *numerics, int64_t rows, double draws, double level)
{
    const bool eight = at_formats[numerics->p_format].bits == 8;
    double bound = NAN;
    if (of == AT_CHECK_SPREAD_HEADS && rows < at_check_spread_rows())
        return NAN;
    for (size_t i = 0; i < at_check_spread_count && draws > 0; i++)
        if (at_check_spreads[i].eight == eight)
            bound = fmax(bound, at_check_tail_bound(&at_check_spreads[i].tail[of], draws, level));
    return bound;
}
