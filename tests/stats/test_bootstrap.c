/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "coverage.h"

#include "core/random.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct data {
    const double *value;
    size_t calls, clusters;
    double undefined_at; /* a resample whose mean is below this is undefined */
    double *record;      /* every value returned, in order; or NULL */
};

static double mean(void *context, const size_t *pick, size_t count)
{
    struct data *data = context;
    double sum = 0;
    data->calls++;
    assert_true(count == data->clusters || count == data->clusters - 1);
    for (size_t i = 0; i < count; i++) {
        assert_true(pick[i] < data->clusters);
        sum += data->value[pick[i]];
    }
    if (data->record)
        data->record[data->calls - 1] = sum / (double)count;
    return sum / (double)count < data->undefined_at ? NAN : sum / (double)count;
}

static double largest(void *context, const size_t *pick, size_t count)
{
    struct data *data = context;
    double most = -INFINITY;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, data->value[pick[i]]);
    return most;
}

static const double twelve[12] = {1.2, 0.7, 2.9, 1.1, 0.4, 1.9, 5.2, 0.8, 1.3, 2.2, 0.9, 1.6};

static void same_seed_same_interval(void **unused)
{
    (void)unused;
    struct data data = {twelve, 0, 12, -1, NULL};
    struct at_interval a, b, c;
    assert_int_equal(at_stats_bootstrap(mean, &data, 12, 0.95, 2000, 5, &a), AT_OK);
    assert_int_equal(data.calls, 1 + 2000 + 12);
    assert_int_equal(at_stats_bootstrap(mean, &data, 12, 0.95, 2000, 5, &b), AT_OK);
    assert_int_equal(at_stats_bootstrap(mean, &data, 12, 0.95, 2000, 6, &c), AT_OK);
    assert_true(a.low == b.low && a.high == b.high);
    assert_true(a.low != c.low || a.high != c.high);
    assert_true(0.4 < a.low && a.low < 20.2 / 12 && 20.2 / 12 < a.high && a.high < 5.2);
    /* skewed to the right: the upper arm is the longer one */
    assert_true(a.high - 20.2 / 12 > 1.2 * (20.2 / 12 - a.low));
    assert_int_equal(at_stats_bootstrap(mean, &data, 12, 0.5, 2000, 5, &b), AT_OK);
    assert_true(a.low < b.low && b.high < a.high);
}

static double normal_below(double x)
{
    return erfc(-x / sqrt(2)) / 2;
}

/*
 * Efron's formula written out for a mean, from the resampled values themselves: the acceleration is sum d^3 / (6 (sum d^2)^(3/2)) of the
 * deviations, 2.200985160082949 is Student's 97.5 % quantile with 11 degrees of freedom.
 */
static void is_the_formula(void **unused)
{
    (void)unused;
    enum { RESAMPLES = 2000 };
    static double record[1 + RESAMPLES + 12];
    struct data data = {twelve, 0, 12, -1, record};
    struct at_interval i;
    assert_int_equal(at_stats_bootstrap(mean, &data, 12, 0.95, RESAMPLES, 9, &i), AT_OK);
    double square = 0, cube = 0, below = 0, whole = 20.2 / 12, spread = 0;
    for (int c = 0; c < 12; c++) {
        square += (twelve[c] - whole) * (twelve[c] - whole);
        cube += (twelve[c] - whole) * (twelve[c] - whole) * (twelve[c] - whole);
    }
    for (int b = 1; b <= RESAMPLES; b++) {
        below += record[b] < record[0] ? 1 : record[b] == record[0] ? 0.5 : 0;
        spread += (record[b] - whole) * (record[b] - whole) / RESAMPLES;
    }
    /* the resamples are what they should be: variance sum d^2 / n^2, to 4 of their own deviations (sqrt(2 / B) relative) */
    assert_true(fabs(spread / (square / 144) - 1) <= 4 * sqrt(2.0 / RESAMPLES));
    double a = cube / (6 * pow(square, 1.5)), z0 = at_normal_quantile(below / RESAMPLES), z = sqrt(12.0 / 11) * 2.200985160082949;
    double low = normal_below(z0 + (z0 - z) / (1 - a * (z0 - z))), high = normal_below(z0 + (z0 + z) / (1 - a * (z0 + z)));
    double low_value, high_value;
    assert_true(fabs(z0) > 0.01 && a > 0.05); /* else neither would be seen */
    assert_int_equal(at_stats_quantile(record + 1, RESAMPLES, low, &low_value), AT_OK);
    assert_int_equal(at_stats_quantile(record + 1, RESAMPLES, high, &high_value), AT_OK);
    assert_true(fabs(i.low - low_value) <= 1e-10 && fabs(i.high - high_value) <= 1e-10);
}

