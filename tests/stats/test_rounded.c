/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "stats/rounded.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void texts(void **unused)
{
    (void)unused;
    char text[AT_ROUNDED_SIZE];
    const struct {
        double value;
        const char *nearest, *up, *down;
    } row[] = {{0, "0", "0", "0"},
               {0.0123449, "0.0123", "0.0124", "0.0123"},
               {2.3651e-5, "2.37e-5", "2.37e-5", "2.36e-5"},
               {-2.3651e-5, "-2.37e-5", "-2.36e-5", "-2.37e-5"},
               {9.999e-5, "0.0001", "0.0001", "9.99e-5"},
               {999.6, "1e3", "1e3", "999"},
               {1234, "1.23e3", "1.24e3", "1.23e3"},
               {0.5, "0.5", "0.5", "0.5"},
               {1e-300, "1e-300", "1e-300", "1e-300"}};
    for (int i = 0; i < 9; i++) {
        assert_string_equal(at_rounded_print(row[i].value, AT_ROUND_NEAREST, text), row[i].nearest);
        assert_string_equal(at_rounded_print(row[i].value, AT_ROUND_UP, text), row[i].up);
        assert_string_equal(at_rounded_print(row[i].value, AT_ROUND_DOWN, text), row[i].down);
    }
    assert_string_equal(at_rounded_print(NAN, AT_ROUND_UP, text), "NaN");
    assert_string_equal(at_rounded_print(-INFINITY, AT_ROUND_UP, text), "-inf");
}

/* Read back, a bound is a bound, and near: one step of the third digit. */
static void bounds_stay_bounds(void **unused)
{
    (void)unused;
    char text[AT_ROUNDED_SIZE];
    for (uint64_t i = 0; i < 200000; i++) {
        double u = at_random_uniform((struct at_random){1, 1}, 2 * i), v = at_random_uniform((struct at_random){1, 1}, 2 * i + 1);
        double value = (i % 2 ? 1 : -1) * exp((u - 0.5) * (i % 3 ? 20 : 1400)) * v;
        double up = strtod(at_rounded_print(value, AT_ROUND_UP, text), NULL);
        double down = strtod(at_rounded_print(value, AT_ROUND_DOWN, text), NULL);
        if (!(up >= value && down <= value && up - down <= 0.02 * fabs(value)))
            fail_msg("%a: %a to %a", value, down, up);
    }
    const double edges[] = {0x1.fffffffffffffp1023, 0x1p-1074, 0x1.fffffffffffffp-1, 0x1.8p-1073};
    for (int i = 0; i < 4; i++) {
        assert_true(strtod(at_rounded_print(edges[i], AT_ROUND_UP, text), NULL) >= edges[i]);
        assert_true(strtod(at_rounded_print(edges[i], AT_ROUND_DOWN, text), NULL) <= edges[i]);
    }
}

static void percents(void **unused)
{
    (void)unused;
    char text[AT_ROUNDED_SIZE];
    assert_string_equal(at_percent_print(0.95, text), "95 %");
    assert_string_equal(at_percent_print(0.999, text), "99.9 %");
    assert_string_equal(at_percent_print(0.07, text), "7 %");
    assert_string_equal(at_percent_print(1 - 1e-6, text), "99.9999 %");
    assert_string_equal(at_percent_print(1, text), "100 %");
    assert_true(strtod(at_percent_print(1 - 0x1p-45, text), NULL) < 100);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(bounds_stay_bounds),
        cmocka_unit_test(percents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
