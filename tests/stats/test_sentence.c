/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/sentence.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct at_subject subject = {"max error", "normal"};
static char text[AT_SENTENCE_SIZE];

static void order(void **unused)
{
    (void)unused;
    struct at_order_bound b = {AT_SIDE_UPPER, 299, 1, 0.95, 0.99, 0.9505, {-INFINITY, 0.012341}};
    assert_int_equal(at_sentence_order(&b, subject, text), AT_OK);
    assert_string_equal(text, "with 95 % confidence at least 99 % of heads from normal have max error at most 0.0124 (n = 299, r = 1)");
    b.side = AT_SIDE_LOWER;
    b.bound = (struct at_interval){0.012349, INFINITY};
    assert_int_equal(at_sentence_order(&b, subject, text), AT_OK);
    assert_string_equal(text, "with 95 % confidence at least 99 % of heads from normal have max error at least 0.0123 (n = 299, r = 1)");
    b.side = AT_SIDE_BOTH;
    b.bound = (struct at_interval){0.012349, 0.98761};
    assert_int_equal(at_sentence_order(&b, subject, text), AT_OK);
    assert_non_null(strstr(text, "between 0.0123 and 0.988 ("));
    b.bound.high = INFINITY;
    assert_int_equal(at_sentence_order(&b, subject, text), AT_OK);
    assert_string_equal(text, "cannot say: too many heads from normal have no finite max error (n = 299, r = 1)");
    assert_int_equal(at_sentence_too_few(45, 299, text), AT_OK);
    assert_string_equal(text, "cannot say: 45 heads, needs 299");
}

static void exceedances(void **unused)
{
    (void)unused;
    struct at_exceedance e;
    assert_int_equal(at_exceedance_decide(0, 299, 0.01, 0.95, &e, NULL), AT_OK);
    assert_int_equal(at_sentence_exceedance(&e, 0.05, subject, text), AT_OK);
    assert_string_equal(text, "with 95 % confidence at most 1 % of heads from normal have max error above 0.05 (0 of 299)");
    assert_int_equal(at_exceedance_decide(20, 299, 0.01, 0.95, &e, NULL), AT_OK);
    assert_int_equal(at_sentence_exceedance(&e, 0.05, subject, text), AT_OK);
    assert_string_equal(text, "with 95 % confidence more than 1 % of heads from normal have max error above 0.05 (20 of 299)");
    assert_int_equal(at_exceedance_decide(1, 299, 0.01, 0.95, &e, NULL), AT_OK);
    assert_int_equal(at_sentence_exceedance(&e, 0.05, subject, text), AT_OK);
    assert_string_equal(text,
                        "cannot say with 95 % confidence whether at most 1 % of heads from normal have max error above 0.05 (1 of 299); "
                        "174 further heads would decide it if none of them exceeds");
    assert_int_equal(at_exceedance_decide(0, 0, 1e-12, 0.95, &e, NULL), AT_OK);
    assert_int_equal(at_sentence_exceedance(&e, 0.05, subject, text), AT_OK);
    assert_non_null(strstr(text, "(0 of 0); more than 10^9 heads would be needed to decide it"));
}

/* Edges of every side, and two of them. */
static void edges(void **unused)
{
    (void)unused;
    static const struct {
        struct at_beyond beyond;
        const char *says;
    } cases[] = {
        {{.edges = {{AT_ABOVE, 0.1}}, .count = 1}, "have max error above 0.1 (0 of 299)"},
        {{.edges = {{AT_AT_OR_ABOVE, 0.1}}, .count = 1}, "have max error at or above 0.1 (0 of 299)"},
        {{.edges = {{AT_BELOW, -2}, {AT_AT_OR_ABOVE, 0.125}}, .count = 2}, "have max error below -2 or at or above 0.125 (0 of 299)"},
        {{.edges = {{AT_AT_OR_BELOW, 0}}, .count = 1}, "have max error at or below 0 (0 of 299)"},
        {{.edges = {{AT_OTHER_THAN, 0}}, .count = 1}, "have max error other than 0 (0 of 299)"},
    };
    struct at_exceedance e;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(at_exceedance_decide(0, 299, 0.01, 0.95, &e, NULL), AT_OK);
        assert_int_equal(at_sentence_beyond(&e, &cases[i].beyond, subject, text), AT_OK);
        assert_non_null(strstr(text, "with 95 % confidence at most 1 % of heads from normal "));
        assert_non_null(strstr(text, cases[i].says));
        assert_int_equal(at_exceedance_decide(0, 298, 0.01, 0.95, &e, NULL), AT_OK);
        assert_int_equal(at_sentence_beyond(&e, &cases[i].beyond, subject, text), AT_OK);
        assert_non_null(strstr(text, i ? "1 further heads would decide it if none of them is beyond" : "if none of them exceeds"));
    }
}

