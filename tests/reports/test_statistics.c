/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/statistics.h"

#include "tests/reports/fixture.h"
#include "tests/reports/seeds.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct at_filter everything;

static void load(struct at_store *store, const struct at_filter *filter, const char *metric, const char *against, struct at_pools *pools,
                 struct at_row_statistics *statistics)
{
    struct at_error error = {""};
    if (at_pools_load(store, filter, AT_POOL_SEEDS, pools, &error) ||
        at_row_statistics_load(store, filter, pools, metric, against, statistics, &error))
        fail_msg("%s", error.message);
}

/* The rows of "good": all but the undefined one. */
static size_t rows_of(double *ret_values)
{
    size_t n = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (int h = 0; h < SEEDS_HEADS; h++)
            for (int row = 0; row < SEEDS_ROWS; row++)
                if (!(seed == 2 && h == 1 && row == 0))
                    ret_values[n++] = seeds_row(seed, h, row);
    return n;
}

static void rows_of_all_heads_and_seeds_are_one_sample(void **state)
{
    (void)state;
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_pools pools;
    struct at_row_statistics got[SEEDS_POOLS];
    struct at_summary wanted;
    double values[SEEDS * SEEDS_HEADS * SEEDS_ROWS], q95;
    size_t n = rows_of(values);
    assert_int_equal(at_stats_summary(values, n, &wanted), AT_OK);
    assert_int_equal(at_stats_quantile(values, n, 0.95, &q95), AT_OK);
    for (int r = 0; r < 2; r++) {
        double share = r ? 0.25 : 1; /* a power of two: bit for bit */
        load(store, &everything, "rel_rmse", r ? "dequantised" : "original", &pools, got);
        assert_int_equal(got[0].defined, n);
        assert_int_equal(got[0].undefined, 1);
        assert_int_equal(got[0].key_heads, SEEDS * SEEDS_HEADS);
        assert_true(fabs(got[0].mean.value - share * wanted.mean) <= 2 * (double)n * 0x1p-53 * wanted.mean);
        assert_true(got[0].median.value == share * wanted.median && got[0].q95.value == share * q95);
        assert_true(got[0].worst == share * wanted.max);
        const struct at_statistic *all[] = {&got[0].mean, &got[0].median, &got[0].q95};
        for (size_t i = 0; i < 3; i++)
            assert_true(all[i]->interval.low < all[i]->value && all[i]->value < all[i]->interval.high);
        int64_t head = got[0].worst_head, row = got[0].worst_row;
        assert_true(share * seeds_row((uint64_t)(*got[0].worst_seed - '0'), (int)head, (int)row) == got[0].worst);
        assert_int_equal(got[0].worst_batch, 0);
        at_pools_done(&pools);
    }
    at_store_close(store);
    fixture_done();
}

static void an_infinite_row_is_the_worst_and_spoils_the_mean(void **state)
{
    (void)state;
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_pools pools;
    struct at_row_statistics got[SEEDS_POOLS];
    load(store, &everything, "rel_rmse", "original", &pools, got);
    assert_true(got[1].worst == INFINITY && got[1].worst_head == 2 && got[1].worst_row == 1);
    assert_string_equal(got[1].worst_seed, "3");
    assert_true(got[1].mean.value == INFINITY && isnan(got[1].mean.interval.low));
    assert_true(isfinite(got[1].median.value) && got[1].undefined == 0);
    assert_true(isfinite(got[4].mean.value) && isnan(got[4].mean.interval.low)); /* two heads */
    assert_int_equal(got[4].key_heads, 2);
    at_pools_done(&pools);
    at_store_close(store);
    fixture_done();
}

static void worst_is_what_the_metric_says(void **state)
{
    (void)state;
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_pools pools;
    struct at_row_statistics snr[SEEDS_POOLS], bias[SEEDS_POOLS];
    const struct at_filter good = {.variant = "good", .label = "pair"};
    double largest = 0, farthest = 0;
    for (int h = 0; h < 2; h++)
        for (int row = 0; row < SEEDS_ROWS; row++) {
            largest = fmax(largest, seeds_row(1, h, row));
            farthest = fabs(seeds_bias(1, h, row)) > fabs(farthest) ? seeds_bias(1, h, row) : farthest;
        }
    load(store, &good, "snr_db", "original", &pools, snr);
    assert_true(snr[0].worst == -largest); /* larger is better */
    at_pools_done(&pools);
    load(store, &good, "bias", "original", &pools, bias);
    assert_true(bias[0].worst == farthest); /* nearer zero is better */
    at_pools_done(&pools);
    at_store_close(store);
    fixture_done();
}

static void a_metric_without_rows_has_no_statistic(void **state)
{
    (void)state;
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_pools pools;
    struct at_error error = {""};
    struct at_row_statistics got[SEEDS_POOLS];
    load(store, &everything, "saturated", "original", &pools, got);
    assert_true(got[0].defined == 0 && got[0].undefined == 0 && got[0].key_heads == 0);
    assert_true(isnan(got[0].mean.value) && isnan(got[0].median.value) && isnan(got[0].q95.value) && isnan(got[0].worst));
    assert_int_equal(at_row_statistics_load(store, &everything, &pools, "rel_rsme", "original", got, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "rel_rmse"));
    at_pools_done(&pools);
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_all_heads_and_seeds_are_one_sample),
        cmocka_unit_test(an_infinite_row_is_the_worst_and_spoils_the_mean),
        cmocka_unit_test(worst_is_what_the_metric_says),
        cmocka_unit_test(a_metric_without_rows_has_no_statistic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
