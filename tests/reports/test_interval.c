/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/interval.h"

#include <math.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { HEADS = 32 }; /* a power of two: a mean over heads is exact; in groups of 2 enough for an interval, in groups of 4 not */

static double error_of[HEADS], truth_of[HEADS];

static int make_heads(void **state)
{
    (void)state;
    for (int h = 0; h < HEADS; h++) {
        error_of[h] = 0.5 + 0.25 * (5 * h % 7);
        truth_of[h] = 3 + 7 * h % 6;
    }
    return 0;
}

/* Relative errors of the heads, and of all of them together. */
static double pool(const double *rmse, double *rel_rmse)
{
    double error2 = 0, truth2 = 0;
    for (int h = 0; h < HEADS; h++) {
        rel_rmse[h] = rmse[h] / truth_of[h];
        error2 += rmse[h] * rmse[h];
        truth2 += truth_of[h] * truth_of[h];
    }
    return sqrt(error2 / truth2);
}

static void it_holds_the_value_and_lies_among_the_heads(void **state)
{
    (void)state;
    struct at_interval got;
    double rel[HEADS], value = pool(error_of, rel), low = INFINITY, high = 0;
    assert_int_equal(at_interval_rel_rmse(error_of, rel, HEADS, 1, value, &got), AT_OK);
    for (int h = 0; h < HEADS; h++) {
        low = fmin(low, rel[h]);
        high = fmax(high, rel[h]);
    }
    assert_true(low <= got.low && got.low < value && value < got.high && got.high <= high);
}

static void it_scales_with_the_error(void **state)
{
    (void)state;
    struct at_interval one, eight;
    double larger[HEADS], rel[HEADS];
    for (int h = 0; h < HEADS; h++)
        larger[h] = 8 * error_of[h];
    double value = pool(error_of, rel);
    assert_int_equal(at_interval_rel_rmse(error_of, rel, HEADS, 1, value, &one), AT_OK);
    value = pool(larger, rel);
    assert_int_equal(at_interval_rel_rmse(larger, rel, HEADS, 1, value, &eight), AT_OK);
    assert_true(eight.low == 8 * one.low && eight.high == 8 * one.high); /* a power of two: bit for bit */
}

static void it_is_refused_where_it_would_mean_nothing(void **state)
{
    (void)state;
    struct at_interval got;
    double rel[HEADS], value = pool(error_of, rel), spoilt[HEADS];
    double few = at_interval_pooled(error_of, rel, AT_INTERVAL_FEWEST), fewer = at_interval_pooled(error_of, rel, AT_INTERVAL_FEWEST - 1);
    assert_int_equal(at_interval_rel_rmse(error_of, rel, AT_INTERVAL_FEWEST, 1, few, &got), AT_OK);
    assert_int_equal(at_interval_rel_rmse(error_of, rel, AT_INTERVAL_FEWEST - 1, 1, fewer, &got), AT_ERR_UNDEFINED);
    assert_int_equal(at_interval_rel_rmse(error_of, rel, HEADS, 1, value * 1.001, &got), AT_ERR_UNDEFINED); /* not these heads' case */
    assert_int_equal(at_interval_rel_rmse(error_of, rel, HEADS, 1, NAN, &got), AT_ERR_UNDEFINED);
    for (int kind = 0; kind < 3; kind++) {
        for (int h = 0; h < HEADS; h++)
            spoilt[h] = rel[h];
        spoilt[3] = kind == 0 ? NAN : kind == 1 ? INFINITY : 0;
        assert_int_equal(at_interval_rel_rmse(error_of, spoilt, HEADS, 1, value, &got), AT_ERR_UNDEFINED);
    }
}

/* The formula once more, in long double. */
static void heads_pool_to_the_error_of_all_outputs(void **state)
{
    (void)state;
    struct at_statistic absolute, relative;
    double rel[HEADS], value = pool(error_of, rel);
    long double error2 = 0;
    for (int h = 0; h < HEADS; h++)
        error2 += (long double)error_of[h] * error_of[h];
    assert_int_equal(at_interval_pool(error_of, NULL, HEADS, 1, &absolute), AT_OK);
    assert_true(absolute.value == (double)sqrtl(error2 / HEADS)); /* few bits: sums are exact, the root rounds once */
    assert_true(absolute.interval.low < absolute.value && absolute.value < absolute.interval.high);
    assert_int_equal(at_interval_pool(error_of, rel, HEADS, 1, &relative), AT_OK);
    assert_true(at_interval_agrees(relative.value, value) && relative.interval.low < value && value < relative.interval.high);
    assert_int_equal(at_interval_pool(error_of, NULL, AT_INTERVAL_FEWEST, 1, &absolute), AT_OK);
    assert_true(absolute.interval.low < absolute.value && absolute.value < absolute.interval.high);
    assert_int_equal(at_interval_pool(error_of, NULL, AT_INTERVAL_FEWEST - 1, 1, &absolute), AT_OK);
    assert_true(absolute.value > 0 && isnan(absolute.interval.low) && isnan(absolute.interval.high));
}