static void quantiles(void **unused)
{
    (void)unused;
    const struct at_interval interval = {0.012349, 0.98761};
    assert_int_equal(at_sentence_quantile(interval, 0.5, 0.95, 45, subject, text), AT_OK);
    assert_string_equal(text, "with 95 % confidence the median over heads from normal of max error is between 0.0123 and 0.988 (n = 45)");
    assert_int_equal(at_sentence_quantile(interval, 0.9, 0.99, 200, subject, text), AT_OK);
    assert_string_equal(text,
                        "with 99 % confidence the 90 % quantile over heads from normal of max error is between 0.0123 and 0.988 (n = 200)");
    assert_int_equal(at_sentence_quantile((struct at_interval){0.1, INFINITY}, 0.5, 0.95, 45, subject, text), AT_OK);
    assert_string_equal(text, "cannot say: too many heads from normal have no finite max error to bound the median (n = 45)");
    assert_int_equal(at_sentence_quantile((struct at_interval){NAN, 0.1}, 0.5, 0.95, 45, subject, text), AT_OK);
    assert_memory_equal(text, "cannot say: ", 12);
}

static void facts(void **unused)
{
    (void)unused;
    const struct at_subject layer = {"max error", "layer 7"};
    assert_int_equal(at_sentence_fact((struct at_interval){0.012349, 0.98761}, 4, 0, layer, text), AT_OK);
    assert_string_equal(text, "the 4 heads of layer 7 looked at have max error between 0.0123 and 0.988; they are no sample, and this says "
                              "nothing of other heads");
    assert_int_equal(at_sentence_fact((struct at_interval){0.012349, 0.98761}, 4, 1, layer, text), AT_OK);
    assert_string_equal(text,
                        "of the 4 heads of layer 7 looked at 1 have no finite max error; they are no sample, and this says nothing of "
                        "other heads");
    assert_int_equal(at_sentence_refused("12 heads", text), AT_OK);
    assert_string_equal(text, "cannot say: 12 heads");
}

static void looks(void **unused)
{
    (void)unused;
    struct at_interval i = {0.0012345, 0.034561};
    assert_int_equal(at_sentence_anytime(i, 0.95, 3, 300, 0.05, subject, text), AT_OK);
    assert_string_equal(text,
                        "with 95 % confidence, at this and every other look, 0.123 % to 3.46 % of heads from normal have max error above "
                        "0.05 (3 of 300)");
    const struct at_beyond least = {.edges = {{AT_BELOW, 0.9}}, .count = 1}, most = {.edges = {{AT_ABOVE, 0.9}}, .count = 1};
    assert_int_equal(at_sentence_anytime_beyond(i, 0.95, 3, 300, 12, &least, subject, text), AT_OK);
    assert_string_equal(text,
                        "with 95 % confidence, at this and every other look, 0.123 % to 3.46 % of heads from normal have max error below "
                        "0.9 (3 of 300); 12 further heads would decide it if none of them is beyond");
    assert_int_equal(at_sentence_anytime_beyond(i, 0.95, 3, 300, -1, &most, subject, text), AT_OK);
    assert_non_null(strstr(text, "above 0.9 (3 of 300); more than 10^9 heads would be needed to decide it"));
    struct at_sprt t;
    assert_int_equal(at_sprt_start(0.001, 0.01, 0.05, 0.05, &t), AT_OK);
    assert_int_equal(at_sentence_sprt(&t, 0.05, subject, text), AT_OK);
    assert_string_equal(text,
                        "cannot say yet whether at most 0.1 % or at least 1 % of heads from normal have max error above 0.05 (0 of 0); 326 "
                        "further heads would decide it if none of them exceeds");
    while (at_sprt_add(&t, false) == AT_DECISION_OPEN)
        ;
    assert_int_equal(at_sentence_sprt(&t, 0.05, subject, text), AT_OK);
    assert_string_equal(text,
                        "less than 1 % of heads from normal have max error above 0.05 (sequential test, 0 of 326): if at least 1 % had, it "
                        "would say this with a chance of at most 5.27 %");
    t.decision = AT_DECISION_NOT_MET;
    assert_int_equal(at_sentence_sprt(&t, 0.05, subject, text), AT_OK);
    assert_non_null(strstr(text, "more than 0.1 % of heads"));
    assert_non_null(strstr(text, "if at most 0.1 % had"));
}

