/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "coverage.h"
#include "stats/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 10 000 repetitions: the binomial spread is 0.22 %. */
static void covers_for_several_counts(void **unused)
{
    (void)unused;
    const size_t clusters[] = {8, 12, 24, 48};
    for (int i = 0; i < 4; i++) {
        struct coverage c = coverage_simulate(clusters[i], 32, 10000, 2000, 7);
        print_message("%2zu clusters x 32: bootstrap %.4f (low %.4f, high %.4f), naive %.4f\n", clusters[i], c.bootstrap, c.below, c.above,
                      c.naive);
        assert_true(c.bootstrap >= 0.93 && c.bootstrap <= 0.97);
        assert_true(c.naive < 0.6);
    }
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers_for_several_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