static void heads_that_are_infinite_undefined_or_exact_are_told(void **state)
{
    (void)state;
    const double plain[] = {1, 2, 3}, one_exact[] = {1, 0, 3}, exact[] = {0, 0, 0}, infinite[] = {1, INFINITY, 3},
                 undefined[] = {1, NAN, 3};
    const double lost[] = {INFINITY, NAN, 3};
    assert_true(at_interval_pooled(one_exact, NULL, 3) == sqrt(10.0 / 3));
    assert_true(isnan(at_interval_pooled(one_exact, one_exact, 3))); /* the truth of an exact head is not known */
    assert_true(at_interval_pooled(exact, exact, 3) == 0 && at_interval_pooled(exact, NULL, 3) == 0);
    assert_true(at_interval_pooled(infinite, NULL, 3) == INFINITY && at_interval_pooled(infinite, infinite, 3) == INFINITY);
    assert_true(isnan(at_interval_pooled(undefined, NULL, 3)) && isnan(at_interval_pooled(plain, undefined, 3)));
    assert_true(isnan(at_interval_pooled(lost, NULL, 3)) && isnan(at_interval_pooled(plain, NULL, 0)));
    assert_true(isnan(at_interval_pooled(plain, one_exact, 3))); /* an error above 0 that is 0 of the truth */
    struct at_statistic got;
    double heads[HEADS];
    for (int h = 0; h < HEADS; h++)
        heads[h] = h == 3 ? INFINITY : error_of[h];
    assert_int_equal(at_interval_pool(heads, NULL, HEADS, 1, &got), AT_OK); /* heads enough for an interval */
    assert_true(got.value == INFINITY && isnan(got.interval.low));
}

/* Heads that share K and V count as one: as if each group were one head of their common error and truth. */
static void groups_are_drawn_whole(void **state)
{
    (void)state;
    double rel[HEADS], value = pool(error_of, rel), error[HEADS / 2], of_group[HEADS / 2];
    struct at_statistic grouped, single;
    for (int g = 0; g < HEADS / 2; g++) {
        error[g] = sqrt((error_of[2 * g] * error_of[2 * g] + error_of[2 * g + 1] * error_of[2 * g + 1]) / 2);
        of_group[g] = error[g] / sqrt((truth_of[2 * g] * truth_of[2 * g] + truth_of[2 * g + 1] * truth_of[2 * g + 1]) / 2);
    }
    assert_int_equal(at_interval_pool(error_of, rel, HEADS, 2, &grouped), AT_OK);
    assert_int_equal(at_interval_pool(error, of_group, HEADS / 2, 1, &single), AT_OK);
    assert_true(at_interval_agrees(grouped.value, value) && at_interval_agrees(single.value, value));
    assert_true(at_interval_agrees(grouped.interval.low, single.interval.low) &&
                at_interval_agrees(grouped.interval.high, single.interval.high));
    assert_true(grouped.interval.low < value && value < grouped.interval.high);
    assert_int_equal(at_interval_pool(error_of, rel, HEADS, 4, &grouped), AT_OK); /* 8 groups */
    assert_true(HEADS / 4 < AT_INTERVAL_FEWEST && grouped.value > 0 && isnan(grouped.interval.low));
}

static void agreement_is_to_a_millionth(void **state)
{
    (void)state;
    assert_true(at_interval_agrees(1 + 0.9e-6, 1) && at_interval_agrees(INFINITY, INFINITY) && at_interval_agrees(0, 0));
    assert_false(at_interval_agrees(1 + 1.1e-6, 1) || at_interval_agrees(NAN, 1) || at_interval_agrees(1, NAN) ||
                 at_interval_agrees(NAN, NAN) || at_interval_agrees(1, INFINITY) || at_interval_agrees(INFINITY, 1));
}

/* Twelve clusters in 13 values, then one that is infinite. */
static void clusters_have_that_of_the_bootstrap(void **state)
{
    (void)state;
    const double values[] = {1, 2, 4, 3, 8, 5, 7, 6, 2, 9, 1, 4, 3, INFINITY};
    const size_t of[] = {0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    struct at_clusters c;
    struct at_statistic got;
    struct at_interval wanted;
    assert_int_equal(at_clusters_init(values, of, 13, &c), AT_OK);
    assert_int_equal(c.clusters, AT_INTERVAL_FEWEST);
    assert_int_equal(at_interval_clusters(&c, at_clusters_mean, &got), AT_OK);
    assert_int_equal(at_stats_bootstrap(at_clusters_mean, &c, c.clusters, 0.95, AT_INTERVAL_RESAMPLES, 1, &wanted), AT_OK);
    assert_true(got.value == 55.0 / 13 && got.interval.low == wanted.low && got.interval.high == wanted.high && wanted.low < got.value);
    at_clusters_done(&c);
    assert_int_equal(at_clusters_init(values, of, 12, &c), AT_OK); /* one cluster fewer */
    assert_int_equal(at_interval_clusters(&c, at_clusters_mean, &got), AT_OK);
    assert_true(got.value == 52.0 / 12 && isnan(got.interval.low) && isnan(got.interval.high));
    at_clusters_done(&c);
    assert_int_equal(at_clusters_init(values, of, 14, &c), AT_OK);
    assert_int_equal(at_interval_clusters(&c, at_clusters_mean, &got), AT_OK);
    assert_true(got.value == INFINITY && isnan(got.interval.low));
    at_clusters_done(&c);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_the_value_and_lies_among_the_heads),
        cmocka_unit_test(it_scales_with_the_error),
        cmocka_unit_test(it_is_refused_where_it_would_mean_nothing),
        cmocka_unit_test(heads_pool_to_the_error_of_all_outputs),
        cmocka_unit_test(heads_that_are_infinite_undefined_or_exact_are_told),
        cmocka_unit_test(groups_are_drawn_whole),
        cmocka_unit_test(agreement_is_to_a_millionth),
        cmocka_unit_test(clusters_have_that_of_the_bootstrap),
    };
    return cmocka_run_group_tests(tests, make_heads, NULL);
}
