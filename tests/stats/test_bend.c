/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/bend.h"

#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { POINTS = 7, HEADS = 6 };
static const double x[POINTS] = {1, 2, 4, 8, 16, 32, 64};

/* Head h: factor 1 + h/10, exponent 0.5, after x = 8 `after`; residuals of deviation `noise` that remember `memory` of the one before. */
static void draw(double after, double noise, double memory, uint64_t seed, double ret_y[HEADS * POINTS])
{
    for (int h = 0; h < HEADS; h++) {
        double residual = 0;
        for (int i = 0; i < POINTS; i++) {
            struct at_random key = {seed, (uint64_t)h};
            residual = memory * residual + sqrt(1 - (i ? memory * memory : 0)) * at_random_normal(key, (uint64_t)i);
            double y = pow(x[i], 0.5) * (x[i] > 8 ? pow(x[i] / 8, after - 0.5) : 1);
            ret_y[h * POINTS + i] = (1 + h / 10.0) * y * exp(noise * residual);
        }
    }
}

static void exact_law(void **unused)
{
    (void)unused;
    double y[HEADS * POINTS];
    struct at_bend bend;
    struct at_reach reach;
    struct at_error error = {""};
    draw(0.5, 0, 0, 1, y);
    assert_int_equal(at_power_law_bend(x, POINTS, y, HEADS, &bend), AT_OK);
    assert_true(bend.p_value == 1 && bend.factor - 1 <= 1e-13 && fabs(bend.least - 0.5) <= 1e-12 && fabs(bend.most - 0.5) <= 1e-12);
    assert_int_equal(at_power_law_reach(x, POINTS, y, HEADS, 0.95, 256, &reach, &error), AT_OK);
    double mean = 1;
    for (int h = 0; h < HEADS; h++)
        mean *= pow(1 + h / 10.0, 1.0 / HEADS);
    assert_true(fabs(reach.value / (16 * mean) - 1) <= 1e-12);
    assert_true(reach.line.low < reach.value && reach.value < reach.line.high);
    assert_true(reach.bent.low <= reach.line.low && reach.bent.high >= reach.line.high);
    assert_int_equal(at_power_law_bend(x, POINTS, y, 1, &bend), AT_OK);
    assert_true(isnan(bend.p_value));
}

static void a_kink_is_told(void **unused)
{
    (void)unused;
    double y[HEADS * POINTS];
    struct at_bend bend;
    struct at_reach reach;
    struct at_error error = {""};
    draw(1, 0.03, 0, 2, y);
    assert_int_equal(at_power_law_bend(x, POINTS, y, HEADS, &bend), AT_OK);
    assert_true(bend.p_value <= 1e-3 && bend.factor > 1.1 && bend.least < 0.6 && bend.most > 0.9);
    assert_int_equal(at_power_law_reach(x, POINTS, y, HEADS, 0.95, 100, &reach, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "does not hold"));
    draw(1, 0, 0, 2, y); /* all heads bend alike: nothing remains to compare with */
    assert_int_equal(at_power_law_bend(x, POINTS, y, HEADS, &bend), AT_OK);
    assert_true(bend.p_value <= 1e-6);
}

/* Three points, curvatures of heads 1, 2, 3 (u = -1, 0, 1): the t test of their mean with 2 degrees of freedom, by F = t^2. */
static void by_hand(void **unused)
{
    (void)unused;
    const double points[] = {exp(-1), 1, exp(1)};
    double y[9];
    struct at_bend bend;
    for (int h = 0; h < 3; h++)
        for (int i = 0; i < 3; i++)
            y[h * 3 + i] = exp((h + 1) * (i - 1) * (i - 1));
    assert_int_equal(at_power_law_bend(points, 3, y, 3, &bend), AT_OK);
    double t = 2 * sqrt(3); /* two-sided p of t, 2 degrees of freedom: 1 - t / sqrt(2 + t^2) */
    assert_true(fabs(bend.p_value - (1 - t / sqrt(2 + t * t))) <= 1e-12);
    assert_true(fabs(bend.factor - exp(2 * 2 / 3.0)) <= 1e-12 && fabs(bend.least + 2) <= 1e-12 && fabs(bend.most - 2) <= 1e-12);
}

