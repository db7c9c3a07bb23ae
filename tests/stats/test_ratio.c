/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "stats/heads.h"
#include "stats/paired.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { HEADS = 40 };

static void fill(double *ret_a, double *ret_b)
{
    for (int h = 0; h < HEADS; h++) {
        double size = exp(0.4 * at_random_normal((struct at_random){1, 1}, (uint64_t)h));
        ret_a[h] = 2 * size * exp(0.2 * at_random_normal((struct at_random){1, 2}, (uint64_t)h));
        ret_b[h] = size;
    }
}

static void values(void **unused)
{
    (void)unused;
    double a[HEADS], b[HEADS], log_sum = 0, sum_a = 0, sum_b = 0;
    struct at_ratio g, m, inverse;
    fill(a, b);
    for (int h = 0; h < HEADS; h++) {
        log_sum += log(a[h] / b[h]) / HEADS;
        sum_a += a[h];
        sum_b += b[h];
    }
    assert_int_equal(at_paired_geometric(a, b, HEADS, 0.95, 2000, 4, &g, NULL), AT_OK);
    assert_int_equal(at_paired_means(a, b, HEADS, 0.95, 2000, 4, &m, NULL), AT_OK);
    assert_true(fabs(g.ratio / exp(log_sum) - 1) <= 1e-13 && fabs(m.ratio / (sum_a / sum_b) - 1) <= 1e-13);
    assert_true(g.interval.low < g.ratio && g.ratio < g.interval.high && m.interval.low < m.ratio && m.ratio < m.interval.high);
    /* the common size of a pair, whose spread is twice theirs, does not enter: 4 x 0.2/sqrt(40) wide */
    assert_true(log(g.interval.high / g.interval.low) < 0.2 && log(g.interval.high / g.interval.low) > 0.08);
    /* b over a is the reciprocal, to the noise of the resamples' ends */
    assert_int_equal(at_paired_geometric(b, a, HEADS, 0.95, 2000, 4, &inverse, NULL), AT_OK);
    assert_true(fabs(inverse.ratio * g.ratio - 1) <= 1e-13 && fabs(log(inverse.interval.low * g.interval.high)) <= 0.02);
}

static void refusals(void **unused)
{
    (void)unused;
    double a[HEADS], b[HEADS];
    struct at_ratio r = {7, {7, 7}};
    struct at_error error;
    fill(a, b);
    assert_int_equal(at_paired_geometric(a, b, AT_HEADS_FEWEST - 1, 0.95, 2000, 4, &r, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "31 heads"));
    a[7] = 0;
    assert_int_equal(at_paired_geometric(a, b, HEADS, 0.95, 2000, 4, &r, &error), AT_ERR_UNDEFINED);
    a[7] = NAN;
    assert_int_equal(at_paired_means(a, b, HEADS, 0.95, 2000, 4, &r, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "head 7"));
    for (int h = 0; h < HEADS; h++)
        b[h] = 0;
    a[7] = 1;
    assert_int_equal(at_paired_means(a, b, HEADS, 0.95, 2000, 4, &r, &error), AT_ERR_UNDEFINED);
    assert_true(r.ratio == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
