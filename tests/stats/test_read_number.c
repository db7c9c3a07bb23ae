/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/read_number.h"

#include "core/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * Samples of units whose logarithms are normal: one draw for the unit, of the variance by which heads' squared errors were measured to
 * differ, and one for the sample. Mean and quantiles of all samples of that source follow in closed form.
 */
static const double unit_variance = 0.16726, sample_variance = 0.3019;
static const char *const unit[2] = {"sequence", "sequences"};

enum which { MEAN, MEDIAN, Q99, Q999, SHARE, WHICH };
static const char *const names[WHICH] = {"mean", "median", "99 %", "99.9 %", "share"};
static const double deviates[WHICH] = {[MEDIAN] = 0, [Q99] = 2.3263478740408408, [Q999] = 3.0902323061678132}; /* of the normal */
static const double quantiles[WHICH] = {[MEDIAN] = 0.5, [Q99] = 0.99, [Q999] = 0.999};

static double truth_of(enum which which)
{
    double square = log1p(unit_variance) + log1p(sample_variance);
    return which == MEAN ? 1 : which == SHARE ? 0.9 : exp(sqrt(square) * deviates[which] - square / 2);
}

/* Of SHARE 0 or 1: each unit has a chance of its own, 0.8 to 1. */
static double draw(enum which which, struct at_random key, size_t u, size_t i)
{
    double a = log1p(unit_variance), b = log1p(sample_variance);
    uint64_t of_unit = (uint64_t)u << 20, of_sample = of_unit + 1 + i;
    if (which == SHARE)
        return at_random_uniform((struct at_random){key.seed, 2 * key.stream}, of_sample) <
               0.8 + 0.2 * at_random_uniform((struct at_random){key.seed, 2 * key.stream + 1}, of_unit);
    return exp(sqrt(a) * at_random_normal(key, of_unit) - a / 2 + sqrt(b) * at_random_normal(key, of_sample) - b / 2);
}

static struct at_read_number number_of(enum which which, struct at_random key, size_t units, size_t samples)
{
    double *value = malloc(units * samples * sizeof *value);
    size_t *of = malloc(units * samples * sizeof *of);
    struct at_clusters clusters;
    struct at_read_number number;
    assert_true(value && of);
    for (size_t i = 0; i < units * samples; i++) {
        of[i] = i / samples;
        value[i] = draw(which, key, of[i], i % samples);
    }
    assert_int_equal(at_clusters_init(value, of, units * samples, &clusters), AT_OK);
    bool mean = which == MEAN || which == SHARE;
    assert_int_equal(
        mean ? at_read_mean(&clusters, 0.95, unit, &number) : at_read_quantile(&clusters, quantiles[which], 0.95, unit, &number), AT_OK);
    at_clusters_done(&clusters);
    free(value);
    free(of);
    return number;
}

/* Share of the repetitions whose interval, where there is one, holds the truth; and of those without one. */
static double coverage(enum which which, size_t units, size_t samples, size_t repetitions, double *ret_refused)
{
    size_t held = 0, refused = 0;
    for (size_t i = 0; i < repetitions; i++) {
        struct at_read_number n = number_of(which, (struct at_random){31, 1 + i}, units, samples);
        refused += isnan(n.interval.low);
        held += n.interval.low <= truth_of(which) && truth_of(which) <= n.interval.high;
    }
    *ret_refused = (double)refused / (double)repetitions;
    return (double)held / (double)(repetitions - refused);
}

static size_t wanted = 60; /* repetitions */
static bool full;          /* quantiles of the tail too */

/* Nominal 95 %: 93 to 97 of 100, and what as many repetitions may deviate by chance at 4 standard deviations. */
static void intervals_cover(void **state)
{
    (void)state;
    static const struct {
        enum which which;
        size_t units, samples;
        bool in_short;
    } rows[] = {{MEAN, 32, 64, true},   {MEAN, 96, 64, true},  {MEDIAN, 32, 64, true}, {MEDIAN, 96, 64, true},
                {SHARE, 32, 64, true},  {SHARE, 96, 64, true}, {Q99, 400, 64, true},   {Q99, 473, 16, false},
                {Q99, 1600, 16, false}, {Q99, 800, 1, false},  {Q999, 4000, 4, false}, {Q999, 8000, 4, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!full && !rows[i].in_short)
            continue;
        double refused, share = coverage(rows[i].which, rows[i].units, rows[i].samples, wanted, &refused);
        double deviation = sqrt(0.95 * 0.05 / ((double)wanted * (1 - refused)));
        printf("%-7s %3zu units of %3zu: %5.2f %% +- %.2f, %.1f %% without\n", names[rows[i].which], rows[i].units, rows[i].samples,
               100 * share, 100 * deviation, 100 * refused);
        assert_true(refused < 0.5 && share >= 0.93 - 4 * deviation && share <= 0.97 + 4 * deviation);
    }
}