static void intervals(void **unused)
{
    (void)unused;
    assert_int_equal(at_sentence_interval((struct at_interval){0.12345, 0.23451}, 0.95, 48, subject, text), AT_OK);
    assert_string_equal(
        text,
        "the mean over heads from normal of max error is 0.123 to 0.235 (approximate 95 % interval, studentised bootstrap of 48 heads)");
    assert_int_equal(at_sentence_interval((struct at_interval){NAN, NAN}, 0.95, 48, subject, text), AT_OK);
    assert_non_null(strstr(text, "cannot say"));
    assert_int_equal(at_sentence_samples((struct at_interval){0.12345, 0.23451}, 0.95, false, 48, "sequences", subject, text), AT_OK);
    assert_string_equal(text,
                        "the max error over samples from normal is 0.123 to 0.235 (approximate 95 % interval, bootstrap of 48 sequences)");
    assert_int_equal(at_sentence_samples((struct at_interval){0.1, 0.2}, 0.95, true, 400, "sequences", subject, text), AT_OK);
    assert_non_null(strstr(text, "(95 % interval, order statistics of 400 sequences)"));
    assert_int_equal(at_sentence_samples((struct at_interval){0.1, INFINITY}, 0.95, true, 400, "sequences", subject, text), AT_OK);
    assert_non_null(strstr(text, "cannot say"));
    const struct at_power_law open = {2, 3, {-INFINITY, INFINITY}};
    assert_int_equal(at_sentence_power_law(&open, 0.95, "sigma", 1, 64, subject, text), AT_OK);
    assert_non_null(strstr(text, "cannot say: the exponent"));
    const struct at_power_law law = {2, 3, {1.9512, 2.0451}};
    assert_int_equal(at_sentence_power_law(&law, 0.95, "sigma", 1, 64, subject, text), AT_OK);
    assert_string_equal(
        text, "from sigma = 1 to 64 the max error of heads from normal goes as sigma to the power of 1.95 to 2.05 (approximate 95 "
              "% interval)");
    const struct at_reach reach = {0.2, {0.18912, 0.21123}, {0.15678, 0.25011}};
    assert_int_equal(at_sentence_reach(&reach, 0.95, "sigma", 100, 1, 64, subject, text), AT_OK);
    assert_string_equal(text,
                        "at sigma = 100 the geometric mean of max error over heads from normal is 0.189 to 0.212 if the line fitted from "
                        "1 to 64 goes on, 0.156 to 0.251 if it bends as the heads allow (approximate 95 % intervals); nothing measured "
                        "shows that it goes on");
    assert_int_equal(at_sentence_reach(&reach, 0.95, "sigma", 10, 1, 64, subject, text), AT_OK);
    assert_null(strstr(text, "nothing measured"));
    const struct at_reach endless = {0.2, {0.1, 0.3}, {0, INFINITY}};
    assert_int_equal(at_sentence_reach(&endless, 0.95, "sigma", 100, 1, 64, subject, text), AT_OK);
    assert_non_null(strstr(text, "cannot say"));
}

