/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "coverage.h"
#include "trial.h"

#include "stats/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * How often each interval, bound and test is right, in simulations of heads: the table of docs/statistics.md.
 *
 *   test_stats_coverage REPETITIONS [full]
 *
 * With "full" no row has fewer than 1000 repetitions and each claim must hold as it stands; else it must not be refuted.
 */
static size_t repetitions = 100;
static bool full;

static void means(void **unused)
{
    (void)unused;
    assert_int_equal(trial_run(trials_of_means, trials_of_means_count, repetitions, full), 0);
}

static void bounds(void **unused)
{
    (void)unused;
    assert_int_equal(trial_run(trials_of_bounds, trials_of_bounds_count, repetitions, full), 0);
}

static void looks(void **unused)
{
    (void)unused;
    assert_int_equal(trial_run(trials_of_looks, trials_of_looks_count, repetitions, full), 0);
}

static void pairs(void **unused)
{
    (void)unused;
    assert_int_equal(trial_run(trials_of_pairs, trials_of_pairs_count, repetitions, full), 0);
}

static void fits(void **unused)
{
    (void)unused;
    assert_int_equal(trial_run(trials_of_fits, trials_of_fits_count, repetitions, full), 0);
}

static void tails(void **unused)
{
    (void)unused;
    assert_int_equal(trial_run(trials_of_tails, trials_of_tails_count, repetitions, full), 0);
}

/* The figures of docs/metrics.md; 10 000 repetitions: the binomial spread is 0.22 %. */
static void clusters_of_the_metrics_page(void **unused)
{
    (void)unused;
    const size_t clusters[] = {8, 12, 24, 48};
    if (!full)
        skip();
    for (int i = 0; i < 4; i++) {
        struct coverage c = coverage_simulate(clusters[i], 32, 10000, 2000, 7);
        print_message("%2zu clusters x 32: bootstrap %.4f (low %.4f, high %.4f), naive %.4f\n", clusters[i], c.bootstrap, c.below, c.above,
                      c.naive);
        assert_true(c.bootstrap >= 0.93 && c.bootstrap <= 0.97);
        assert_true(c.naive < 0.6);
    }
}

int main(int count, char **arguments)
{
    at_stats_init();
    if (count > 1)
        repetitions = strtoul(arguments[1], NULL, 10);
    full = count > 2 && strcmp(arguments[2], "full") == 0;
    if (full)
        population_sample = 500000;
    printf("| method | heads from | heads | nominal %% | claim | measured %% | +- | refused %% | wrong of all %% | repetitions |\n"
           "| --- | --- | --: | --: | --- | --: | --: | --: | --: | --: |\n");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means), cmocka_unit_test(bounds), cmocka_unit_test(looks),
        cmocka_unit_test(pairs), cmocka_unit_test(fits),   cmocka_unit_test(tails),
        cmocka_unit_test(clusters_of_the_metrics_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
