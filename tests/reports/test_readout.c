/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/readout.h"

#include "tests/reports/fixture.h"
#include "tests/reports/readings.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SAMPLES = READINGS_SEEDS * READINGS_BATCH * READINGS_ROWS };

static struct at_readouts load(struct at_store **ret_store, const struct at_filter *filter)
{
    struct at_readouts r;
    struct at_error error = {""};
    *ret_store = readings_store(fixture_path("t.db"));
    if (at_readouts_load(*ret_store, filter, &r, &error))
        fail_msg("%s", error.message);
    return r;
}

static void done(struct at_readouts *r, struct at_store *store)
{
    at_readouts_done(r);
    at_store_close(store);
    fixture_done();
}

static int ascending(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double type_7(const double *sorted, size_t count, double p)
{
    double place = p * (double)(count - 1);
    size_t below = (size_t)place;
    return below + 1 < count ? sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]) : sorted[below];
}

static const struct at_read_statistics *find(const struct at_readouts *r, const char *title, const char *variant, const char *against)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct at_pool *pool = &r->pools.rows[r->rows[i].pool];
        if (strcmp(pool->title, title) == 0 && strcmp(pool->variant, variant) == 0 && strcmp(r->rows[i].against, against) == 0)
            return &r->rows[i];
    }
    fail_msg("no %s, %s, %s", title, variant, against);
    return NULL;
}

/* Every number by a second way: sorting what was put. */
static void numbers_are_those_of_the_samples(void **state)
{
    (void)state;
    static double kl[SAMPLES];
    struct at_store *store;
    struct at_readouts r = load(&store, &(struct at_filter){0});
    const struct at_read_statistics *s = find(&r, "drawn", "good", "original"), *part = find(&r, "drawn", "good", "dequantised");
    double sum = 0, same = 0;
    size_t n = 0;
    for (uint64_t seed = 1; seed <= READINGS_SEEDS; seed++)
        for (int b = 0; b < READINGS_BATCH; b++)
            for (int row = 0; row < READINGS_ROWS; row++, n++) {
                kl[n] = readings_kl(seed, b, row);
                sum += kl[n];
                same += readings_top(seed, b, row);
            }
    qsort(kl, n, sizeof *kl, ascending);
    assert_true(s->units == READINGS_SEEDS * READINGS_BATCH && s->samples == SAMPLES && s->undefined == 0 && s->open == 0 && !s->heads);
    assert_true(fabs(s->numbers[AT_READ_MEAN].value - sum / SAMPLES) < 0x1p-40 * s->numbers[AT_READ_MEAN].value);
    assert_true(fabs(s->numbers[AT_READ_MEDIAN].value - type_7(kl, n, 0.5)) < 0x1p-40);
    assert_true(fabs(s->numbers[AT_READ_Q99].value - type_7(kl, n, 0.99)) < 0x1p-40);
    assert_true(fabs(s->numbers[AT_READ_Q999].value - type_7(kl, n, 0.999)) < 0x1p-40);
    assert_true(fabs(s->numbers[AT_READ_TOP].value - same / SAMPLES) < 0x1p-40);
    assert_true(s->max == kl[n - 1] && s->max_logit == 10 * s->max && s->max_radius == 0x1p-40 * s->max && s->radius == s->max_radius);
    assert_true(s->max_head == -1 && s->tokens == 1000 && s->width == 256);
    assert_string_equal(s->readout, "model.safetensors:lm_head");
    assert_true(part->max == 0.25 * s->max);
    done(&r, store);
}

/* 40 sequences: the mean and the median have an interval about them, the quantiles of the tail have none. */
static void intervals_only_where_they_may_be(void **state)
{
    (void)state;
    struct at_store *store;
    struct at_readouts r = load(&store, &(struct at_filter){.against = "original"});
    const struct at_read_statistics *s = find(&r, "drawn", "good", "original"), *heads = find(&r, "heads", "good", "original");
    const int with[] = {AT_READ_MEAN, AT_READ_MEDIAN, AT_READ_TOP};
    for (int k = 0; k < 3; k++) {
        const struct at_read_number *n = &s->numbers[with[k]];
        if (!(n->interval.low < n->value && n->value < n->interval.high) || *n->why)
            fail_msg("%d: %g in %g to %g, '%s'", with[k], n->value, n->interval.low, n->interval.high, n->why);
    }
    assert_true(isnan(s->numbers[AT_READ_Q99].interval.low) && isnan(s->numbers[AT_READ_Q999].interval.low));
    assert_string_equal(s->numbers[AT_READ_Q99].why, "40 sequences: an interval takes 368");
    assert_string_equal(s->numbers[AT_READ_Q999].why, "40 sequences: an interval takes 3688");
    assert_true(heads->heads && heads->units == 2 && heads->samples == 4 * READINGS_ROWS);
    assert_int_equal(heads->max_head, 3);
    for (int k = 0; k < AT_READ_NUMBERS; k++) {
        assert_true(isnan(heads->numbers[k].interval.low) && !isnan(heads->numbers[k].value));
        assert_true(strncmp(heads->numbers[k].why, "2 key/value heads: an interval takes ", 37) == 0);
    }
    done(&r, store);
}