static void comparisons(void **unused)
{
    (void)unused;
    const struct at_versus versus = {"fp8", "fp16"};
    const struct at_ratio ratio = {30, {29.123, 31.456}};
    assert_int_equal(at_sentence_ratio(&ratio, true, 0.95, 48, versus, subject, text), AT_OK);
    assert_string_equal(text,
                        "over heads from normal the max error of fp8 is 29.1 to 31.5 times that of fp16 (geometric mean of the ratios, "
                        "approximate 95 % interval, studentised bootstrap of 48 heads)");
    const struct at_ratio infinite = {30, {29, INFINITY}};
    assert_int_equal(at_sentence_ratio(&infinite, true, 0.95, 48, versus, subject, text), AT_OK);
    assert_non_null(strstr(text, "cannot say: the ratio"));
    struct at_paired_test t = {24, 0, 0.999, 0.0012, 0.0024, true};
    assert_int_equal(at_sentence_test(&t, AT_TEST_SIGN, 0.024, 10, 0.05, versus, subject, text), AT_OK);
    assert_string_equal(
        text, "fp16 has a smaller max error than fp8 on heads from normal, on more than half of the heads where they differ (sign "
              "test at level 5 %, n = 24, p = 0.024 after Holm over 10 comparisons)");
    assert_int_equal(at_sentence_test(&t, AT_TEST_SIGNED_RANK, 0.0501, 1, 0.05, versus, subject, text), AT_OK);
    assert_string_equal(
        text, "cannot say whether fp8 or fp16 has the smaller max error on heads from normal (signed rank test, n = 24, p = 0.0501)");
    assert_int_equal(at_sentence_test(&t, AT_TEST_PERMUTATION, NAN, 1, 0.05, versus, subject, text), AT_OK);
    assert_non_null(strstr(text, "cannot say"));
}

static void tails(void **unused)
{
    (void)unused;
    struct at_return_level level = {300, 3000, 0.95, 0.5, {0.4012, 0.7034}};
    assert_int_equal(at_sentence_tail(&level, 0.4, 0.05, subject, text), AT_OK);
    assert_string_equal(
        text, "if max error of heads from normal follows an extreme value distribution (not rejected, p = 0.4), one head in 3000 is "
              "above a value between 0.401 and 0.704 (approximate 95 % interval, n = 300)");
    assert_int_equal(at_sentence_tail(&level, 0.05, 0.05, subject, text), AT_OK);
    assert_non_null(strstr(text, "cannot say: that max error of heads from normal follows an extreme value distribution is rejected (p"));
    assert_int_equal(at_sentence_tail(&level, NAN, 0.05, subject, text), AT_OK);
    assert_non_null(strstr(text, "is not tested (p = NaN"));
    level.interval.high = INFINITY;
    assert_int_equal(at_sentence_tail(&level, 0.4, 0.05, subject, text), AT_OK);
    assert_non_null(strstr(text, "cannot say: 300 heads from normal do not bound"));
}

/* A cut sentence could claim something else. */
static void too_long(void **unused)
{
    (void)unused;
    char name[2 * AT_SENTENCE_SIZE];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct at_order_bound b = {AT_SIDE_UPPER, 299, 1, 0.95, 0.99, 0.9505, {-INFINITY, 1}};
    memcpy(text, "kept", 5);
    assert_int_equal(at_sentence_order(&b, (struct at_subject){"error", name}, text), AT_ERR_ARGUMENT);
    assert_string_equal(text, "kept");
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order), cmocka_unit_test(quantiles), cmocka_unit_test(facts), cmocka_unit_test(exceedances),
        cmocka_unit_test(looks), cmocka_unit_test(intervals), cmocka_unit_test(edges), cmocka_unit_test(comparisons),
        cmocka_unit_test(tails), cmocka_unit_test(too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
