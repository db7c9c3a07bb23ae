/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/comparison.h"

#include "tests/reports/fixture.h"
#include "tests/reports/seeds.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct at_comparisons load(struct at_store *store, const char *baseline)
{
    struct at_comparisons c;
    struct at_error error = {""};
    if (at_comparisons_load(store, &(struct at_filter){.variant = "left alone"}, baseline, &c, &error))
        fail_msg("%s", error.message);
    return c;
}

static const struct at_comparison *find(const struct at_comparisons *c, const char *variant)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->pools.rows[c->rows[i].pool].variant, variant) == 0)
            return &c->rows[i];
    fail_msg("no comparison of %s", variant);
    return NULL;
}

/* Errors of "uneven" and "good" are the same on seeds 1 and 2: no pair differs, and there is nothing to test. */
static void pairs_are_of_one_input(void **state)
{
    (void)state;
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_comparisons c = load(store, "good");
    const struct at_comparison *uneven = find(&c, "uneven"), *broken = find(&c, "broken");
    assert_int_equal(uneven->heads, 2 * SEEDS_HEADS);
    assert_int_equal(broken->heads, SEEDS * SEEDS_HEADS);
    assert_true(uneven->ratio.ratio == 1 && isnan(uneven->p) && isnan(uneven->adjusted));
    assert_true(isnan(broken->ratio.ratio) && isnan(broken->p));
    assert_string_equal(broken->why, "a head is exact, or its error not finite");
    for (size_t i = 0; i < c.count; i++)
        assert_string_not_equal(c.pools.rows[c.rows[i].pool].variant, "good");
    at_comparisons_done(&c);
    at_store_close(store);
    fixture_done();
}

/* Half the error on each of 8 heads: of the 2^8 signs two are as far from even. 40 heads have an interval, which holds the ratio. */
static void ratio_and_test_are_those_of_the_heads(void **state)
{
    (void)state;
    double own[40], base[40];
    struct at_comparison c = {.pool = 3};
    for (int i = 0; i < 40; i++) {
        base[i] = 1 + i / 10.0;
        own[i] = base[i] / 2 * (i < 8 ? 1 : 1 + (i % 2 ? 0.05 : -0.05));
    }
    assert_int_equal(at_comparison_of(own, base, 8, &c), AT_OK);
    assert_true(c.pool == 3 && c.heads == 8 && fabs(c.ratio.ratio - 0.5) < 1e-15 && isnan(c.adjusted));
    assert_true(c.p == 2.0 / 256 && c.test.a_smaller == 1.0 / 256);
    assert_non_null(strstr(c.why, "32"));
    assert_int_equal(at_comparison_of(own, base, 40, &c), AT_OK);
    assert_true(!*c.why && c.ratio.interval.low < c.ratio.ratio && c.ratio.ratio < c.ratio.interval.high && c.p < 1e-9);
    assert_int_equal(at_comparison_of(base, own, 8, &c), AT_OK);
    assert_true(fabs(c.ratio.ratio - 2) < 1e-15 && c.test.b_smaller == 1.0 / 256);
}

static void an_unknown_baseline_is_refused(void **state)
{
    (void)state;
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_comparisons c;
    struct at_error error = {""};
    assert_int_equal(at_comparisons_load(store, &(struct at_filter){0}, "goood", &c, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "'goood'"));
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_of_one_input),
        cmocka_unit_test(ratio_and_test_are_those_of_the_heads),
        cmocka_unit_test(an_unknown_baseline_is_refused),
    };
    return cmocka_run_group_tests_name("comparison", tests, NULL, NULL);
}