static void assert_why(const struct at_read_number *n, const char *why)
{
    assert_true(isnan(n->interval.low) && isnan(n->interval.high));
    assert_string_equal(n->why, why);
}

static void says_why_there_is_none(void **state)
{
    (void)state;
    struct at_read_number n = number_of(MEAN, (struct at_random){1, 1}, 31, 4);
    assert_why(&n, "31 sequences: an interval takes 32");
    n = number_of(MEDIAN, (struct at_random){1, 1}, 1, 4);
    assert_why(&n, "1 sequence: an interval takes 32");
    n = number_of(Q99, (struct at_random){1, 1}, 367, 2);
    assert_why(&n, "367 sequences: an interval takes 368");
    n = number_of(Q99, (struct at_random){1, 1}, 368, 2);
    assert_true(n.interval.low < n.value && n.value < n.interval.high && !*n.why);
    n = number_of(Q999, (struct at_random){1, 1}, 40, 2);
    assert_why(&n, "40 sequences: an interval takes 3688");
    struct at_clusters clusters;
    double value[80];
    size_t of[80];
    for (size_t i = 0; i < 80; i++) {
        value[i] = 1;
        of[i] = i / 2;
    }
    assert_int_equal(at_clusters_init(value, of, 80, &clusters), AT_OK);
    assert_int_equal(at_read_mean(&clusters, 0.95, unit, &n), AT_OK);
    at_clusters_done(&clusters);
    assert_true(n.value == 1);
    assert_why(&n, "all samples are alike: an interval takes some that differ");
    value[7] = 1e6;
    assert_int_equal(at_clusters_init(value, of, 80, &clusters), AT_OK);
    assert_int_equal(at_read_mean(&clusters, 0.95, unit, &n), AT_OK);
    at_clusters_done(&clusters);
    assert_why(&n, "so many sequences are alike that resamples show nothing of the others");
    value[7] = INFINITY;
    assert_int_equal(at_clusters_init(value, of, 80, &clusters), AT_OK);
    assert_int_equal(at_read_mean(&clusters, 0.95, unit, &n), AT_OK);
    assert_true(n.value == INFINITY);
    assert_why(&n, "it is not finite");
    assert_int_equal(at_read_quantile(&clusters, 0.5, 0.95, unit, &n), AT_OK);
    assert_true(n.value == 1);
    at_clusters_done(&clusters);
    assert_int_equal(at_clusters_init(value, of, 0, &clusters), AT_OK);
    assert_int_equal(at_read_mean(&clusters, 0.95, unit, &n), AT_OK);
    at_clusters_done(&clusters);
    assert_true(isnan(n.value));
    assert_why(&n, "0 sequences: an interval takes 32");
}

/* Four of 80 samples are 0: with such skewness the interval of a mean reaches beyond 1. */
static void a_share_is_not_above_one(void **state)
{
    (void)state;
    struct at_clusters clusters;
    struct at_read_number mean, share;
    double value[80];
    size_t of[80];
    for (size_t i = 0; i < 80; i++) {
        value[i] = i % 20 != 0;
        of[i] = i / 2;
    }
    assert_int_equal(at_clusters_init(value, of, 80, &clusters), AT_OK);
    assert_int_equal(at_read_mean(&clusters, 0.9, unit, &mean), AT_OK);
    assert_int_equal(at_read_share(&clusters, 0.9, unit, &share), AT_OK);
    at_clusters_done(&clusters);
    assert_true(share.value == 0.95 && share.interval.low == mean.interval.low && share.interval.low < 0.95);
    assert_true(share.interval.high == fmin(mean.interval.high, 1) && share.interval.high > 0.95);
}

/* Arguments: repetitions of the simulation, and anything for the quantiles of the tail too. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_why_there_is_none),
        cmocka_unit_test(a_share_is_not_above_one),
        cmocka_unit_test(intervals_cover),
    };
    wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : wanted;
    full = argc > 2;
    return cmocka_run_group_tests_name("read_number", tests, NULL, NULL);
}
