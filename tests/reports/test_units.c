/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/units.h"

#include "tests/reports/fixture.h"
#include "tests/reports/sampled.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void ends_hold_the_radius(void **state)
{
    (void)state;
    struct at_interval e = at_unit_ends(0.5, 0x1p-60, AT_SMALLER_IS_BETTER); /* less than an ulp, and still outside */
    assert_true(e.low < 0.5 && e.high > 0.5 && e.high - e.low < 0x1p-50);
    e = at_unit_ends(0.5, NAN, AT_SMALLER_IS_BETTER);
    assert_true(e.low == 0.5 && e.high == 0.5);
    e = at_unit_ends(0.5, 1, AT_SMALLER_IS_BETTER);
    assert_true(e.low == 0 && e.high >= 1.5);
    e = at_unit_ends(-0.5, 0.25, AT_NEARER_ZERO_IS_BETTER);
    assert_true(e.low <= 0.25 && e.low > 0.2499 && e.high >= 0.75 && e.high < 0.7501);
    e = at_unit_ends(-0.125, 0.25, AT_NEARER_ZERO_IS_BETTER); /* either sign */
    assert_true(e.low == 0 && e.high >= 0.375);
    e = at_unit_ends(-3, 1, AT_LARGER_IS_BETTER); /* a ratio in dB may be below 0 */
    assert_true(e.low <= -4 && e.low > -4.001 && e.high >= -2);
    e = at_unit_ends(0.5, INFINITY, AT_SMALLER_IS_BETTER);
    assert_true(e.low == 0 && isinf(e.high));
    e = at_unit_ends(INFINITY, 0, AT_SMALLER_IS_BETTER);
    assert_true(isinf(e.high));
    e = at_unit_ends(NAN, 0, AT_SMALLER_IS_BETTER);
    assert_true(isnan(e.low) && isnan(e.high));
    e = at_unit_ends(INFINITY, INFINITY, AT_LARGER_IS_BETTER); /* inf - inf: nothing is known */
    assert_true(isnan(e.low) && isnan(e.high));
}

static struct at_units load(struct at_store *store, const char *label, const char *variant, const char *metric)
{
    const struct at_filter filter = {.label = label, .variant = variant, .metric = metric, .against = "original"};
    const struct at_metric *found;
    struct at_pools pools;
    struct at_table values;
    struct at_units units;
    assert_int_equal(at_metric_find(metric, &found, NULL), AT_OK);
    assert_int_equal(at_pools_load(store, &filter, AT_POOL_SEEDS, &pools, NULL), AT_OK);
    assert_int_equal(pools.count, 1);
    assert_int_equal(at_query_run(store, "head_values", &filter, &values, NULL), AT_OK);
    assert_int_equal(at_units_of(&pools, &pools.rows[0], &values, found->better, &units), AT_OK);
    at_table_done(&values);
    at_pools_done(&pools);
    return units;
}

/* Inputs stand in the order of their seeds; each unit has the worse of two query heads, which is now the first, now the second. */
static void a_unit_is_the_worst_of_its_query_heads(void **state)
{
    (void)state;
    struct at_store *store = sampled_store(fixture_path("t.db"));
    struct at_units rms = load(store, "many", "good", "rel_rmse"), bias = load(store, "many", "good", "bias");
    struct at_units cosine = load(store, "many", "good", "cosine_min");
    assert_int_equal(rms.count, SAMPLED_UNITS);
    assert_int_equal(cosine.count, SAMPLED_UNITS);
    assert_int_equal(rms.unknown + bias.unknown + cosine.unknown, 0);
    for (int i = 0; i < SAMPLED_UNITS; i++) {
        int u = sampled_unit((uint64_t)(i / SAMPLED_KEY_HEADS) + 1, i % SAMPLED_KEY_HEADS);
        double value = (u + 1) / 128.0;
        assert_true(rms.low[i] <= value - SAMPLED_RADIUS && rms.high[i] >= value + SAMPLED_RADIUS);
        assert_true(rms.high[i] - rms.low[i] < 2.001 * SAMPLED_RADIUS);
        assert_true(bias.low[i] == rms.low[i] && bias.high[i] == rms.high[i]);
        assert_true(cosine.low[i] == 1 - value / 4 && cosine.high[i] == cosine.low[i]);
    }
    at_units_done(&rms);
    at_units_done(&bias);
    at_units_done(&cosine);
    at_store_close(store);
    fixture_done();
}

static void what_is_not_known_stays_unknown(void **state)
{
    (void)state;
    struct at_store *store = sampled_store(fixture_path("t.db"));
    struct at_units broken = load(store, "many", "broken", "rel_rmse"), blind = load(store, "many", "blind", "rel_rmse");
    struct at_units absent = load(store, "many", "good", "max_abs");
    size_t infinite = 0;
    assert_int_equal(broken.unknown, 1);
    assert_int_equal(blind.unknown, 1);
    assert_true(isnan(blind.low[0]) && isnan(blind.high[0]) && sampled_unit(1, 0) == 0); /* rows without a finite truth */
    for (size_t i = 0; i < broken.count; i++)
        infinite += isinf(broken.high[i]) != 0;
    assert_int_equal(infinite, 1);
    assert_int_equal(absent.count, 0);
    at_units_done(&broken);
    at_units_done(&blind);
    at_units_done(&absent);
    at_store_close(store);
    fixture_done();
}

/* A query head that is not in the table takes its unit with it. */
static void a_missing_query_head_makes_its_unit_unknown(void **state)
{
    (void)state;
    static char *names[] = {"run", "batch", "head", "key_head", "value", "radius"};
    static const struct at_cell null = {.kind = AT_CELL_NULL};
    struct at_store *store = sampled_store(fixture_path("t.db"));
    const struct at_filter filter = {.label = "few"};
    struct at_pools pools;
    struct at_units units;
    assert_int_equal(at_pools_load(store, &filter, AT_POOL_SEEDS, &pools, NULL), AT_OK);
    struct at_cell cells[3][6];
    for (int i = 0; i < 3; i++) { /* both query heads of key/value head 0, and one of 1 */
        const int64_t values[] = {at_pool_run(&pools, &pools.rows[0], 0), 0, i, i / 2, i};
        for (int c = 0; c < 5; c++)
            cells[i][c] = (struct at_cell){.kind = AT_CELL_INTEGER, .integer = values[c], .real = (double)values[c]};
        cells[i][5] = null;
    }
    const struct at_table table = {.columns = 6, .rows = 3, .names = names, .cells = cells[0]};
    assert_int_equal(at_units_of(&pools, &pools.rows[0], &table, AT_SMALLER_IS_BETTER, &units), AT_OK);
    assert_int_equal(units.count, SAMPLED_KEY_HEADS);
    assert_int_equal(units.unknown, 3);
    assert_true(units.high[0] == 1 && isnan(units.high[1]) && isnan(units.high[3]));
    at_units_done(&units);
    at_pools_done(&pools);
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_hold_the_radius),
        cmocka_unit_test(a_unit_is_the_worst_of_its_query_heads),
        cmocka_unit_test(what_is_not_known_stays_unknown),
        cmocka_unit_test(a_missing_query_head_makes_its_unit_unknown),
    };
    return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
