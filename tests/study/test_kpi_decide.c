/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_decide.h"

#include "stats/heads.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { MOST = 400 };

static struct at_kpi_requirement at_most(enum at_kpi_statistic statistic, double bound)
{
    return (struct at_kpi_requirement){.statistic = statistic,
                                       .terms = {{.relation = AT_LESS_EQUAL, .bound = bound}},
                                       .term_count = 1,
                                       .coverage = 0.95,
                                       .confidence = 0.95};
}

static struct at_kpi_finding decide(struct at_kpi_requirement r, const struct at_kpi_item *items, size_t count, bool whole)
{
    struct at_kpi_finding f;
    struct at_error error = {""};
    if (at_kpi_decide(&r, items, count, whole, &f, &error))
        fail_msg("%s", error.message);
    return f;
}

/* `count` heads, of which the first `missing` are 1 and the others 0. */
static const struct at_kpi_item *heads(size_t count, size_t missing)
{
    static struct at_kpi_item items[MOST];
    for (size_t i = 0; i < count; i++)
        items[i] = at_kpi_item_make(i < missing, 0, NULL, 0, i);
    return items;
}

static void quotients(void **state)
{
    (void)state;
    const double base = 0.1, zero = 0, nan = NAN, inf = INFINITY;
    struct at_kpi_item i = at_kpi_item_make(0.3, 0, NULL, 0, 4);
    assert_true(i.value == 0.3 && i.low == 0.3 && i.high == 0.3 && i.unit == 4);
    i = at_kpi_item_make(0.3, 0.1, NULL, 0, 0);
    assert_true(i.low < 0.3 - 0.1 && i.high > 0.3 + 0.1 && i.high - i.low < 0.2 + 1e-15);
    i = at_kpi_item_make(0.2, 0, &base, 0, 0);
    assert_true(i.value == 2 && i.low == 2 && i.high == 2); /* exact */
    i = at_kpi_item_make(1, 0, &(double){3}, 0, 0);
    assert_true(i.high - i.low > 0 && i.high - i.low < 1e-16 && i.low <= i.value && i.value <= i.high);
    i = at_kpi_item_make(0.2, 0.05, &base, 0.05, 0);
    assert_true(i.value == 2 && i.low <= 0.15 / 0.15 && i.low > 0.999 && i.high >= 5 && i.high < 5.001);
    i = at_kpi_item_make(0.2, 0, &base, 0.2, 0);
    assert_true(isinf(i.high) && i.low < 0.7);
    i = at_kpi_item_make(0, 0, &zero, 0, 0);
    assert_true(i.value == 0 && i.low == 0 && i.high == 0); /* as exact as the baseline */
    i = at_kpi_item_make(0.1, 0, &zero, 0, 0);
    assert_true(isinf(i.low) && isinf(i.value));
    /* A baseline that failed is no measure: nothing passes by it. */
    assert_true(isnan(at_kpi_item_make(0.1, 0, &inf, 0, 0).low) && isnan(at_kpi_item_make(0.1, 0, &nan, 0, 0).high));
    assert_true(isnan(at_kpi_item_make(NAN, 0, &base, 0, 0).low) && isnan(at_kpi_item_make(0.1, NAN, NULL, 0, 0).low));
}

/* ORACLES: 59 heads for 95/95; 299 for 95 % confidence of 99 %. */
static void fewest_heads(void **state)
{
    (void)state;
    struct at_kpi_requirement r = at_most(AT_KPI_QUANTILE, 0.5);
    assert_int_equal(decide(r, heads(59, 0), 59, false).verdict, AT_MET);
    struct at_kpi_finding f = decide(r, heads(58, 0), 58, false);
    assert_true(f.verdict == AT_CANNOT_SAY && f.further_met == 1 && f.further_not_met > 1);
    f = decide(r, heads(1, 0), 1, false);
    assert_true(f.verdict == AT_CANNOT_SAY && f.further_met == 58);
    r.coverage = 0.99;
    f = decide(r, heads(10, 0), 10, false);
    assert_true(f.further_met == 289);
    assert_int_equal(decide(r, heads(299, 0), 299, false).verdict, AT_MET);
    assert_int_equal(decide(r, heads(298, 0), 298, false).verdict, AT_CANNOT_SAY);
    assert_int_equal(decide(r, heads(2, 2), 2, false).verdict, AT_NOT_MET);
    assert_int_equal(decide(r, heads(0, 0), 0, false).verdict, AT_CANNOT_SAY);
}