/* An infinite sample is the maximum and the mean, undefined ones are counted and left out. */
static void what_is_broken_shows(void **state)
{
    (void)state;
    struct at_store *store;
    struct at_readouts r = load(&store, &(struct at_filter){.variant = "broken", .against = "original"});
    assert_int_equal(r.count, 1);
    const struct at_read_statistics *s = &r.rows[0];
    assert_true(s->max == INFINITY && s->numbers[AT_READ_MEAN].value == INFINITY && isfinite(s->numbers[AT_READ_MEDIAN].value));
    assert_true(s->undefined == 1 && s->open == 1 && s->samples == SAMPLES - 1 && s->max_batch == 1 && s->max_row == 2);
    assert_string_equal(s->numbers[AT_READ_MEAN].why, "it is not finite");
    done(&r, store);
}

static void tables_and_reasons(void **state)
{
    (void)state;
    struct at_store *store;
    struct at_readouts r = load(&store, &(struct at_filter){0});
    char text[AT_READ_REASON_SIZE];
    assert_int_equal(r.count, 6);
    assert_int_equal(at_readouts_next(&r, 0), 2); /* both variants of "drawn", whole error */
    assert_string_equal(r.rows[0].against, "original");
    assert_int_equal(at_readouts_next(&r, 2), 4);
    assert_int_equal(at_readouts_next(&r, 4), 5);
    assert_int_equal(at_readouts_next(&r, 5), 6);
    assert_true(at_readouts_reason(&r, 4, 5, 0, text));
    assert_string_equal(text, "mean, median, top token: 2 key/value heads: an interval takes 32");
    assert_true(at_readouts_reason(&r, 4, 5, 1, text));
    assert_string_equal(text, "99 %: 2 key/value heads: an interval takes 368");
    assert_true(at_readouts_reason(&r, 4, 5, 2, text));
    assert_false(at_readouts_reason(&r, 4, 5, 3, text));
    assert_true(at_readouts_reason(&r, 0, 2, 2, text));
    assert_string_equal(text, "mean: it is not finite"); /* of "broken" */
    done(&r, store);
}

/* What another build computed since, without the readout, hides no reading: the newest run that was read out counts. */
static void a_newer_run_hides_no_reading(void **state)
{
    (void)state;
    struct at_store *store = readings_store(fixture_path("t.db"));
    struct at_readouts r;
    struct at_run_fact run = {.key = {.input = 1, .variant = 1, .rows = READINGS_ROWS, .rows_seed = 1, .oracle = "mpfr", .device = 1},
                              .operands_sha256 = "22",
                              .output_sha256 = "44"};
    const struct at_study_fact plain = {"77", "read", "{\"without\": 1}"};
    const struct at_build_fact build = {"newer", "0.1.0", "abcdef", "gcc", "{}"};
    int64_t id;
    at_store_close(store);
    assert_int_equal(at_store_open(fixture_path("t.db"), AT_STORE_WRITE, &store, NULL), AT_OK);
    assert_int_equal(at_store_put_study(store, &plain, &run.key.study, NULL), AT_OK);
    assert_int_equal(at_store_put_build(store, &build, &run.key.build, NULL), AT_OK);
    assert_int_equal(at_store_put_run(store, &run, NULL, 0, NULL, 0, NULL, 0, &id, NULL), AT_OK);
    assert_int_equal(at_readouts_load(store, &(struct at_filter){.against = "original", .label = "drawn", .variant = "good"}, &r, NULL),
                     AT_OK);
    assert_int_equal(at_pool_run(&r.pools, &r.pools.rows[0], 0), id);
    assert_int_equal(r.count, 1);
    assert_true(r.rows[0].samples == SAMPLES && r.rows[0].max_run != id);
    done(&r, store);
}

static void no_readout_is_no_row(void **state)
{
    (void)state;
    struct at_store *store = fixture_store(fixture_path("t.db"));
    struct at_readouts r;
    assert_int_equal(at_readouts_load(store, &(struct at_filter){0}, &r, NULL), AT_OK);
    assert_true(r.count == 0 && r.pools.count > 0);
    done(&r, store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_samples),
        cmocka_unit_test(intervals_only_where_they_may_be),
        cmocka_unit_test(what_is_broken_shows),
        cmocka_unit_test(tables_and_reasons),
        cmocka_unit_test(a_newer_run_hides_no_reading),
        cmocka_unit_test(no_readout_is_no_row),
    };
    return cmocka_run_group_tests_name("readout", tests, NULL, NULL);
}
