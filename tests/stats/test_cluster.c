/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/cluster.h"

#include "core/random.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { CLUSTERS = 7, VALUES = 1500, PICKS = 200, RESAMPLES = 2000 }; /* several blocks */
static const double LEVEL = 0.95;

struct sample {
    double value[VALUES];
    size_t cluster[VALUES];
    double p;
};

/* Sizes differ, down to one value; every third value has equals. */
static void draw(struct sample *s)
{
    static const size_t start[CLUSTERS] = {0, 1, 4, 204, 304, 804, 1103};
    const struct at_random key = {7, 1};
    for (size_t i = 0, c = 0; i < VALUES; i++) {
        c += c + 1 < CLUSTERS && i == start[c + 1];
        s->cluster[i] = c;
        s->value[i] = i % 3 ? at_random_uniform(key, i) : (double)(i % 11) / 16;
    }
}

/* All values of the picked clusters beside each other. */
static size_t gather(const struct sample *s, const size_t *pick, size_t count, double *ret_values)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < VALUES; j++)
            if (s->cluster[j] == pick[i])
                ret_values[n++] = s->value[j];
    return n;
}

static double plain_quantile(void *context, const size_t *pick, size_t count)
{
    static double values[CLUSTERS * VALUES];
    const struct sample *s = context;
    double quantile = NAN;
    at_stats_quantile(values, gather(s, pick, count, values), s->p, &quantile);
    return quantile;
}

static double plain_mean(void *context, const size_t *pick, size_t count)
{
    static double values[CLUSTERS * VALUES];
    size_t n = gather(context, pick, count, values);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

static void a_quantile_of_a_resample_is_that_of_its_values(void **state)
{
    (void)state;
    static const double shares[] = {0, 0.001, 0.05, 0.5, 0.95, 0.9999, 1};
    static struct sample s;
    const struct at_random key = {8, 1};
    struct at_clusters c;
    draw(&s);
    assert_int_equal(at_clusters_init(s.value, s.cluster, VALUES, &c), AT_OK);
    assert_int_equal(c.clusters, CLUSTERS);
    for (uint64_t b = 0; b < PICKS; b++) {
        size_t pick[CLUSTERS], count = 1 + b % CLUSTERS;
        for (uint64_t i = 0; i < count; i++)
            pick[i] = at_random_bits(key, b * CLUSTERS + i) % CLUSTERS;
        for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
            s.p = c.p = shares[i];
            assert_true(at_clusters_quantile(&c, pick, count) == plain_quantile(&s, pick, count));
        }
        /* Sums of at most n terms of size 1: each is within n eps of the other's exact sum. */
        double n = (double)(count * VALUES);
        assert_true(fabs(at_clusters_mean(&c, pick, count) - plain_mean(&s, pick, count)) <= 2 * n * 0x1p-53);
    }
    at_clusters_done(&c);
}

struct statistic {
    double value;
    struct at_interval interval;
};

/* The value, and its interval where it is finite and the bootstrap calls it defined. */
static void statistic_of(struct at_clusters *c, at_cluster_statistic *statistic, struct statistic *ret)
{
    *ret = (struct statistic){NAN, {NAN, NAN}};
    assert_int_equal(at_clusters_value(c, statistic, &ret->value), AT_OK);
    if (isfinite(ret->value) && at_stats_bootstrap(statistic, c, c->clusters, LEVEL, RESAMPLES, 1, &ret->interval) != AT_OK)
        ret->interval = (struct at_interval){NAN, NAN};
}

