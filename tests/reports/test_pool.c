/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/pool.h"

#include "tests/reports/fixture.h"
#include "tests/reports/seeds.h"

#include "stats/heads.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct at_filter everything;

static struct at_pools load(struct at_store *store, const struct at_filter *filter, enum at_pooling pooling)
{
    struct at_pools pools;
    struct at_error error = {""};
    if (at_pools_load(store, filter, pooling, &pools, &error))
        fail_msg("%s", error.message);
    return pools;
}

static void assert_pool(const struct at_pools *pools, size_t i, const char *title, const char *variant, size_t seeds, int64_t heads)
{
    assert_string_equal(pools->rows[i].title, title);
    assert_string_equal(pools->rows[i].variant, variant);
    assert_int_equal(pools->rows[i].seeds, seeds);
    assert_int_equal(pools->rows[i].heads, heads);
    assert_true(pools->rows[i].rows == SEEDS_ROWS && pools->rows[i].seq_q == SEEDS_KEYS);
}

static void only_seeds_are_pooled(void **state)
{
    (void)state;
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_pools pools = load(store, &everything, AT_POOL_SEEDS);
    assert_int_equal(pools.count, SEEDS_POOLS);
    assert_pool(&pools, 0, "drawn, 64 keys", "good", 3, 3 * SEEDS_HEADS);
    assert_pool(&pools, 1, "drawn, 64 keys", "broken", 3, 3 * SEEDS_HEADS);
    assert_pool(&pools, 2, "drawn, 64 keys", "uneven", 2, 2 * SEEDS_HEADS);
    assert_pool(&pools, 3, "drawn, 128 keys", "good", 1, SEEDS_HEADS);
    assert_pool(&pools, 4, "pair", "good", 1, 2);
    assert_pool(&pools, 5, "captured, input 6", "good", 1, SEEDS_HEADS); /* another input of that name is not another seed */
    assert_pool(&pools, 6, "captured, input 7", "good", 1, SEEDS_HEADS);
    assert_int_equal(at_pools_next(&pools, 0), 3);
    assert_int_equal(at_pools_next(&pools, 3), 4);
    assert_int_equal(at_pools_next(&pools, 6), 7);
    assert_ptr_equal(at_pools_largest(&pools, 0, 3), &pools.rows[0]);
    assert_ptr_equal(at_pools_largest(&pools, 2, 3), &pools.rows[2]);
    at_pools_done(&pools);
    pools = load(store, &everything, AT_POOL_NONE);
    assert_int_equal(pools.count, 12);
    assert_int_equal(pools.count, pools.table.rows);
    for (size_t i = 0; i < pools.count; i++)
        assert_int_equal(pools.rows[i].seeds, 1);
    assert_string_equal(pools.rows[1].title, "drawn, 64 keys, seed 2");
    at_pools_done(&pools);
    at_store_close(store);
    fixture_done();
}

static void what_was_looked_at_is_said(void **state)
{
    (void)state;
    char text[AT_POOL_TEXT_SIZE];
    at_pool_looked_at(&(struct at_pool){.rows = 16, .seq_q = 8192, .heads = 48}, text);
    assert_string_equal(text, "16 of 8192 query rows of each of 48 heads");
    at_pool_looked_at(&(struct at_pool){.rows = 128, .seq_q = 128, .heads = 12}, text);
    assert_string_equal(text, "all 128 query rows of each of 12 heads");
}

/* The heads of all seeds, one after the other, and two statistics of them written down again. */
struct heads {
    bool relative;
    double share;
};

static double again(void *context, const size_t *pick, size_t count)
{
    const struct heads *heads = context;
    double error2 = 0, truth2 = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t seed = 1 + pick[i] / SEEDS_HEADS;
        int head = (int)(pick[i] % SEEDS_HEADS);
        error2 += pow(heads->share * seeds_error(seed, head), 2);
        truth2 += pow(seeds_truth(seed, head), 2);
    }
    return sqrt(error2 / (heads->relative ? truth2 : (double)count));
}

/* Of n terms: squares, sums and their quotient round n + 4 times, the root halves that. */
static void assert_near(double got, double wanted)
{
    assert_true(fabs(got - wanted) <= (SEEDS * SEEDS_HEADS + 8) * 0x1p-53 * wanted);
}

static void heads_of_all_seeds_pool(void **state)
{
    (void)state;
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_pools pools = load(store, &everything, AT_POOL_SEEDS);
    for (int k = 0; k < 4; k++) {
        struct heads context = {k % 2, k / 2 ? 0.25 : 1};
        struct at_statistic pooled[SEEDS_POOLS];
        struct at_interval wanted;
        size_t all[SEEDS * SEEDS_HEADS];
        double squares[SEEDS * SEEDS_HEADS], truths[SEEDS * SEEDS_HEADS];
        for (size_t i = 0; i < SEEDS * SEEDS_HEADS; i++)
            all[i] = i;
        assert_int_equal(
            at_pools_heads(store, &everything, &pools, k % 2 ? "rel_rmse" : "rmse", k / 2 ? "dequantised" : "original", pooled, NULL),
            AT_OK);
        for (size_t i = 0; i < SEEDS * SEEDS_HEADS; i++) {
            squares[i] = pow(again(&(struct heads){false, context.share}, &i, 1), 2);
            truths[i] = context.relative ? squares[i] / pow(again(&context, &i, 1), 2) : 1;
        }
        assert_int_equal(at_heads_interval(squares, truths, SEEDS * SEEDS_HEADS, 0.95, AT_INTERVAL_RESAMPLES, 1, &wanted, NULL), AT_OK);
        assert_near(pooled[0].value, again(&context, all, SEEDS * SEEDS_HEADS));
        assert_true(fabs(pooled[0].interval.low - sqrt(wanted.low)) <= 1e-9 * pooled[0].value);
        assert_true(fabs(pooled[0].interval.high - sqrt(wanted.high)) <= 1e-9 * pooled[0].value);
        assert_true(pooled[1].value == INFINITY && isnan(pooled[1].interval.low));
        assert_true(isnan(pooled[2].value) && isnan(pooled[2].interval.low)); /* its heads are not its case */
        assert_near(pooled[3].value, again(&context, all, SEEDS_HEADS));
        assert_false(isnan(pooled[3].interval.low));
        assert_near(pooled[4].value, again(&context, all, 2));
        assert_true(isnan(pooled[4].interval.low)); /* two heads */
    }
    at_pools_done(&pools);
    at_store_close(store);
    fixture_done();
}

static void filters_choose(void **state)
{
    (void)state;
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_pools pools = load(store, &(struct at_filter){.label = "pair"}, AT_POOL_SEEDS);
    assert_int_equal(pools.count, 1);
    at_pools_done(&pools);
    pools = load(store, &(struct at_filter){.study = "second"}, AT_POOL_SEEDS);
    assert_int_equal(pools.count, 0);
    at_pools_done(&pools);
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_seeds_are_pooled),
        cmocka_unit_test(what_was_looked_at_is_said),
        cmocka_unit_test(heads_of_all_seeds_pool),
        cmocka_unit_test(filters_choose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