/* Mirrored data give the mirrored interval (to the resamples' noise), and scaled data exactly the scaled one. */
static void follows_the_data(void **unused)
{
    (void)unused;
    double scaled[12], mirrored[12];
    for (int i = 0; i < 12; i++) {
        scaled[i] = 1024 * twelve[i];
        mirrored[i] = -twelve[i];
    }
    struct data plain = {twelve, 0, 12, -INFINITY, NULL}, big = {scaled, 0, 12, -INFINITY, NULL};
    struct data mirror = {mirrored, 0, 12, -INFINITY, NULL};
    struct at_interval a, b, c;
    assert_int_equal(at_stats_bootstrap(mean, &plain, 12, 0.95, 4000, 1, &a), AT_OK);
    assert_int_equal(at_stats_bootstrap(mean, &big, 12, 0.95, 4000, 1, &b), AT_OK);
    assert_int_equal(at_stats_bootstrap(mean, &mirror, 12, 0.95, 4000, 1, &c), AT_OK);
    assert_true(b.low == 1024 * a.low && b.high == 1024 * a.high);
    double noise = 0.1 * (a.high - a.low);
    assert_true(fabs(c.low + a.high) <= noise && fabs(c.high + a.low) <= noise);
}

static void equal_clusters_have_no_width(void **unused)
{
    (void)unused;
    const double equal[4] = {2, 2, 2, 2};
    struct data data = {equal, 0, 4, -1, NULL};
    struct at_interval i;
    assert_int_equal(at_stats_bootstrap(mean, &data, 4, 0.95, 200, 1, &i), AT_OK);
    assert_true(i.low == 2 && i.high == 2);
}

/* Three clusters say little: the interval goes to the ends of what the bootstrap can see. */
static void few_clusters_are_wide(void **unused)
{
    (void)unused;
    const double three[3] = {1, 2, 4};
    struct data data = {three, 0, 3, -1, NULL};
    struct at_interval i;
    assert_int_equal(at_stats_bootstrap(mean, &data, 3, 0.95, 2000, 1, &i), AT_OK);
    assert_true(i.low == 1 && i.high == 4);
    assert_int_equal(at_stats_bootstrap(mean, &data, 3, 0.999, 2000, 1, &i), AT_OK);
    assert_true(i.low == 1 && i.high == 4);
}

static void refusals(void **unused)
{
    (void)unused;
    struct data data = {twelve, 0, 12, -1, NULL}, two = {twelve, 0, 2, -1, NULL};
    struct at_interval i = {7, 7};
    assert_int_equal(at_stats_bootstrap(mean, &two, 2, 0.95, 200, 1, &i), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_bootstrap(mean, &data, 12, 1, 200, 1, &i), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_bootstrap(mean, &data, 12, NAN, 200, 1, &i), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_bootstrap(mean, &data, 12, 0.95, 30, 1, &i), AT_ERR_ARGUMENT);
    data.undefined_at = 100; /* never defined */
    assert_int_equal(at_stats_bootstrap(mean, &data, 12, 0.95, 200, 1, &i), AT_ERR_UNDEFINED);
    data.undefined_at = 1.2; /* undefined on a few resamples: dropping them would bend the interval */
    assert_int_equal(at_stats_bootstrap(mean, &data, 12, 0.95, 2000, 1, &i), AT_ERR_UNDEFINED);
    const double bad[4] = {1, 2, NAN, 3}, infinite[4] = {1, 2, INFINITY, 3};
    struct data nan = {bad, 0, 4, -1, NULL}, inf = {infinite, 0, 4, -1, NULL};
    assert_int_equal(at_stats_bootstrap(mean, &nan, 4, 0.95, 200, 1, &i), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_bootstrap(mean, &inf, 4, 0.95, 200, 1, &i), AT_ERR_UNDEFINED);
    assert_true(i.low == 7 && i.high == 7);
    /* a maximum works, in that it gives what the resamples hold */
    assert_int_equal(at_stats_bootstrap(largest, &data, 12, 0.95, 200, 1, &i), AT_OK);
    assert_true(i.high == 5.2);
}

/*
 * Nominal 95 %. The binomial spread of 2000 repetitions is 0.5 %, so that 93 to 97 % is 95 +- 4 of them. The naive interval misses the
 * clusters' half of the variance: its width is that of 24 x 32 independent elements.
 */
static void covers_as_it_says(void **unused)
{
    (void)unused;
    struct coverage c = coverage_simulate(24, 32, 2000, 1000, 20261);
    print_message("24 clusters x 32: bootstrap %.3f (low %.3f, high %.3f), naive %.3f\n", c.bootstrap, c.below, c.above, c.naive);
    assert_true(c.bootstrap >= 0.93 && c.bootstrap <= 0.97);
    assert_true(c.naive < 0.6);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_interval),
        cmocka_unit_test(is_the_formula),
        cmocka_unit_test(follows_the_data),
        cmocka_unit_test(equal_clusters_have_no_width),
        cmocka_unit_test(few_clusters_are_wide),
        cmocka_unit_test(refusals),
        cmocka_unit_test(covers_as_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
