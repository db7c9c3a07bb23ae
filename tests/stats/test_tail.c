/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "stats/tail.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { HEADS = 200 };

static void fill(double shape, uint64_t seed, double *ret_values)
{
    const struct at_gev gev = {10, 3, shape};
    for (int h = 0; h < HEADS; h++)
        ret_values[h] = at_gev_inverse(&gev, -log(at_random_uniform((struct at_random){seed, 1}, (uint64_t)h)));
}

static void fits(void **unused)
{
    (void)unused;
    double value[HEADS];
    struct at_tail tail, scaled;
    fill(-0.1, 1, value);
    assert_int_equal(at_tail_fit(value, HEADS, 0.95, 19, 1, &tail, NULL), AT_OK);
    assert_true(tail.heads == HEADS && tail.shape.low < tail.gev.shape && tail.gev.shape < tail.shape.high);
    assert_true(tail.shape.low < -0.1 && -0.1 < tail.shape.high && tail.shape.high - tail.shape.low < 0.3);
    assert_true(tail.p_value > 0.05 && tail.p_value <= 1);
    assert_int_equal(at_tail_fit(value, HEADS, 0.95, 0, 1, &scaled, NULL), AT_OK);
    assert_true(isnan(scaled.p_value));
    /* errors are of any size: another unit gives the same shape */
    for (int h = 0; h < HEADS; h++)
        value[h] *= 0x1p-40;
    assert_int_equal(at_tail_fit(value, HEADS, 0.95, 19, 1, &scaled, NULL), AT_OK);
    assert_true(scaled.gev.shape == tail.gev.shape && scaled.gev.scale == tail.gev.scale * 0x1p-40);
    assert_true(scaled.shape.low == tail.shape.low && scaled.p_value == tail.p_value);
}

/* Two separate lumps are no extreme value distribution: the least p that 59 draws can give, nearly. */
static void notices_another_distribution(void **unused)
{
    (void)unused;
    double value[HEADS];
    struct at_tail tail;
    for (int h = 0; h < HEADS; h++)
        value[h] = (h % 2 ? 10 : 20) + at_random_normal((struct at_random){2, 2}, (uint64_t)h);
    assert_int_equal(at_tail_fit(value, HEADS, 0.95, 59, 1, &tail, NULL), AT_OK);
    assert_true(tail.p_value <= 2 / 60.0);
}

/* The profile falls by chisq(0.95; 1)/2 = 1.9207 at the ends, seen through at_gev_maximise on the values themselves. */
static void ends_of_the_profile(void **unused)
{
    (void)unused;
    double value[HEADS], most, at_low, at_high;
    struct at_gev best, held;
    struct at_return_level level;
    fill(0.1, 3, value);
    assert_int_equal(at_tail_level(value, HEADS, 1000, 0.95, &level, NULL), AT_OK);
    for (int h = 0; h < HEADS; h++)
        value[h] = (value[h] - 10) / 3;
    const struct at_gev start = {0, 1, 0};
    double exponent = -log1p(-1 / 1000.0);
    assert_int_equal(at_gev_maximise(value, HEADS, AT_GEV_FREE, 0, 0, &start, &best, &most), AT_OK);
    assert_true(fabs(level.value - (10 + 3 * at_gev_inverse(&best, exponent))) <= 1e-3 * level.value);
    assert_int_equal(at_gev_maximise(value, HEADS, AT_GEV_QUANTILE, (level.interval.low - 10) / 3, exponent, &best, &held, &at_low), AT_OK);
    assert_int_equal(at_gev_maximise(value, HEADS, AT_GEV_QUANTILE, (level.interval.high - 10) / 3, exponent, &best, &held, &at_high),
                     AT_OK);
    assert_true(fabs(most - at_low - 1.9207) <= 0.01 && fabs(most - at_high - 1.9207) <= 0.01);
    assert_true(level.interval.low < level.value && level.value < level.interval.high);
}

static void refusals(void **unused)
{
    (void)unused;
    double value[HEADS];
    struct at_tail tail = {.heads = 7};
    struct at_return_level level = {.heads = 7};
    struct at_error error;
    fill(0, 1, value);
    assert_int_equal(at_tail_fit(value, AT_TAIL_FEWEST - 1, 0.95, 19, 1, &tail, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "49 heads; a fit needs 50"));
    assert_int_equal(at_tail_level(value, HEADS, 10 * HEADS + 1, 0.95, &level, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "at most 10 times their number; needs 201"));
    assert_int_equal(at_tail_level(value, HEADS, 10 * HEADS, 0.95, &level, &error), AT_OK);
    level.heads = 7;
    assert_int_equal(at_tail_level(value, HEADS, 1, 0.95, &level, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_tail_level(value, HEADS, 100, 1, &level, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_tail_level(value, HEADS, NAN, 0.95, &level, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_tail_fit(value, HEADS, 0.95, 18, 1, &tail, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "18 draws cannot reject"));
    value[9] = NAN;
    assert_int_equal(at_tail_fit(value, HEADS, 0.95, 19, 1, &tail, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "head 9"));
    for (int h = 0; h < HEADS; h++)
        value[h] = h < 20 ? h : 50;
    assert_int_equal(at_tail_fit(value, HEADS, 0.95, 19, 1, &tail, &error), AT_ERR_UNDEFINED);
    for (int h = 0; h < HEADS; h++) /* density rising to its end: shape -1 */
        value[h] = pow(at_random_uniform((struct at_random){1, 1}, (uint64_t)h), 0.1);
    assert_int_equal(at_tail_fit(value, HEADS, 0.95, 19, 1, &tail, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "shape"));
    assert_true(tail.heads == 7 && level.heads == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits),
        cmocka_unit_test(notices_another_distribution),
        cmocka_unit_test(ends_of_the_profile),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
