/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 16 values, k = 4: ln(x_i / t) = 4, 3, 2, 1 above t = 1, S = 10. */
static void figures_by_hand(void **unused)
{
    (void)unused;
    double x[16] = {exp(3), 0, exp(1), 0.5, exp(4), 1, exp(2), 0.25}, bound = 0;
    assert_int_equal(at_stats_tail_bound(x, 16, 3.4, 1.0 / 16, &bound), AT_OK); /* rarity 3.4 * 5 / 17 * 16, to the power 1/4: 2 */
    assert_true(fabs(log(bound) - 10) <= 1e-12);
    assert_int_equal(at_stats_tail_bound(x, 16, 1, 0.5, &bound), AT_OK); /* rarity 1/2: the threshold itself is rarer */
    assert_true(bound == 1);
}

static void refusals(void **unused)
{
    (void)unused;
    double x[16] = {5, 4, 3, 2, 1}, same[16], bound = 7;
    for (int i = 0; i < 16; i++)
        same[i] = 1;
    assert_int_equal(at_stats_tail_bound(x, 15, 1, 0.5, &bound), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_tail_bound(same, 16, 1, 0.5, &bound), AT_ERR_UNDEFINED);
    x[4] = 0;
    assert_int_equal(at_stats_tail_bound(x, 16, 1, 0.5, &bound), AT_ERR_UNDEFINED);
    x[4] = 1;
    x[9] = NAN;
    assert_int_equal(at_stats_tail_bound(x, 16, 1, 0.5, &bound), AT_ERR_UNDEFINED);
    x[9] = INFINITY;
    assert_int_equal(at_stats_tail_bound(x, 16, 1, 0.5, &bound), AT_ERR_UNDEFINED);
    x[9] = -1;
    assert_int_equal(at_stats_tail_bound(x, 16, 1, 0.5, &bound), AT_ERR_UNDEFINED);
    x[9] = 0;
    assert_int_equal(at_stats_tail_bound(x, 16, 0, 0.5, &bound), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_tail_bound(x, 16, 1, 1, &bound), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_tail_bound(x, 16, 1, NAN, &bound), AT_ERR_ARGUMENT);
    assert_true(bound == 7);
}

enum { REPETITIONS = 4000 };

/* Share of repetitions in which the largest of `draws` values exceeds the bound from `count` others; of each repetition its own stream. */
static double exceeded(size_t count, int draws, double level, double (*quantile)(double u))
{
    static double x[1024];
    int64_t hits = 0;
    for (uint64_t r = 0; r < REPETITIONS; r++) {
        struct at_random stream = {1, 7000 + r};
        double bound = 0, largest = 0;
        for (size_t i = 0; i < count; i++)
            x[i] = quantile(at_random_uniform(stream, i));
        for (int i = 0; i < draws; i++)
            largest = fmax(largest, quantile(at_random_uniform(stream, count + (uint64_t)i)));
        assert_int_equal(at_stats_tail_bound(x, count, draws, level, &bound), AT_OK);
        hits += !(largest <= bound);
    }
    return (double)hits / REPETITIONS;
}

static double power(double u)
{
    return pow(u, -0.25);
}

/* ln x exponential above 0, but thinner: |normal| by its logistic approximation would do as well; here 1 + the root of ln(1/u). */
static double thin(double u)
{
    return 1 + sqrt(-log(u));
}

/* Of a power law the rate is the level; of a thinner tail less. Bounds: four standard deviations of the count. */
static void the_rate_is_the_level(void **unused)
{
    (void)unused;
    const double level = 0.05, slack = 4 * sqrt(level * (1 - level) / REPETITIONS);
    const size_t counts[] = {16, 64, 400, 1024};
    for (int i = 0; i < 4; i++) {
        double few = exceeded(counts[i], 2, level, power), many = exceeded(counts[i], 40, level, power);
        assert_true(few <= level + slack && many <= level + slack);
        assert_true(counts[i] < 64 || many >= level - slack - level * level); /* it is no idle bound; 1 - exp(-level) at most */
        assert_true(exceeded(counts[i], 40, level, thin) <= level + slack);
    }
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_by_hand),
        cmocka_unit_test(refusals),
        cmocka_unit_test(the_rate_is_the_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
