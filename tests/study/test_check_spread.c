/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_spread.h"

#include "core/random.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* A kept tail gives the bound of the values that it was taken from. */
static void a_tail_stands_for_its_values(void **state)
{
    (void)state;
    enum { COUNT = 700, LARGEST = 26 };
    double x[COUNT];
    struct at_random key = {5, 7};
    for (size_t i = 0; i < COUNT; i++)
        x[i] = 1 + pow((double)(at_random_bits(key, i) >> 11) * 0x1p-53, -0.2);
    struct at_check_tail tail = {COUNT, 0, 0};
    double sorted[COUNT];
    memcpy(sorted, x, sizeof x);
    qsort(sorted, COUNT, sizeof *sorted, descending);
    tail.threshold = sorted[LARGEST];
    for (size_t i = 0; i < LARGEST; i++)
        tail.sum += log(sorted[i] / sorted[LARGEST]);
    const double draws[] = {1, 64, 2048}, levels[] = {0.5, 0.1, 0.0003};
    for (int d = 0; d < 3; d++)
        for (int l = 0; l < 3; l++) {
            double wanted;
            assert_int_equal(at_stats_tail_bound(x, COUNT, draws[d], levels[l], &wanted), AT_OK);
            assert_true(fabs(at_check_tail_bound(&tail, draws[d], levels[l]) / wanted - 1) <= 0x1p-40);
        }
}

static struct at_numerics with_p(enum at_format format)
{
    return (struct at_numerics){.p_format = format, .score_format = AT_FP32};
}

/* The bound is that of the worst setting of as many bits, wider for more rows and a smaller level. */
static void the_worst_setting_decides(void **state)
{
    (void)state;
    for (int of = 0; of < AT_CHECK_SPREADS; of++)
        for (int eight = 0; eight < 2; eight++) {
            const struct at_numerics n = with_p(eight ? AT_E4M3 : AT_FP16);
            double largest = 0, bound = at_check_spread_bound((enum at_check_spread_of)of, &n, 128, 100, 0.0005);
            for (size_t i = 0; i < at_check_spread_count; i++)
                if (at_check_spreads[i].eight == eight && !at_check_spreads[i].rounded && at_check_spreads[i].tail[of].threshold >= 1)
                    largest = fmax(largest, at_check_tail_bound(&at_check_spreads[i].tail[of], 100, 0.0005));
            assert_true(bound == largest && bound > 1 && isfinite(bound));
            assert_true(at_check_spread_bound((enum at_check_spread_of)of, &n, 128, 1000, 0.0005) > bound);
            assert_true(at_check_spread_bound((enum at_check_spread_of)of, &n, 128, 100, 0.005) < bound);
        }
}

/* Rounded scores have settings of their own, which widen the bound of whoever declares them. */
static void rounded_scores(void **state)
{
    (void)state;
    struct at_numerics n = with_p(AT_FP16);
    double plain = at_check_spread_bound(AT_CHECK_SPREAD_ROWS, &n, 128, 100, 0.0005);
    n.score_format = AT_FP16;
    assert_true(at_check_spread_bound(AT_CHECK_SPREAD_ROWS, &n, 128, 100, 0.0005) > plain);
    n.p_format = AT_E4M3;
    assert_true(isfinite(at_check_spread_bound(AT_CHECK_SPREAD_ROWS, &n, 128, 100, 0.0005)));
}

/* Heads of fewer rows than were measured have no bound of their own, and nothing has where there is nothing to bound. */
static void where_there_is_no_bound(void **state)
{
    (void)state;
    const struct at_numerics n = with_p(AT_E4M3);
    const int64_t rows = at_check_spread_rows();
    assert_true(isnan(at_check_spread_bound(AT_CHECK_SPREAD_HEADS, &n, rows - 1, 4, 0.001)));
    assert_false(isnan(at_check_spread_bound(AT_CHECK_SPREAD_HEADS, &n, rows, 4, 0.001)));
    assert_false(isnan(at_check_spread_bound(AT_CHECK_SPREAD_ROWS, &n, 1, 4, 0.001)));
    assert_true(isnan(at_check_spread_bound(AT_CHECK_SPREAD_ROWS, &n, 64, 0, 0.001)));
}

/* Each setting is of several hundred rows and of heads that a tail can be told from, and each class of P has many. */
static void settings_are_many(void **state)
{
    (void)state;
    size_t eight = 0;
    for (size_t i = 0; i < at_check_spread_count; i++) {
        const struct at_check_spread *s = &at_check_spreads[i];
        eight += s->eight;
        assert_true(s->tail[AT_CHECK_SPREAD_ROWS].count >= 16 * 16 && s->tail[AT_CHECK_SPREAD_HEADS].count >= 16);
        for (int of = 0; of < AT_CHECK_SPREADS; of++)
            assert_true(s->tail[of].threshold > 0 && s->tail[of].sum > 0 && s->largest[of] > 0);
        for (int of = 0; of < AT_CHECK_SPREADS; of++) { /* what was found lies within the bound, also where it does not count */
            struct at_numerics n = with_p(s->eight ? AT_E4M3 : AT_FP16);
            n.score_format = s->rounded ? AT_FP16 : AT_FP32;
            assert_true(s->largest[of] <= at_check_spread_bound((enum at_check_spread_of)of, &n, s->queries, s->tail[of].count, 0.01));
        }
    }
    assert_true(eight >= 16 && at_check_spread_count - eight >= 16);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tail_stands_for_its_values), cmocka_unit_test(the_worst_setting_decides), cmocka_unit_test(rounded_scores),
        cmocka_unit_test(where_there_is_no_bound),      cmocka_unit_test(settings_are_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
