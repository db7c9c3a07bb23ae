/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "stats/tail.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Gumbel: F = exp(-exp(-x)). Three values, term by term from the definition. */
static void by_hand(void **unused)
{
    (void)unused;
    const struct at_gev gumbel = {0, 1, 0};
    const double x[] = {-0.5, 0.3, 2};
    double f[3], sum = 0;
    for (int i = 0; i < 3; i++)
        f[i] = exp(-exp(-x[i]));
    for (int i = 0; i < 3; i++)
        sum += (2 * i + 1) * (log(f[i]) + log(1 - f[2 - i]));
    assert_true(fabs(at_anderson_darling(x, 3, &gumbel) - (-3 - sum / 3)) <= 1e-13);
}

/* Its mean for the true distribution is 1 and its variance 2 (pi^2 - 9)/3 (Anderson and Darling 1954). */
static void mean_is_one(void **unused)
{
    (void)unused;
    enum { SAMPLES = 2000, COUNT = 50 };
    const struct at_gev gev = {3, 2, -0.2};
    double sum = 0;
    for (uint64_t s = 0; s < SAMPLES; s++) {
        double x[COUNT], t = 0; /* exponential spacings give ascending uniforms */
        double gap[COUNT + 1];
        for (int i = 0; i <= COUNT; i++)
            t += gap[i] = -log(at_random_uniform((struct at_random){s, 9}, (uint64_t)i));
        double below = 0;
        for (int i = 0; i < COUNT; i++)
            x[i] = at_gev_inverse(&gev, -log((below += gap[i]) / t));
        sum += at_anderson_darling(x, COUNT, &gev) / SAMPLES;
    }
    assert_true(fabs(sum - 1) <= 4 * sqrt(2 * (M_PI * M_PI - 9) / 3 / SAMPLES));
}

static void outside_the_support(void **unused)
{
    (void)unused;
    const struct at_gev bounded = {0, 1, -0.5}; /* ends at 2 */
    assert_true(!(at_anderson_darling((double[]){0, 1, 2.5}, 3, &bounded) < INFINITY));
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(mean_is_one),
        cmocka_unit_test(outside_the_support),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
