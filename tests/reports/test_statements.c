/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/statements.h"

#include "tests/reports/fixture.h"
#include "tests/reports/sampled.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct at_statement_question usual = {.confidence = 0.95};

static struct at_statements load(struct at_store *store, const struct at_filter *filter)
{
    struct at_statements s;
    struct at_error error = {""};
    if (at_statements_load(store, filter, &usual, &s, &error))
        fail_msg("%s", error.message);
    return s;
}

static const struct at_stated *find(const struct at_statements *s, const char *title, const char *variant)
{
    for (size_t i = 0; i < s->pools.count; i++)
        if (strcmp(s->pools.rows[i].variant, variant) == 0 && strcmp(s->pools.rows[i].title, title) == 0)
            return &s->rows[i];
    fail_msg("no statement of %s on %s", variant, title);
    return NULL;
}

/* Of (u + 1)/128, u from 0 to 99: with 95 % confidence 95 % are at most the second largest, the median is from the 40th to the 61st. */
static void known_heads_make_known_sentences(void **state)
{
    (void)state;
    struct at_store *store = sampled_store(fixture_path("t.db"));
    struct at_statements s = load(store, &(struct at_filter){0});
    const struct at_stated *good = find(&s, "many", "good"), *few = find(&s, "few", "good"), *captured = find(&s, "captured", "good");
    const struct at_statement *of = &good->statement;
    assert_int_equal(of->heads, SAMPLED_UNITS);
    assert_true(of->bound.rank == 2 && of->bound.bound.high >= 99 / 128.0 + SAMPLED_RADIUS);
    assert_true(of->bound.bound.high < 99 / 128.0 + 1.001 * SAMPLED_RADIUS);
    assert_true(of->median.low <= 40 / 128.0 - SAMPLED_RADIUS && of->median.low > 39.9 / 128);
    assert_true(of->median.high >= 61 / 128.0 + SAMPLED_RADIUS && of->median.high < 61.1 / 128);
    assert_string_equal(of->said[AT_SAID_BOUND],
                        "with 95 % confidence at least 95 % of heads from normal:sigma=1 (64 keys, d 32, fp16, 16 of 64 query rows) have "
                        "relative RMSE of good (the largest of its 2 query heads) at most 0.774 (n = 100, r = 2)");
    assert_string_equal(few->statement.said[AT_SAID_BOUND], "cannot say: 4 heads, needs 5");
    assert_true(!captured->statement.sample && captured->statement.heads == SAMPLED_KEY_HEADS);
    assert_string_equal(captured->source, "captured (64 keys, d 32, fp16, 16 of 64 query rows)");
    assert_non_null(strstr(captured->statement.fact, "they are no sample"));
    at_statements_done(&s);
    at_store_close(store);
    fixture_done();
}

/* A NaN or a row without a truth moves the bound up by one rank: never down. */
static void what_is_unknown_loosens(void **state)
{
    (void)state;
    struct at_store *store = sampled_store(fixture_path("t.db"));
    struct at_statements s = load(store, &(struct at_filter){.label = "many"});
    const struct at_statement *good = &find(&s, "many", "good")->statement, *blind = &find(&s, "many", "blind")->statement;
    const struct at_statement *broken = &find(&s, "many", "broken")->statement, *tail = &find(&s, "many", "tail")->statement;
    assert_true(blind->unknown == 1 && blind->bound.bound.high > good->bound.bound.high + 0.99 / 128);
    assert_true(broken->unknown == 1 && broken->unbounded == 2 && isinf(broken->bound.bound.high));
    assert_true(tail->has_tail && tail->tail.p_value > 0.05);
    assert_true(tail->level.interval.low < 0x1p-8 * (5 - log(-log(0.999))) && tail->level.interval.high > tail->range.high);
    at_statements_done(&s);
    at_store_close(store);
    fixture_done();
}

static void metric_and_truth_are_named(void **state)
{
    (void)state;
    struct at_store *store = sampled_store(fixture_path("t.db"));
    struct at_statements s =
        load(store, &(struct at_filter){.label = "many", .variant = "good", .metric = "bias", .against = "dequantised"});
    assert_string_equal(s.rows[0].what, "|signed bias| of good (the kernel's part, the largest of its 2 query heads)");
    assert_true(s.rows[0].statement.bound.bound.high < 0.25 * 99 / 128 + 1.001 * SAMPLED_RADIUS);
    at_statements_done(&s);
    s = load(store, &(struct at_filter){.label = "many", .variant = "good", .metric = "cosine_min"});
    assert_string_equal(s.rows[0].what, "cosine of the worst row of good (the smallest of its 2 query heads)");
    assert_true(s.rows[0].statement.bound.bound.low == 1 - 99 / 512.0);
    at_statements_done(&s);
    at_store_close(store);
    fixture_done();
}

static void what_is_not_there_is_refused(void **state)
{
    (void)state;
    struct at_store *store = sampled_store(fixture_path("t.db"));
    struct at_statements s;
    struct at_error error = {""};
    assert_int_equal(at_statements_load(store, &(struct at_filter){.metric = "max_abs"}, &usual, &s, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "show results --metric max_abs"));
    assert_int_equal(at_statements_load(store, &(struct at_filter){.metric = "rel_rms"}, &usual, &s, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "rel_rmse"));
    at_store_close(store);
    store = fixture_empty(fixture_path("empty.db"));
    s = load(store, &(struct at_filter){0});
    assert_int_equal(s.pools.count, 0);
    at_statements_done(&s);
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_heads_make_known_sentences),
        cmocka_unit_test(what_is_unknown_loosens),
        cmocka_unit_test(metric_and_truth_are_named),
        cmocka_unit_test(what_is_not_there_is_refused),
    };
    at_stats_init();
    return cmocka_run_group_tests_name("statements", tests, NULL, NULL);
}
