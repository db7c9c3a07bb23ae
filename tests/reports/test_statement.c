/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/statement.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST = 400 };
static double low[MOST], high[MOST];
static const struct at_subject subject = {"max error", "normal"};
static const struct at_statement_question usual = {.confidence = 0.95};

/* Heads 1 to n in no order, each known to +-radius. */
static struct at_units count_up(size_t heads, double radius)
{
    for (size_t i = 0; i < heads; i++) {
        double value = (double)((7 * i) % heads + 1); /* every number once: no multiple of 7 is used for `heads` */
        low[i] = value - radius;
        high[i] = value + radius;
    }
    return (struct at_units){heads, 0, low, high};
}

static struct at_statement state_with(struct at_units units, enum at_better better, bool sample, struct at_statement_question question)
{
    struct at_statement s;
    struct at_error error = {""};
    for (size_t i = 0; i < units.count; i++)
        units.unknown += isnan(units.low[i]);
    if (at_statement_of(&units, better, sample, &question, subject, &s, &error))
        fail_msg("%s", error.message);
    return s;
}

/* n choose k p^k (1 - p)^(n - k), summed from `least` on: independent of stats/binomial.c. */
static double at_least(int least, int n, double p)
{
    double sum = 0;
    for (int k = least; k <= n; k++)
        sum += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p));
    return sum;
}

/*
 * The share is the largest of the list with 1 - share^n >= confidence; the rank the largest that still has the confidence, so that the
 * bound is the (n + 1 - rank)-th of the numbers from 1 to n.
 */
static void the_bound_is_of_the_largest_share(void **state)
{
    (void)state;
    static const struct {
        size_t heads;
        double share;
    } cases[] = {{5, 0.5}, {10, 0.5}, {11, 0.75}, {29, 0.9}, {58, 0.9}, {59, 0.95}, {298, 0.95}, {299, 0.99}, {400, 0.99}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int n = (int)cases[i].heads, rank = 1;
        double share = cases[i].share;
        struct at_statement s = state_with(count_up(cases[i].heads, 0.25), AT_SMALLER_IS_BETTER, true, usual);
        while (at_least(rank + 1, n, 1 - share) >= 0.95)
            rank++;
        assert_true(s.has_bound && s.share == share && s.bound.rank == rank);
        assert_true(s.bound.bound.high == n + 1 - rank + 0.25);
        assert_true(fabs(s.bound.attained - at_least(rank, n, 1 - share)) < 1e-12 && s.bound.attained >= 0.95);
        assert_true(s.needed <= n);
    }
}

static void too_few_heads_are_told_how_many_it_takes(void **state)
{
    (void)state;
    struct at_statement s = state_with(count_up(45, 0), AT_SMALLER_IS_BETTER, true, (struct at_statement_question){0.95, 0.99, 0});
    assert_false(s.has_bound);
    assert_int_equal(s.needed, 299);
    assert_string_equal(s.said[AT_SAID_BOUND], "cannot say: 45 heads, needs 299");
    assert_true(strstr(s.said[AT_SAID_TAIL], "45 heads; a fit needs 50") && !s.has_tail);
    s = state_with(count_up(4, 0), AT_SMALLER_IS_BETTER, true, usual);
    assert_string_equal(s.said[AT_SAID_BOUND], "cannot say: 4 heads, needs 5");
    assert_non_null(strstr(s.said[AT_SAID_MEDIAN], "needs 6"));
    assert_non_null(strstr(s.said[AT_SAID_MEAN], "32 heads"));
    assert_true(isnan(s.median.low) && isnan(s.mean.low) && isnan(s.median_attained));
    s = state_with(count_up(45, 0), AT_SMALLER_IS_BETTER, true, (struct at_statement_question){0.99, 1 - 1e-12, 0});
    assert_true(s.needed == 0 && strstr(s.said[AT_SAID_BOUND], "more than 10^9"));
}