static void an_interval_is_that_of_the_plain_bootstrap(void **state)
{
    (void)state;
    static struct sample s;
    struct at_clusters c;
    struct statistic got;
    struct at_interval wanted;
    const size_t all[CLUSTERS] = {0, 1, 2, 3, 4, 5, 6};
    draw(&s);
    assert_int_equal(at_clusters_init(s.value, s.cluster, VALUES, &c), AT_OK);
    s.p = c.p = 0.95;
    statistic_of(&c, at_clusters_quantile, &got);
    assert_int_equal(at_stats_bootstrap(plain_quantile, &s, CLUSTERS, LEVEL, RESAMPLES, 1, &wanted), AT_OK);
    assert_true(got.value == plain_quantile(&s, all, CLUSTERS));
    assert_true(got.interval.low == wanted.low && got.interval.high == wanted.high && wanted.low < got.value && got.value < wanted.high);
    at_clusters_done(&c);
}

static void undefined_values_are_left_out_and_two_clusters_have_no_interval(void **state)
{
    (void)state;
    const double values[] = {NAN, 1, 3, NAN, 8, NAN};
    const size_t of[] = {0, 0, 0, 1, 2, 3};
    struct at_clusters c;
    struct statistic got;
    assert_int_equal(at_clusters_init(values, of, 6, &c), AT_OK);
    assert_true(c.count == 3 && c.clusters == 2);
    statistic_of(&c, at_clusters_mean, &got);
    assert_true(got.value == 4 && isnan(got.interval.low) && isnan(got.interval.high));
    at_clusters_done(&c);
    assert_int_equal(at_clusters_init(values, of, 1, &c), AT_OK);
    c.p = 0.5;
    statistic_of(&c, at_clusters_quantile, &got);
    assert_true(c.clusters == 0 && isnan(got.value) && isnan(got.interval.low));
    statistic_of(&c, at_clusters_mean, &got);
    assert_true(isnan(got.value));
    at_clusters_done(&c);
}

static void infinite_values_are_not_hidden(void **state)
{
    (void)state;
    double values[] = {1, 2, 3, 4, INFINITY};
    const size_t of[] = {0, 1, 2, 3, 4};
    struct at_clusters c;
    struct statistic mean, median, q95;
    for (int both = 0; both < 2; both++) {
        values[0] = both ? -INFINITY : 1;
        assert_int_equal(at_clusters_init(values, of, 5, &c), AT_OK);
        statistic_of(&c, at_clusters_mean, &mean);
        c.p = 0.5;
        statistic_of(&c, at_clusters_quantile, &median);
        c.p = 0.95;
        statistic_of(&c, at_clusters_quantile, &q95);
        assert_true(both ? isnan(mean.value) : mean.value == INFINITY);
        assert_true(isnan(mean.interval.low));
        assert_true(median.value == 3 && isnan(median.interval.low)); /* some resample's median is infinite */
        assert_true(q95.value == INFINITY && isnan(q95.interval.low));
        at_clusters_done(&c);
    }
}

static double plain(double *values, size_t count, double p)
{
    const size_t of[] = {0, 1, 2, 3, 4}, all[] = {0, 1, 2, 3, 4};
    struct at_clusters c;
    assert_int_equal(at_clusters_init(values, of, count, &c), AT_OK);
    c.p = p;
    double quantile = at_clusters_quantile(&c, all, count);
    at_clusters_done(&c);
    return quantile;
}

static void a_quantile_between_values_needs_both(void **state)
{
    (void)state;
    double upper[] = {1, 2, 3, INFINITY, INFINITY}, ends[] = {-INFINITY, INFINITY};
    assert_true(plain(upper, 5, 0.5) == 3); /* on a value: the next does not matter */
    assert_true(plain(upper, 5, 0.6) == INFINITY && plain(upper, 5, 1) == INFINITY);
    assert_true(plain(ends, 2, 0) == -INFINITY && plain(ends, 2, 1) == INFINITY && isnan(plain(ends, 2, 0.5)));
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quantile_of_a_resample_is_that_of_its_values),
        cmocka_unit_test(an_interval_is_that_of_the_plain_bootstrap),
        cmocka_unit_test(undefined_values_are_left_out_and_two_clusters_have_no_interval),
        cmocka_unit_test(infinite_values_are_not_hidden),
        cmocka_unit_test(a_quantile_between_values_needs_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
