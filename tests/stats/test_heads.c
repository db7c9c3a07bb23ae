/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "stats/heads.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HEADS = 64, RESAMPLES = 400 };
static const struct at_random stream = {9, 0x68656164}; /* as heads.c draws with seed 9 */

static void fill(double spread, double *ret_values)
{
    for (int h = 0; h < HEADS; h++)
        ret_values[h] = exp(spread * at_random_normal((struct at_random){3, 3}, (uint64_t)h));
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Quotient of the picked heads and its standard error, by the definition. */
static double quotient(const double *top, const double *bottom, const size_t *pick, int n, double *ret_error)
{
    double a = 0, b = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        a += top[pick[i]];
        b += bottom[pick[i]];
    }
    for (int i = 0; i < n; i++)
        squares += pow(top[pick[i]] - a / b * bottom[pick[i]], 2);
    *ret_error = sqrt(squares * n / (n - 1)) / b;
    return a / b;
}

static void by_the_definition(void **unused)
{
    (void)unused;
    double top[HEADS], bottom[HEADS], t[RESAMPLES], error, one;
    size_t pick[HEADS];
    struct at_interval i;
    fill(1, top);
    for (int h = 0; h < HEADS; h++) {
        bottom[h] = 1 + h % 3;
        pick[h] = (size_t)h;
    }
    for (int n = AT_HEADS_FEWEST; n <= HEADS; n += HEADS - AT_HEADS_FEWEST) {
        double whole = quotient(top, bottom, pick, n, &error);
        uint64_t counter = 0;
        for (int b = 0; b < RESAMPLES; b++) {
            size_t drawn[HEADS];
            for (int h = 0; h < n; h++)
                drawn[h] = at_random_bits(stream, counter++) % (size_t)n;
            t[b] = (quotient(top, bottom, drawn, n, &one) - whole) / one;
        }
        qsort(t, RESAMPLES, sizeof *t, ascending);
        double outside = gsl_cdf_ugaussian_P(sqrt(n / (n - 1.0)) * gsl_cdf_tdist_Pinv(0.05, n - 1));
        double place = outside * (RESAMPLES - 1), part = place - floor(place);
        size_t k = (size_t)place;
        double low = (1 - part) * t[k] + part * t[k + 1], high = (1 - part) * t[RESAMPLES - 1 - k] + part * t[RESAMPLES - 2 - k];
        assert_int_equal(at_heads_interval(top, bottom, (size_t)n, 0.9, RESAMPLES, 9, &i, NULL), AT_OK);
        assert_true(fabs(i.low - (whole - high * error)) <= 1e-12 && fabs(i.high - (whole - low * error)) <= 1e-12);
        assert_true(i.low < whole && whole < i.high && i.high - whole > whole - i.low); /* the long tail is above */
    }
}

/* Of heads that differ in their last digits alone; moved and scaled with the values; the other way round with their sign. */
static void moves_with_the_values(void **unused)
{
    (void)unused;
    double value[HEADS], moved[HEADS], ones[HEADS];
    struct at_interval a, b;
    fill(0.3, value);
    for (int h = 0; h < HEADS; h++) {
        moved[h] = -(1024 + 0x1p-20 * value[h]);
        ones[h] = 1;
    }
    assert_int_equal(at_heads_interval(value, NULL, HEADS, 0.95, RESAMPLES, 9, &a, NULL), AT_OK);
    assert_int_equal(at_heads_interval(value, ones, HEADS, 0.95, RESAMPLES, 9, &b, NULL), AT_OK);
    assert_true(a.low == b.low && a.high == b.high);
    assert_int_equal(at_heads_interval(moved, NULL, HEADS, 0.95, RESAMPLES, 9, &b, NULL), AT_OK);
    assert_true(fabs((-1024 - b.high) * 0x1p20 - a.low) <= 1e-5 && fabs((-1024 - b.low) * 0x1p20 - a.high) <= 1e-5);
}

static void a_mean_of_errors_is_not_negative(void **unused)
{
    (void)unused;
    double value[HEADS];
    struct at_interval i, moved;
    fill(2.5, value);
    assert_int_equal(at_heads_interval(value, NULL, AT_HEADS_FEWEST, 0.998, 2000, 9, &i, NULL), AT_OK);
    for (int h = 0; h < HEADS; h++)
        value[h] -= 1e3;
    assert_int_equal(at_heads_interval(value, NULL, AT_HEADS_FEWEST, 0.998, 2000, 9, &moved, NULL), AT_OK);
    assert_true(moved.low + 1e3 < 0 && i.low == 0);
}

static void refusals(void **unused)
{
    (void)unused;
    double value[HEADS];
    struct at_interval i = {7, 7};
    struct at_error error;
    fill(0.3, value);
    assert_int_equal(at_heads_interval(value, NULL, AT_HEADS_FEWEST - 1, 0.95, 500, 9, &i, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "31 heads"));
    assert_non_null(strstr(error.message, "from 32 heads"));
    assert_int_equal(at_heads_interval(value, NULL, HEADS, 1, 500, 9, &i, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_heads_interval(value, NULL, HEADS, 0.95, 5, 9, &i, &error), AT_ERR_ARGUMENT);
    value[3] = INFINITY;
    assert_int_equal(at_heads_interval(value, NULL, HEADS, 0.95, 500, 9, &i, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "not finite"));
    /* one other than all others, which a third of the resamples lack; then none, of a value whose sum is rounded */
    for (int h = 0; h < HEADS; h++)
        value[h] = h == 5 ? 0.2 : 0.1;
    assert_int_equal(at_heads_interval(value, NULL, HEADS, 0.95, 500, 9, &i, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "alike"));
    value[5] = 0.1;
    assert_int_equal(at_heads_interval(value, NULL, HEADS, 0.95, 500, 9, &i, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "alike"));
    assert_true(i.low == 7 && i.high == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_the_definition),
        cmocka_unit_test(moves_with_the_values),
        cmocka_unit_test(a_mean_of_errors_is_not_negative),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