/* The median of 1 to 100 with 95 %: from the 40th to the 61st (David and Nagaraja's tables); the mean by the normal distribution. */
static void median_and_mean_hold_the_radius(void **state)
{
    (void)state;
    struct at_statement s = state_with(count_up(100, 0.25), AT_SMALLER_IS_BETTER, true, usual);
    double half = 1.96 * 100 / sqrt(12) / sqrt(100);
    assert_true(s.median.low == 40 - 0.25 && s.median.high == 61 + 0.25);
    assert_true(fabs(s.median_attained - (2 * at_least(40, 100, 0.5) - 1)) < 1e-12);
    assert_string_equal(s.said[AT_SAID_MEDIAN],
                        "with 95 % confidence the median over heads from normal of max error is between 39.7 and 61.3 (n = 100)");
    assert_true(fabs(s.mean.low - (50.5 - 0.25 - half)) < 0.1 * half && fabs(s.mean.high - (50.5 + 0.25 + half)) < 0.1 * half);
    assert_non_null(strstr(s.said[AT_SAID_MEAN], "studentised bootstrap of 100 heads"));
    struct at_statement sure = state_with(count_up(100, 0.25), AT_SMALLER_IS_BETTER, true, (struct at_statement_question){0.999, 0, 0});
    assert_true(sure.mean.low < s.mean.low && sure.mean.high > s.mean.high && sure.median.high > s.median.high);
}

/* One of which nothing is known, one infinite: as two heads that exceed everything. */
static void an_unknown_head_is_the_worst(void **state)
{
    (void)state;
    struct at_units units = count_up(100, 0);
    struct at_statement known = state_with(units, AT_SMALLER_IS_BETTER, true, usual);
    low[0] = high[0] = NAN; /* the value 1, the smallest */
    struct at_statement one = state_with(units, AT_SMALLER_IS_BETTER, true, usual);
    assert_true(one.unknown == 1 && one.unbounded == 1 && one.bound.bound.high == known.bound.bound.high + 1);
    assert_true(one.median.low == known.median.low && one.median.high == known.median.high + 1 && isnan(one.mean.low) &&
                isnan(one.range.low));
    assert_non_null(strstr(one.said[AT_SAID_MEAN], "cannot say"));
    assert_non_null(strstr(one.said[AT_SAID_TAIL], "not finite"));
    low[1] = high[1] = INFINITY;
    struct at_statement two = state_with(units, AT_SMALLER_IS_BETTER, true, usual);
    assert_true(two.has_bound && isinf(two.bound.bound.high) && two.unbounded == 2 && two.unknown == 1);
    assert_string_equal(two.said[AT_SAID_BOUND], "cannot say: too many heads from normal have no finite max error (n = 100, r = 2)");
}

/* From below, by the lower ends; a head of which nothing is known is the smallest. */
static void larger_is_better_is_bounded_from_below(void **state)
{
    (void)state;
    struct at_units units = count_up(100, 0.25);
    struct at_statement s = state_with(units, AT_LARGER_IS_BETTER, true, usual);
    assert_true(s.bound.side == AT_SIDE_LOWER && s.bound.rank == 2 && s.bound.bound.low == 2 - 0.25);
    assert_non_null(strstr(s.said[AT_SAID_BOUND], "at least 1.75"));
    assert_false(s.has_tail);
    assert_string_equal(s.said[AT_SAID_TAIL], "cannot say: a tail is fitted to what is larger when it is worse");
    low[3] = high[3] = NAN;
    s = state_with(units, AT_LARGER_IS_BETTER, true, usual);
    assert_true(s.bound.bound.low == 1 - 0.25 && s.unbounded == 1);
}

/* Quantiles of Gumbel's distribution, location 5 and scale 1: one in 1000 is above 5 - ln(-ln 0.999). */
static struct at_units gumbel(size_t heads, double radius)
{
    for (size_t i = 0; i < heads; i++) {
        double value = 5 - log(-log(((double)i + 0.5) / (double)heads));
        low[i] = value - radius;
        high[i] = value + radius;
    }
    return (struct at_units){heads, 0, low, high};
}

static void a_tail_goes_beyond_the_heads(void **state)
{
    (void)state;
    double truth = 5 - log(-log(0.999));
    struct at_statement s = state_with(gumbel(100, 0), AT_SMALLER_IS_BETTER, true, usual);
    assert_true(s.has_tail && s.level.period == 1000 && s.tail.p_value > 0.05);
    assert_true(s.level.interval.low < truth && truth < s.level.interval.high && s.level.interval.high < 3 * truth);
    assert_true(s.level.interval.high > s.range.high && fabs(s.level.value - truth) < 1.5);
    assert_non_null(strstr(s.said[AT_SAID_TAIL], "one head in 1000 is above a value between "));
    struct at_statement wide = state_with(gumbel(100, 0.5), AT_SMALLER_IS_BETTER, true, usual); /* fits move with the ends */
    assert_true(fabs(wide.level.interval.low - (s.level.interval.low - 0.5)) < 0.01);
    assert_true(fabs(wide.level.interval.high - (s.level.interval.high + 0.5)) < 0.01);
    s = state_with(gumbel(100, 0), AT_SMALLER_IS_BETTER, true, (struct at_statement_question){0.95, 0, 1001});
    assert_false(s.has_tail);
    assert_non_null(strstr(s.said[AT_SAID_TAIL], "needs 101"));
}

