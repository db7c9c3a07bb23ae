/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "stats/heads.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HEADS = 64 };

static double mean_of(void *context, const size_t *pick, size_t count)
{
    const double *value = context;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += value[pick[i]];
    return sum / (double)count;
}

static void fill(double spread, double *ret_values)
{
    for (int h = 0; h < HEADS; h++)
        ret_values[h] = exp(spread * at_random_normal((struct at_random){3, 3}, (uint64_t)h));
}

static void is_the_bootstrap(void **unused)
{
    (void)unused;
    double value[HEADS];
    struct at_interval a, b;
    fill(0.3, value);
    assert_int_equal(at_heads_interval(mean_of, value, AT_HEADS_FEWEST, 0.95, 500, 9, &a, NULL), AT_OK);
    assert_int_equal(at_stats_bootstrap(mean_of, value, AT_HEADS_FEWEST, 0.95, 500, 9, &b), AT_OK);
    assert_true(a.low == b.low && a.high == b.high);
}

static void refusals(void **unused)
{
    (void)unused;
    double value[HEADS];
    struct at_interval i = {7, 7};
    struct at_error error;
    fill(0.3, value);
    assert_int_equal(at_heads_interval(mean_of, value, AT_HEADS_FEWEST - 1, 0.95, 500, 9, &i, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "31 heads"));
    assert_non_null(strstr(error.message, "from 32 heads"));
    assert_int_equal(at_heads_interval(mean_of, value, HEADS, 1, 500, 9, &i, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_heads_interval(mean_of, value, HEADS, 0.95, 5, 9, &i, &error), AT_ERR_ARGUMENT);
    value[3] = INFINITY;
    assert_int_equal(at_heads_interval(mean_of, value, HEADS, 0.95, 500, 9, &i, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "not finite"));
    assert_true(i.low == 7 && i.high == 7);
}

/* One head as large as all others together: acceleration near 1/6, which would take (1/6 / 0.05)^2 = 11.1 times the heads. */
static void one_head_holds_the_error(void **unused)
{
    (void)unused;
    double value[HEADS], a;
    struct at_interval i;
    struct at_error error;
    fill(0.1, value);
    value[5] = HEADS;
    assert_int_equal(at_stats_acceleration(mean_of, value, HEADS, &a), AT_OK);
    assert_true(a > 0.16 && a < 1.0 / 6);
    assert_int_equal(at_heads_interval(mean_of, value, HEADS, 0.95, 500, 9, &i, &error), AT_ERR_UNDEFINED);
    const char *needs = strstr(error.message, "needs about ");
    assert_non_null(needs);
    double needed = strtod(needs + strlen("needs about "), NULL);
    assert_true(needed > 10 * HEADS && needed <= 11.2 * HEADS);
    /* by hand for three: leave-one-out means 5/2, 4/2, 3/2 of 1, 2, 3 are symmetric; of 0, 0, 3 the deviations are -0.5, -0.5, 1 */
    assert_int_equal(at_stats_acceleration(mean_of, (double[]){1, 2, 3}, 3, &a), AT_OK);
    assert_true(fabs(a) <= 0x1p-50);
    assert_int_equal(at_stats_acceleration(mean_of, (double[]){0, 0, 3}, 3, &a), AT_OK);
    assert_true(fabs(a - 0.75 / (6 * pow(1.5, 1.5))) <= 1e-15);
    assert_int_equal(at_stats_acceleration(mean_of, (double[]){0, 0}, 2, &a), AT_ERR_UNDEFINED);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_bootstrap),
        cmocka_unit_test(refusals),
        cmocka_unit_test(one_head_holds_the_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
