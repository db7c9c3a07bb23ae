/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/units.h"

#include "reports/number.h"

#include <math.h>
#include <stdlib.h>

struct at_interval at_unit_ends(double value, double radius, enum at_better better)
{
    if (better == AT_NEARER_ZERO_IS_BETTER)
        value = fabs(value);
    struct at_interval ends = {value, value};
    if (!isnan(radius) && !(radius <= 0))
        ends = (struct at_interval){nextafter(value - radius, -INFINITY), nextafter(value + radius, INFINITY)};
    if (isnan(ends.low) || isnan(ends.high))
        return (struct at_interval){NAN, NAN};
    if (better != AT_LARGER_IS_BETTER && ends.low < 0)
        ends.low = 0;
    return ends;
}

/* Takes in one more query head: the unit's ends are those of the worst. */
static void add_head(struct at_interval ends, enum at_better better, double *low, double *high)
{
    bool larger = better == AT_LARGER_IS_BETTER;
    *low = isnan(*low) || isnan(ends.low) ? NAN : larger ? fmin(*low, ends.low) : fmax(*low, ends.low);
    *high = isnan(*high) || isnan(ends.high) ? NAN : larger ? fmin(*high, ends.high) : fmax(*high, ends.high);
}

/* Units of one run begin at `first`; members[unit] counts the query heads that it has. Returns how many the run has in all. */
static size_t add_run(const struct at_table *values, int64_t run, int64_t heads_kv, enum at_better better, size_t first,
                      struct at_units *units, size_t *members)
{
    size_t from, to;
    at_pool_range(values, run, &from, &to);
    for (size_t i = from; i < to; i++) {
        int64_t batch = at_table_cell(values, i, "batch")->integer, key_head = at_table_cell(values, i, "key_head")->integer;
        size_t unit = first + (size_t)(batch * heads_kv + key_head);
        struct at_interval ends =
            at_unit_ends(at_cell_number(at_table_cell(values, i, "value")), at_cell_number(at_table_cell(values, i, "radius")), better);
        if (members[unit]++)
            add_head(ends, better, &units->low[unit], &units->high[unit]);
        else
            units->low[unit] = ends.low, units->high[unit] = ends.high;
    }
    return to - from;
}

enum at_status at_units_of(const struct at_pools *pools, const struct at_pool *pool, const struct at_table *values, enum at_better better,
                           struct at_units *ret_units)
{
    const struct at_table *t = &pools->table;
    size_t group = (size_t)at_table_cell(t, pool->first, "head_group")->integer, count = (size_t)pool->heads / group, found = 0;
    int64_t heads_kv = at_table_cell(t, pool->first, "heads_kv")->integer;
    struct at_units u = {count, 0, malloc((count + 1) * sizeof *u.low), malloc((count + 1) * sizeof *u.high)};
    size_t *members = calloc(count + 1, sizeof *members);
    if (!u.low || !u.high || !members) {
        at_units_done(&u);
        free(members);
        return AT_ERR_MEMORY;
    }
    for (size_t i = 0; i < pool->seeds; i++)
        found += add_run(values, at_pool_run(pools, pool, i), heads_kv, better, count / pool->seeds * i, &u, members);
    for (size_t i = 0; i < count; i++) {
        if (members[i] != group)
            u.low[i] = u.high[i] = NAN;
        u.unknown += isnan(u.low[i]);
    }
    free(members);
    if (!found)
        u.count = u.unknown = 0;
    *ret_units = u;
    return AT_OK;
}

void at_units_done(struct at_units *units)
{
    free(units->low);
    free(units->high);
    *units = (struct at_units){0};
}