/* Two clusters far apart are no extreme value distribution: the sentence says so, and no level is left to be read. */
static void a_rejected_model_gives_no_level(void **state)
{
    (void)state;
    struct at_units units = gumbel(100, 0);
    for (size_t i = 0; i < units.count; i++)
        low[i] = high[i] = i < 50 ? 1 + 0.001 * (double)i : 2 + 0.001 * (double)i;
    struct at_statement s = state_with(units, AT_SMALLER_IS_BETTER, true, usual);
    assert_true(!s.has_tail || (s.tail.p_value <= 0.05 && isnan(s.level.interval.low)));
    assert_memory_equal(s.said[AT_SAID_TAIL], "cannot say: ", 12);
}

static void heads_that_are_all_alike_show_no_mean(void **state)
{
    (void)state;
    struct at_units units = count_up(40, 0);
    for (size_t i = 0; i < units.count; i++)
        low[i] = high[i] = 0;
    struct at_statement s = state_with(units, AT_SMALLER_IS_BETTER, true, usual);
    assert_true(isnan(s.mean.low) && strstr(s.said[AT_SAID_MEAN], "alike"));
    assert_true(s.has_bound && s.bound.bound.high == 0); /* as order statistics may say */
}

static void a_capture_is_a_fact(void **state)
{
    (void)state;
    struct at_statement s = state_with(count_up(100, 0.25), AT_SMALLER_IS_BETTER, false, usual);
    assert_false(s.has_bound || s.has_tail);
    assert_true(isnan(s.median.low) && isnan(s.mean.low) && s.range.low == 0.75 && s.range.high == 100.25);
    assert_string_equal(s.fact, "the 100 heads of normal looked at have max error between 0.75 and 101; they are no sample, and this says "
                                "nothing of other heads");
    for (int i = 0; i < AT_SAIDS; i++)
        assert_string_equal(s.said[i], "cannot say: heads of a capture are no sample of others");
    struct at_units none = {0, 0, low, high};
    s = state_with(none, AT_SMALLER_IS_BETTER, true, usual);
    assert_string_equal(s.said[AT_SAID_BOUND], "cannot say: no head was measured");
}

static void mistakes_are_refused(void **state)
{
    (void)state;
    static const struct at_statement_question wrong[] = {{0.4, 0, 0},   {0.9999, 0, 0}, {NAN, 0, 0},     {0.95, 1, 0},
                                                         {0.95, -1, 0}, {0.95, 0, 1},   {0.95, 0, -1000}};
    static char name[AT_STATEMENT_NAMES + 1];
    struct at_units units = count_up(10, 0);
    struct at_statement s;
    struct at_error error;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(at_statement_of(&units, AT_SMALLER_IS_BETTER, true, &wrong[i], subject, &s, &error), AT_ERR_ARGUMENT);
    memset(name, 'x', AT_STATEMENT_NAMES);
    assert_int_equal(at_statement_of(&units, AT_SMALLER_IS_BETTER, true, &usual, (struct at_subject){"y", name}, &s, &error),
                     AT_ERR_ARGUMENT);
    name[AT_STATEMENT_NAMES - 1] = '\0'; /* the longest names of all fit into every sentence */
    units = gumbel(100, 0);
    assert_int_equal(at_statement_of(&units, AT_SMALLER_IS_BETTER, true, &usual, (struct at_subject){"y", name}, &s, &error), AT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bound_is_of_the_largest_share),
        cmocka_unit_test(too_few_heads_are_told_how_many_it_takes),
        cmocka_unit_test(median_and_mean_hold_the_radius),
        cmocka_unit_test(an_unknown_head_is_the_worst),
        cmocka_unit_test(larger_is_better_is_bounded_from_below),
        cmocka_unit_test(a_tail_goes_beyond_the_heads),
        cmocka_unit_test(a_rejected_model_gives_no_level),
        cmocka_unit_test(heads_that_are_all_alike_show_no_mean),
        cmocka_unit_test(a_capture_is_a_fact),
        cmocka_unit_test(mistakes_are_refused),
    };
    at_stats_init();
    return cmocka_run_group_tests_name("statement", tests, NULL, NULL);
}
