/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "stats/gev.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* P(X <= x) of the three classical kinds, and the inverse of each. */
static void distribution(void **unused)
{
    (void)unused;
    struct at_gev gumbel = {1, 2, 0}, nearly = {1, 2, 1e-9}, frechet = {1, 2, 0.5}, bounded = {1, 2, -0.5};
    for (double x = -2; x < 6; x += 0.5) {
        double y = (x - 1) / 2;
        assert_true(fabs(at_gev_exponent(&gumbel, x) / exp(-y) - 1) <= 1e-14);
        assert_true(fabs(at_gev_exponent(&nearly, x) / exp(-y) - 1) <= 1e-8);
        double heavy = 1 + y / 2, ended = 1 - y / 2;
        assert_true(heavy > 0 ? fabs(at_gev_exponent(&frechet, x) * heavy * heavy - 1) <= 1e-13 : isinf(at_gev_exponent(&frechet, x)));
        assert_true(ended > 0 ? fabs(at_gev_exponent(&bounded, x) / (ended * ended) - 1) <= 1e-13 : at_gev_exponent(&bounded, x) == 0);
    }
    assert_true(isinf(at_gev_exponent(&frechet, -3)) && at_gev_exponent(&bounded, 5) == 0);
    const struct at_gev all[] = {gumbel, nearly, frechet, bounded};
    for (int i = 0; i < 4; i++)
        for (double t = 1e-9; t < 20; t *= 7)
            assert_true(fabs(at_gev_exponent(&all[i], at_gev_inverse(&all[i], t)) / t - 1) <= 1e-11);
}

enum { COUNT = 400 };

static double log_likelihood(const double *value, struct at_gev g)
{
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
        double t = at_gev_exponent(&g, value[i]);
        sum += -log(g.scale) + (1 + g.shape) * log(t) - t;
    }
    return sum;
}

/* No neighbour is likelier, by the density written out; and what is held fixed stays. */
static void is_a_maximum(void **unused)
{
    (void)unused;
    double value[COUNT];
    const struct at_gev truth = {0.2, 0.8, -0.15}, start = {0, 1, 0};
    for (int i = 0; i < COUNT; i++)
        value[i] = at_gev_inverse(&truth, -log(at_random_uniform((struct at_random){5, 5}, (uint64_t)i)));
    struct at_gev best, held;
    double most, less;
    assert_int_equal(at_gev_maximise(value, COUNT, AT_GEV_FREE, 0, 0, &start, &best, &most), AT_OK);
    assert_true(fabs(most - log_likelihood(value, best)) <= 1e-9 * fabs(most));
    assert_true(most > log_likelihood(value, truth));
    for (int d = 0; d < 27; d++) {
        struct at_gev near = {best.location + 0.003 * (d % 3 - 1), best.scale + 0.003 * (d / 3 % 3 - 1), best.shape + 0.003 * (d / 9 - 1)};
        assert_true(log_likelihood(value, near) <= most + 1e-6);
    }
    assert_true(fabs(best.shape - truth.shape) <= 4 / sqrt(COUNT) && fabs(best.scale / truth.scale - 1) <= 4 / sqrt(COUNT));
    assert_int_equal(at_gev_maximise(value, COUNT, AT_GEV_SHAPE, 0.1, 0, &start, &held, &less), AT_OK);
    assert_true(held.shape == 0.1 && less < most && fabs(less - log_likelihood(value, held)) <= 1e-9 * fabs(less));
    double level = at_gev_inverse(&best, 0.001);
    assert_int_equal(at_gev_maximise(value, COUNT, AT_GEV_QUANTILE, level, 0.001, &start, &held, &less), AT_OK);
    assert_true(fabs(less - most) <= 1e-6 && fabs(at_gev_inverse(&held, 0.001) - level) <= 1e-12);
    assert_int_equal(at_gev_maximise(value, COUNT, AT_GEV_QUANTILE, level + 1, 0.001, &start, &held, &less), AT_OK);
    assert_true(less < most - 1 && fabs(at_gev_inverse(&held, 0.001) - level - 1) <= 1e-12);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distribution),
        cmocka_unit_test(is_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
