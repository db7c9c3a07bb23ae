/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/order.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ln(1 - confidence)/ln(coverage), rounded up; and numbers of tables with larger ranks. */
static void wilks(void **unused)
{
    (void)unused;
    const struct {
        double confidence, coverage;
        int64_t rank, heads;
    } row[] = {{0.95, 0.95, 1, 59},    {0.95, 0.99, 1, 299},   {0.99, 0.99, 1, 459},   {0.95, 0.999, 1, 2995}, {0.99, 0.999, 1, 4603},
               {0.95, 0.999, 2, 4742}, {0.95, 0.999, 3, 6294}, {0.95, 0.999, 5, 9151}, {0.95, 0.95, 2, 93}};
    for (int i = 0; i < 9; i++) {
        int64_t heads;
        double reached, before;
        assert_int_equal(at_order_fewest(AT_SIDE_UPPER, row[i].confidence, row[i].coverage, row[i].rank, &heads), AT_OK);
        assert_int_equal(heads, row[i].heads);
        assert_int_equal(at_order_confidence(AT_SIDE_UPPER, heads, row[i].rank, row[i].coverage, &reached), AT_OK);
        assert_int_equal(at_order_confidence(AT_SIDE_UPPER, heads - 1, row[i].rank, row[i].coverage, &before), AT_OK);
        assert_true(before < row[i].confidence && reached >= row[i].confidence);
    }
    int64_t heads;
    assert_int_equal(at_order_fewest(AT_SIDE_BOTH, 0.95, 0.95, 1, &heads), AT_OK);
    assert_int_equal(heads, 93); /* two-sided: as rank 2 */
}

/* Rank 1 has a closed form, which long doubles give to many digits. */
static void rare_events(void **unused)
{
    (void)unused;
    for (double q = 1e-6; q < 0.2; q *= 10) {
        int64_t heads;
        double reached;
        assert_int_equal(at_order_fewest(AT_SIDE_LOWER, 0.95, 1 - q, 1, &heads), AT_OK);
        assert_int_equal(heads, (int64_t)ceill(logl(1 - 0.95L) / log1pl(-(long double)(1 - (1 - q)))));
        assert_int_equal(at_order_confidence(AT_SIDE_LOWER, 1000000, 1, 1 - q, &reached), AT_OK);
        assert_true(fabsl(reached - -expm1l(1000000 * log1pl(-(long double)(1 - (1 - q))))) <= 0x1p-50);
    }
    int64_t heads = 7;
    assert_int_equal(at_order_fewest(AT_SIDE_UPPER, 0.95, 1 - 0x1p-50, 1, &heads), AT_ERR_UNSUPPORTED);
    assert_int_equal(heads, 7);
}

static void ranks(void **unused)
{
    (void)unused;
    const int64_t heads[] = {298, 299, 472, 473, 4742, 1000000};
    for (int i = 0; i < 6; i++)
        for (int side = AT_SIDE_UPPER; side <= AT_SIDE_BOTH; side++) {
            int64_t rank;
            double at = 1, above;
            assert_int_equal(at_order_largest_rank(side, heads[i], 0.95, 0.99, &rank), AT_OK);
            if (rank)
                assert_int_equal(at_order_confidence(side, heads[i], rank, 0.99, &at), AT_OK);
            assert_int_equal(at_order_confidence(side, heads[i], rank + 1, 0.99, &above), AT_OK);
            assert_true(at >= 0.95 && above < 0.95);
            if (side == AT_SIDE_UPPER && i < 4)
                assert_int_equal(rank, i == 0 ? 0 : i < 3 ? 1 : 2);
        }
}

/* 100 values 1 to 100 in turns; 95 % of heads: rank 2 needs 93, rank 3 124. */
static void bounds(void **unused)
{
    (void)unused;
    double value[100];
    struct at_order_bound b;
    struct at_error error;
    for (int i = 0; i < 100; i++)
        value[i] = (i * 37) % 100 + 1;
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_UPPER, 0.95, 0.95, 0, &b, NULL), AT_OK);
    assert_true(b.rank == 2 && b.bound.high == 99 && b.bound.low == -INFINITY && b.heads == 100 && b.attained >= 0.95);
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_UPPER, 0.95, 0.95, 1, &b, NULL), AT_OK);
    assert_true(b.rank == 1 && b.bound.high == 100 && fabs(b.attained - (1 - pow(0.95, 100))) <= 1e-14);
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_LOWER, 0.95, 0.95, 0, &b, NULL), AT_OK);
    assert_true(b.bound.low == 2 && b.bound.high == INFINITY);
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_BOTH, 0.95, 0.95, 0, &b, NULL), AT_OK);
    assert_true(b.rank == 1 && b.bound.low == 1 && b.bound.high == 100);
    assert_int_equal(at_order_bound(value, 45, AT_SIDE_UPPER, 0.95, 0.99, 0, &b, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "45 heads"));
    assert_non_null(strstr(error.message, "needs 299"));
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_UPPER, 0.95, 0.95, 3, &b, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "needs 124"));
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_UPPER, 1, 0.95, 0, &b, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_UPPER, 0.95, NAN, 0, &b, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_UPPER, 0.95, 0.95, -1, &b, &error), AT_ERR_ARGUMENT);
    assert_true(b.rank == 1 && b.bound.low == 1);
    value[3] = NAN; /* the worst at either end: one spends rank 1, rank 2 remains */
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_UPPER, 0.95, 0.95, 1, &b, NULL), AT_OK);
    assert_true(b.bound.high == INFINITY);
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_UPPER, 0.95, 0.95, 2, &b, NULL), AT_OK);
    assert_true(b.bound.high == 100);
    assert_int_equal(at_order_bound(value, 100, AT_SIDE_LOWER, 0.95, 0.95, 1, &b, NULL), AT_OK);
    assert_true(b.bound.low == -INFINITY);
}

/* Table: the median of 10 lies between the 2nd and 9th with 97.85 %, of 20 between the 6th and 15th with 95.86 %. */
static void quantiles(void **unused)
{
    (void)unused;
    double value[20], attained = 7;
    struct at_interval i = {7, 7};
    struct at_error error;
    for (int j = 0; j < 20; j++)
        value[j] = 20 - j;
    assert_int_equal(at_order_quantile(value, 20, 0.5, 0.95, &i, &attained, NULL), AT_OK);
    assert_true(i.low == 6 && i.high == 15 && fabs(attained - 0.95861) <= 5e-6);
    assert_int_equal(at_order_quantile(value + 10, 10, 0.5, 0.95, &i, &attained, NULL), AT_OK);
    assert_true(i.low == 2 && i.high == 9 && fabs(attained - 0.97852) <= 5e-6);
    assert_int_equal(at_order_quantile(value, 20, 0.9, 0.95, &i, &attained, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "needs 36")); /* ln 0.025 / ln 0.9 = 35.01 */
    assert_int_equal(at_order_quantile(value, 20, 0, 0.95, &i, &attained, &error), AT_ERR_ARGUMENT);
    assert_true(i.low == 2 && i.high == 9);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilks),  cmocka_unit_test(rare_events), cmocka_unit_test(ranks),
        cmocka_unit_test(bounds), cmocka_unit_test(quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
