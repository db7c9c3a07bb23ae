/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/power_law.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void median_of_slopes(void **unused)
{
    (void)unused;
    double x[9], y[9];
    struct at_power_law law;
    for (int i = 0; i < 9; i++) {
        x[i] = exp(i);
        y[i] = exp(0.5 * i);
    }
    y[4] = 1e9; /* one wild point moves least squares, not this */
    assert_int_equal(at_power_law_theil_sen(x, y, 9, 0.95, &law), AT_OK);
    assert_true(fabs(law.exponent - 0.5) <= 1e-13 && fabs(law.factor - 1) <= 1e-12);
    assert_true(law.interval.low <= 0.5 + 1e-13 && law.interval.high >= 0.5 - 1e-13);
}

enum { FEW = 6 };

/* How many of all orders of FEW points have at most d discordant pairs. */
static int orders_with(int d)
{
    int order[FEW], count = 0;
    for (int code = 0; code < 46656; code++) { /* FEW^FEW */
        int discordant = 0, used = 0, rest = code;
        for (int i = 0; i < FEW; i++, rest /= FEW)
            used |= 1 << (order[i] = rest % FEW);
        for (int i = 0; i < FEW; i++)
            for (int j = i + 1; j < FEW; j++)
                discordant += order[i] > order[j];
        count += used == (1 << FEW) - 1 && discordant <= d;
    }
    return count;
}

/* The interval of FEW points is from the j-th smallest slope to the j-th largest, j the largest with P(D <= j - 1) <= tail. */
static void exact_ranks(void **unused)
{
    (void)unused;
    double x[FEW], y[FEW], slope[FEW * (FEW - 1) / 2];
    const double level[] = {0.95, 0.9, 0.5}, wild[] = {0.3, -1, 2.2, 1.9, 5, 3.1};
    int pairs = 0;
    for (int i = 0; i < FEW; i++) {
        x[i] = exp(i);
        y[i] = exp(wild[i]);
        for (int j = 0; j < i; j++) {
            double s = (wild[i] - wild[j]) / (i - j);
            int at = pairs++;
            for (; at > 0 && slope[at - 1] > s; at--)
                slope[at] = slope[at - 1];
            slope[at] = s;
        }
    }
    for (int l = 0; l < 3; l++) {
        struct at_power_law law;
        int j = 0;
        while (orders_with(j) <= 720 * (1 - level[l]) / 2)
            j++;
        assert_true(j > 0);
        assert_int_equal(at_power_law_theil_sen(x, y, FEW, level[l], &law), AT_OK);
        assert_true(fabs(law.interval.low - slope[j - 1]) <= 1e-12 && fabs(law.interval.high - slope[pairs - j]) <= 1e-12);
        assert_true(fabs(law.exponent - slope[7]) <= 1e-12);
    }
    struct at_power_law law = {.exponent = 7};
    assert_int_equal(at_power_law_theil_sen(x, y, FEW, 0.999, &law), AT_ERR_UNDEFINED); /* 1/720 is above its tail */
    assert_true(law.exponent == 7);
}

/* Either side of the switch to the normal distribution the interval is as wide, but for a rank or two. */
static void many_points(void **unused)
{
    (void)unused;
    double x[AT_THEIL_SEN_EXACT + 1], y[AT_THEIL_SEN_EXACT + 1];
    struct at_power_law exact, normal;
    for (int i = 0; i <= AT_THEIL_SEN_EXACT; i++) {
        x[i] = exp(0.1 * i);
        y[i] = pow(x[i], 1.5) * exp(0.5 * sin(37.0 * i));
    }
    assert_int_equal(at_power_law_theil_sen(x, y, AT_THEIL_SEN_EXACT, 0.95, &exact), AT_OK);
    assert_int_equal(at_power_law_theil_sen(x, y, AT_THEIL_SEN_EXACT + 1, 0.95, &normal), AT_OK);
    double wide = exact.interval.high - exact.interval.low;
    assert_true(wide > 0 && fabs((normal.interval.high - normal.interval.low) / wide - 1) <= 0.1);
    assert_true(exact.interval.low < 1.5 && 1.5 < exact.interval.high);
}

static void refusals(void **unused)
{
    (void)unused;
    struct at_power_law law = {.exponent = 7};
    assert_int_equal(at_power_law_theil_sen((double[]){2, 2}, (double[]){1, 3}, 2, 0.5, &law), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_theil_sen((double[]){2}, (double[]){1}, 1, 0.5, &law), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_theil_sen((double[]){2, 3}, (double[]){1, -3}, 2, 0.5, &law), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_theil_sen((double[]){2, 3}, (double[]){1, 3}, 2, 0, &law), AT_ERR_ARGUMENT);
    assert_true(law.exponent == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(median_of_slopes),
        cmocka_unit_test(exact_ranks),
        cmocka_unit_test(many_points),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
