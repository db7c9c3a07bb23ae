/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { DIMENSIONS = 7, COUNT = 255 };

/* One of 256 intervals stays empty, that of the point 0 that the sequence leaves out: every axis is a grid, and so is the first pair. */
static void points_fill_every_axis_evenly(void **state)
{
    (void)state;
    static double points[COUNT * DIMENSIONS];
    assert_int_equal(at_stats_sobol(DIMENSIONS, COUNT, 0, points), AT_OK);
    for (int d = 0; d < DIMENSIONS; d++) {
        int seen[256] = {0};
        for (int i = 0; i < COUNT; i++)
            seen[(int)(points[i * DIMENSIONS + d] * 256)]++;
        for (int n = 0; n < 256; n++)
            assert_int_equal(seen[n], n > 0);
    }
    int boxes[16][16] = {{0}};
    for (int i = 0; i < COUNT; i++)
        boxes[(int)(points[i * DIMENSIONS] * 16)][(int)(points[i * DIMENSIONS + 1] * 16)]++;
    for (int x = 0; x < 16; x++)
        for (int y = 0; y < 16; y++)
            assert_int_equal(boxes[x][y], x + y > 0);
}

/* A seed turns the points of an axis by one draw of its own. */
static void a_seed_shifts_each_axis(void **state)
{
    (void)state;
    static double plain[COUNT * 2], shifted[COUNT * 2], again[COUNT * 2], other[COUNT * 2];
    assert_int_equal(at_stats_sobol(2, COUNT, 0, plain), AT_OK);
    assert_int_equal(at_stats_sobol(2, COUNT, 5, shifted), AT_OK);
    assert_int_equal(at_stats_sobol(2, COUNT, 5, again), AT_OK);
    assert_int_equal(at_stats_sobol(2, COUNT, 6, other), AT_OK);
    assert_memory_equal(shifted, again, sizeof again);
    double shift[2] = {0};
    for (int i = 0; i < 2 * COUNT; i++) {
        double difference = shifted[i] - plain[i];
        difference -= floor(difference);
        assert_true(shifted[i] >= 0 && shifted[i] < 1);
        assert_true(shifted[i] != other[i]);
        if (i < 2)
            shift[i] = difference;
        assert_true(fabs(difference - shift[i % 2]) <= 0x1p-51);
    }
    assert_true(shift[0] != shift[1] && shift[0] > 0);
}

static void more_points_begin_with_fewer(void **state)
{
    (void)state;
    static double few[10 * 3], many[20 * 3];
    assert_int_equal(at_stats_sobol(3, 10, 1, few), AT_OK);
    assert_int_equal(at_stats_sobol(3, 20, 1, many), AT_OK);
    assert_memory_equal(few, many, sizeof few);
}

static void refuses_what_gsl_cannot_do(void **state)
{
    (void)state;
    double points[1] = {-7};
    assert_int_equal(at_stats_sobol(0, 1, 0, points), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_sobol(41, 1, 0, points), AT_ERR_ARGUMENT);
    assert_true(points[0] == -7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_fill_every_axis_evenly),
        cmocka_unit_test(a_seed_shifts_each_axis),
        cmocka_unit_test(more_points_begin_with_fewer),
        cmocka_unit_test(refuses_what_gsl_cannot_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
