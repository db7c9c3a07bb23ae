/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_share.h"

#include "core/random.h"
#include "stats/exceedance.h"
#include "stats/sequential.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 200 };

static struct at_kpi_requirement requirement(bool any_look, double coverage)
{
    return (struct at_kpi_requirement){.statistic = AT_KPI_QUANTILE,
                                       .terms = {{.relation = AT_LESS_EQUAL, .bound = 0.5}},
                                       .term_count = 1,
                                       .coverage = coverage,
                                       .confidence = 0.95,
                                       .any_look = any_look};
}

static struct at_kpi_finding decide(const struct at_kpi_requirement *r, size_t units, size_t missing, size_t unknown, bool whole)
{
    struct at_kpi_finding f = {.units = units, .missing = missing, .unknown = unknown, .interval = {NAN, NAN}};
    struct at_error error = {""};
    if (at_kpi_decide_share(r, whole, &f, &error))
        fail_msg("%s", error.message);
    return f;
}

/* Each limit is that of the module it comes from; the further heads are told, and come true. */
static void both_kinds(void **state)
{
    (void)state;
    for (int any = 0; any < 2; any++) {
        const struct at_kpi_requirement r = requirement(any, 0.9);
        for (size_t n = 1; n < 60; n += 6)
            for (size_t k = 0; k <= n && k < 12; k += 3) {
                struct at_kpi_finding f = decide(&r, n, k, 0, false);
                struct at_exceedance e;
                struct at_interval i;
                assert_int_equal(at_exceedance_decide((int64_t)k, (int64_t)n, 1 - 0.9, 0.95, &e, NULL), AT_OK);
                assert_int_equal(at_anytime_proportion((int64_t)k, (int64_t)n, 0.95, 1 - 0.9, &i), AT_OK);
                assert_true(f.interval.low == (any ? i.low : e.lower) && f.interval.high == (any ? i.high : e.upper));
                if (f.verdict != AT_CANNOT_SAY) {
                    assert_true(f.further_met == 0 && f.further_not_met == 0);
                    assert_true(f.verdict == AT_MET ? f.interval.high <= 1 - 0.9 : f.interval.low >= 1 - 0.9);
                    continue;
                }
                size_t more = (size_t)f.further_met;
                assert_true(more > 0 && (f.further_not_met > 0) == !any);
                assert_int_equal(decide(&r, n + more, k, 0, false).verdict, AT_MET);
                assert_int_equal(decide(&r, n + more - 1, k, 0, false).verdict, AT_CANNOT_SAY);
            }
    }
}

/* docs/kpi.md, "Looking again": heads of which none misses. */
static void fewest_heads(void **state)
{
    (void)state;
    static const struct {
        double coverage;
        int64_t once, any;
    } rows[] = {{0.9, 29, 40}, {0.95, 59, 81}, {0.99, 299, 410}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct at_kpi_requirement once = requirement(false, rows[i].coverage), any = requirement(true, rows[i].coverage);
        assert_int_equal(decide(&once, 1, 0, 0, false).further_met, rows[i].once - 1);
        assert_int_equal(decide(&any, 1, 0, 0, false).further_met, rows[i].any - 1);
    }
}

/* What cannot be judged counts as missing for met, and as meeting for not met. */
static void unknown_heads(void **state)
{
    (void)state;
    for (int any = 0; any < 2; any++) {
        const struct at_kpi_requirement r = requirement(any, 0.9);
        assert_int_equal(decide(&r, 60, 0, 0, false).verdict, AT_MET);
        struct at_kpi_finding f = decide(&r, 60, 0, 20, false), none = decide(&r, 60, 0, 0, false), all = decide(&r, 60, 20, 0, false);
        assert_true(f.verdict == AT_CANNOT_SAY && f.interval.low == none.interval.low && f.interval.high == all.interval.high);
        assert_int_equal(all.verdict, AT_NOT_MET);
        assert_int_equal(decide(&r, 10, 1, 0, true).verdict, AT_MET);
        assert_int_equal(decide(&r, 10, 1, 1, true).verdict, AT_CANNOT_SAY);
        assert_int_equal(decide(&r, 10, 2, 0, true).verdict, AT_NOT_MET);
    }
}

/* Whether the whole decision, looked at after every `step` heads from the items on, ever gives the wrong verdict. */
static bool ever_wrong(const struct at_kpi_requirement *r, double share, enum at_verdict wrong, struct at_random key, size_t step)
{
    struct at_kpi_item items[MOST];
    for (size_t n = 0; n < MOST; n++) {
        struct at_kpi_finding f;
        double value = at_random_uniform(key, n) < share;
        items[n] = (struct at_kpi_item){value, value, value, n};
        if ((n + 1) % step)
            continue;
        assert_int_equal(at_kpi_decide(r, items, n + 1, false, &f, NULL), AT_OK);
        if (f.verdict == wrong)
            return true;
    }
    return false;
}

static size_t wrongs(bool any_look, double coverage, double share, enum at_verdict wrong, size_t repetitions)
{
    const struct at_kpi_requirement r = requirement(any_look, coverage);
    size_t count = 0;
    for (size_t i = 0; i < repetitions; i++)
        count += ever_wrong(&r, share, wrong, (struct at_random){77, i}, 5);
    return count;
}

/*
 * People who look again until they like the answer. The share is next to the one allowed, on the wrong side of it: with 'any' at most
 * 1 - confidence of them are ever told wrongly, with 'once' far more.
 */
static void peeking(void **state)
{
    (void)state;
    enum { REPETITIONS = 250 };
    const double allowed = 0.05, most = REPETITIONS * allowed + 4 * sqrt(REPETITIONS * allowed * (1 - allowed)); /* 4 deviations */
    const double coverages[] = {0.9, 0.8};
    const enum at_verdict wrong[] = {AT_MET, AT_NOT_MET};
    for (size_t i = 0; i < 2; i++) {
        double share = 1 - coverages[i] + (wrong[i] == AT_MET ? 1e-9 : -1e-9);
        size_t any = wrongs(true, coverages[i], share, wrong[i], REPETITIONS);
        size_t once = wrongs(false, coverages[i], share, wrong[i], REPETITIONS);
        printf("coverage %g, ever wrongly %s of %d: any %zu, once %zu\n", coverages[i], at_verdict_name(wrong[i]), REPETITIONS, any, once);
        assert_true((double)any <= most && (double)once > most);
    }
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_kinds), cmocka_unit_test(fewest_heads), cmocka_unit_test(unknown_heads),
                                       cmocka_unit_test(peeking)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