/* Straight heads are rejected in 5 % of samples, never much more often, whether residuals remember or not. */
static void level(void **unused)
{
    (void)unused;
    enum { SAMPLES = 2000 };
    const double memory[] = {0, 0.7};
    for (int m = 0; m < 2; m++) {
        int rejected = 0, held = 0, answered = 0;
        for (uint64_t s = 0; s < SAMPLES; s++) {
            double y[HEADS * POINTS];
            struct at_bend bend;
            struct at_reach reach;
            draw(0.5, 0.1, memory[m], 10 + s, y);
            for (int h = 0; h < HEADS; h++)
                for (int i = 0; i < POINTS; i++)
                    y[h * POINTS + i] /= 1 + h / 10.0; /* the mean of all heads to come is sqrt(x) */
            assert_int_equal(at_power_law_bend(x, POINTS, y, HEADS, &bend), AT_OK);
            rejected += bend.p_value <= AT_BEND_LEVEL;
            if (at_power_law_reach(x, POINTS, y, HEADS, 0.95, 128, &reach, NULL) == AT_OK) {
                answered++;
                held += reach.bent.low <= sqrt(128) && sqrt(128) <= reach.bent.high;
            }
        }
        double most = 0.05 * SAMPLES + 4 * sqrt(0.05 * 0.95 * SAMPLES);
        if (!(rejected <= most) || !(held >= 0.95 * answered - 4 * sqrt(0.05 * 0.95 * answered)) || answered < SAMPLES / 2)
            fail_msg("memory %g: %d of %d rejected, %d of %d answers hold", memory[m], rejected, SAMPLES, held, answered);
        print_message("memory %g: %d of %d rejected, %d of %d answers hold\n", memory[m], rejected, SAMPLES, held, answered);
    }
}

static void limits(void **unused)
{
    (void)unused;
    double y[HEADS * POINTS];
    struct at_reach reach = {.value = 7};
    struct at_error error = {""};
    draw(0.5, 0.01, 0, 3, y);
    assert_int_equal(at_power_law_reach(x, POINTS, y, HEADS, 0.95, 512, &reach, &error), AT_OK); /* half the width of the range */
    assert_int_equal(at_power_law_reach(x, POINTS, y, HEADS, 0.95, 1 / 8.0, &reach, &error), AT_OK);
    reach.value = 7;
    assert_int_equal(at_power_law_reach(x, POINTS, y, HEADS, 0.95, 513, &reach, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "widths of the fitted range"));
    draw(0.5, 0.4, 0, 3, y);
    assert_int_equal(at_power_law_reach(x, POINTS, y, HEADS, 0.95, 512, &reach, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "could have missed"));
    assert_int_equal(at_power_law_reach(x, POINTS, y, 1, 0.95, 100, &reach, &error), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_reach(x, POINTS, y, HEADS, 0.95, -1, &reach, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_power_law_reach(x, POINTS, y, HEADS, 1, 100, &reach, &error), AT_ERR_ARGUMENT);
    assert_true(reach.value == 7);
}

static void refusals(void **unused)
{
    (void)unused;
    const double y[] = {1, 2, 3, 4, 5, 6}, down[] = {1, 4, 2}, equal[] = {1, 1, 2}, zero[] = {1, 0, 3, 1, 2, 3};
    struct at_bend bend = {.p_value = 7};
    assert_int_equal(at_power_law_bend(x, 2, y, 2, &bend), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_bend(down, 3, y, 2, &bend), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_bend(equal, 3, y, 2, &bend), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_bend(x, 3, zero, 2, &bend), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_bend(x, 3, y, 0, &bend), AT_ERR_UNDEFINED);
    assert_true(bend.p_value == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_law), cmocka_unit_test(a_kink_is_told), cmocka_unit_test(by_hand),
        cmocka_unit_test(level),     cmocka_unit_test(limits),         cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