/* What the further heads promise comes true. */
static void promises(void **state)
{
    (void)state;
    struct at_kpi_requirement r = at_most(AT_KPI_QUANTILE, 0.5);
    size_t open = 0;
    for (size_t n = 5; n < 60; n += 7)
        for (size_t k = 0; k < 4; k++) {
            struct at_kpi_finding f = decide(r, heads(n, k), n, false);
            if (f.verdict != AT_CANNOT_SAY)
                continue;
            size_t met = (size_t)f.further_met, not_met = (size_t)f.further_not_met;
            open++;
            assert_int_equal(decide(r, heads(n + met, k), n + met, false).verdict, AT_MET);
            assert_int_equal(decide(r, heads(n + met - 1, k), n + met - 1, false).verdict, AT_CANNOT_SAY);
            assert_int_equal(decide(r, heads(n + not_met, k + not_met), n + not_met, false).verdict, AT_NOT_MET);
            assert_int_equal(decide(r, heads(n + not_met - 1, k + not_met - 1), n + not_met - 1, false).verdict, AT_CANNOT_SAY);
        }
    assert_true(open > 10);
}

static void means(void **state)
{
    (void)state;
    struct at_kpi_item items[MOST];
    for (size_t i = 0; i < 100; i++)
        items[i] = at_kpi_item_make(i % 2 ? 0.4 : 0.6, 1e-9, NULL, 0, i / 2); /* two query heads a unit: its mean is 0.5 + 0.01 u */
    for (size_t i = 0; i < 100; i++)
        items[i].value += 0.01 * (double)(i / 2), items[i].low += 0.01 * (double)(i / 2), items[i].high += 0.01 * (double)(i / 2);
    struct at_kpi_finding f = decide(at_most(AT_KPI_MEAN, 1), items, 100, false);
    assert_true(f.units == 50 && fabs(f.value - 0.745) < 1e-12 && f.verdict == AT_MET);
    assert_true(f.interval.low < f.value && f.interval.high > f.value && f.interval.high - f.interval.low < 0.1);
    assert_int_equal(decide(at_most(AT_KPI_MEAN, 0.6), items, 100, false).verdict, AT_NOT_MET);
    f = decide(at_most(AT_KPI_MEAN, 0.76), items, 100, false);
    assert_true(f.verdict == AT_CANNOT_SAY && f.further_met > 0 && f.further_not_met == 0);
    f = decide(at_most(AT_KPI_MEAN, 0.73), items, 100, false);
    assert_true(f.verdict == AT_CANNOT_SAY && f.further_met == 0 && f.further_not_met > 0);
    f = decide(at_most(AT_KPI_MEAN, 1), items, 20, false); /* 10 units */
    assert_true(f.verdict == AT_CANNOT_SAY && isnan(f.interval.low) && f.further_met == AT_HEADS_FEWEST - 10);
    assert_int_equal(decide(at_most(AT_KPI_MEAN, 1), items, 20, true).verdict, AT_MET);
    items[7].value = items[7].low = items[7].high = NAN;
    assert_int_equal(decide(at_most(AT_KPI_MEAN, 1), items, 100, false).verdict, AT_CANNOT_SAY);
    assert_int_equal(decide(at_most(AT_KPI_MEAN, 1), items, 100, true).verdict, AT_CANNOT_SAY);
    items[7].value = items[7].low = items[7].high = INFINITY;
    assert_int_equal(decide(at_most(AT_KPI_MEAN, 1), items, 100, false).verdict, AT_NOT_MET);
    struct at_kpi_requirement least = at_most(AT_KPI_MEAN, 1);
    least.terms[0].relation = AT_GREATER_EQUAL; /* one head without any error does not carry the others */
    assert_int_equal(decide(least, items, 100, false).verdict, AT_CANNOT_SAY);
}

static void facts(void **state)
{
    (void)state;
    struct at_kpi_requirement r = at_most(AT_KPI_WORST_ROW, 1), both = r;
    struct at_kpi_item items[3] = {{0.5, 0.5, 0.5, 0}, {0.9, 0.8, 1.1, 0}, {0.95, 0.95, 0.95, 1}};
    struct at_kpi_finding f = decide(r, items, 3, false);
    assert_true(f.verdict == AT_CANNOT_SAY && f.worst == 1 && f.units == 2 && f.unknown == 1); /* the radius of a smaller one */
    items[0] = (struct at_kpi_item){2, 2, 2, 0};
    f = decide(r, items, 3, false);
    assert_true(f.verdict == AT_NOT_MET && f.worst == 0 && f.missing == 1);
    items[0] = (struct at_kpi_item){NAN, NAN, NAN, 0};
    items[1] = (struct at_kpi_item){0.1, 0.1, 0.1, 0};
    assert_int_equal(decide(r, items, 3, false).verdict, AT_CANNOT_SAY);
    both.terms[1] = (struct at_requirement){.relation = AT_GREATER_EQUAL, .bound = -1};
    both.term_count = 2;
    items[0] = (struct at_kpi_item){-1.5, -1.5, -1.5, 0};
    f = decide(both, items, 3, false);
    assert_true(f.verdict == AT_NOT_MET && f.worst == 0);
    assert_int_equal(decide(r, items, 3, false).verdict, AT_MET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(quotients), cmocka_unit_test(fewest_heads), cmocka_unit_test(promises),
                                       cmocka_unit_test(means), cmocka_unit_test(facts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
