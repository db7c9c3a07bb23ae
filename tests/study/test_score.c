/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/score.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { DIM = 4, KEYS = 2 };

static const double radius[DIM], sum_abs[DIM] = {1, 1, 1, 1}, p[KEYS] = {0.5, 0.5};

static struct at_row_sample sample_of(const float *got, const double *truth)
{
    return (struct at_row_sample){
        .dim = DIM, .got = got, .truth = truth, .radius = radius, .sum_abs = sum_abs, .keys = KEYS, .got_p = p, .truth_p = p};
}

static const struct at_measure_fact *find(const struct at_scores *s, enum at_scope scope, int64_t h, int64_t row, const char *metric)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->facts[i].scope == scope && s->facts[i].head == h && s->facts[i].row == row && strcmp(s->facts[i].metric, metric) == 0)
            return &s->facts[i];
    return NULL;
}

/* Two heads of two rows with errors 1, 2, 3, 4 in every element: root mean squares follow by hand. */
static void scopes(void **state)
{
    (void)state;
    struct at_scores s;
    const double truth[DIM] = {1, 2, 3, 4};
    assert_int_equal(at_scores_init(&s, 1, 2, 2, NULL), AT_OK);
    for (int h = 0; h < 2; h++) {
        for (int row = 0; row < 2; row++) {
            float got[DIM];
            for (int i = 0; i < DIM; i++)
                got[i] = (float)(truth[i] + 2 * h + row + 1);
            struct at_row_sample sample = sample_of(got, truth);
            at_scores_row(&s, 0, h, 10 + row, &sample);
        }
        at_scores_head(&s, 0, h, &(struct at_counts){.elements = 50, .saturated = 5 + 15 * h});
    }
    at_scores_case(&s, &(struct at_counts){.elements = 100, .saturated = 25, .underflowed = 5});
    assert_true(s.count <= s.room);
    assert_true(find(&s, AT_SCOPE_ROW, 0, 11, "max_abs")->value == 2);
    assert_true(find(&s, AT_SCOPE_ROW, 1, 10, "max_abs")->value == 3);
    assert_true(find(&s, AT_SCOPE_HEAD, 0, -1, "max_abs")->value == 2);
    assert_true(find(&s, AT_SCOPE_CASE, -1, -1, "max_abs")->value == 4);
    assert_true(fabs(find(&s, AT_SCOPE_HEAD, 1, -1, "rmse")->value - sqrt((9 + 16) / 2.0)) < 0x1p-48);
    assert_true(fabs(find(&s, AT_SCOPE_CASE, -1, -1, "rmse")->value - sqrt((1 + 4 + 9 + 16) / 4.0)) < 0x1p-48);
    assert_true(find(&s, AT_SCOPE_CASE, -1, -1, "saturated")->value == 0.25);
    assert_true(find(&s, AT_SCOPE_HEAD, 0, -1, "saturated")->value == 0.1); /* heads share K and V: the case has counts of its own */
    assert_true(find(&s, AT_SCOPE_HEAD, 1, -1, "saturated")->value == 0.4);
    assert_null(find(&s, AT_SCOPE_ROW, 0, 10, "saturated"));
    assert_true(find(&s, AT_SCOPE_ROW, 0, 10, "rmse")->radius >= 0);
    assert_true(isnan(find(&s, AT_SCOPE_CASE, -1, -1, "saturated")->radius));
    for (size_t i = 0; i < s.count; i++)
        assert_int_equal(s.facts[i].reference, 1);
    at_scores_done(&s);
}

/* Many rows at once give each fact the bits that one after the other gives it. */
static void together(void **state)
{
    (void)state;
    enum { ROWS = 300 };
    struct at_scores one, all;
    static float got[ROWS][DIM];
    static double truth[ROWS][DIM];
    struct at_row_sample samples[ROWS];
    int64_t index[ROWS];
    assert_int_equal(at_scores_init(&one, 0, 1, ROWS, NULL), AT_OK);
    assert_int_equal(at_scores_init(&all, 0, 1, ROWS, NULL), AT_OK);
    for (int i = 0; i < ROWS; i++) {
        for (int c = 0; c < DIM; c++) {
            truth[i][c] = sin(1 + i * DIM + c);
            got[i][c] = (float)(truth[i][c] * (1 + 1e-3 * cos(i + 7 * c)));
        }
        index[i] = 3 * i;
        samples[i] = sample_of(got[i], truth[i]);
        at_scores_row(&one, 0, 0, index[i], &samples[i]);
    }
    assert_int_equal(at_scores_rows(&all, 0, 0, index, samples, ROWS, NULL), AT_OK);
    at_scores_head(&one, 0, 0, &(struct at_counts){.elements = 1});
    at_scores_head(&all, 0, 0, &(struct at_counts){.elements = 1});
    assert_int_equal(one.count, all.count);
    for (size_t i = 0; i < one.count; i++) {
        assert_string_equal(one.facts[i].metric, all.facts[i].metric);
        assert_int_equal(one.facts[i].row, all.facts[i].row);
        assert_memory_equal(&one.facts[i].value, &all.facts[i].value, sizeof(double));
        assert_memory_equal(&one.facts[i].radius, &all.facts[i].radius, sizeof(double));
    }
    assert_memory_equal(one.bins, all.bins, sizeof one.bins);
    at_scores_done(&one);
    at_scores_done(&all);
}

static void undefined_truth(void **state)
{
    (void)state;
    struct at_scores s;
    const double truth[DIM] = {NAN, NAN, NAN, NAN};
    const float got[DIM] = {1, 2, 3, 4};
    assert_int_equal(at_scores_init(&s, 0, 1, 1, NULL), AT_OK);
    struct at_row_sample sample = sample_of(got, truth);
    at_scores_row(&s, 0, 0, 0, &sample);
    at_scores_head(&s, 0, 0, &(struct at_counts){.elements = 1});
    at_scores_case(&s, &(struct at_counts){.elements = 1});
    assert_true(isnan(find(&s, AT_SCOPE_CASE, -1, -1, "rmse")->value)); /* NULL, never 0 */
    struct at_histogram_fact h = at_scores_histogram(&s);
    assert_int_equal(h.zeros + h.nonfinite + h.below + h.above, 0);
    at_scores_done(&s);
}

static void histogram(void **state)
{
    (void)state;
    struct at_scores s;
    assert_int_equal(at_scores_init(&s, 0, 1, 4, NULL), AT_OK);
    const double truth[4][DIM] = {{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {1, 1, 1, 1}};
    const float got[4][DIM] = {
        {1, 1.5f, 0.5f, 0x1.fffffep-2f}, {0, -0.0f, NAN, INFINITY}, {0x1p-65f, 0x1p-64f, 0x1p15f, 0x1p16f}, {1, 2, 3, -1}};
    for (int row = 0; row < 4; row++) {
        struct at_row_sample sample = sample_of(got[row], truth[row]);
        at_scores_row(&s, 0, 0, row, &sample);
    }
    struct at_histogram_fact h = at_scores_histogram(&s);
    int64_t bins[AT_HISTOGRAM_BINS] = {0};
    bins[0 - h.first] = 3;  /* 1, 1.5 and 2 - 1 */
    bins[-1 - h.first] = 1; /* 0.5 */
    bins[-2 - h.first] = 1; /* just below 0.5 */
    bins[0] = 1;            /* 2^-64 */
    bins[15 - h.first] = 1; /* 2^15 */
    bins[1 - h.first] = 2;  /* 3 - 1, 1 + 1 */
    assert_int_equal(h.bins, AT_HISTOGRAM_BINS);
    assert_memory_equal(h.counts, bins, sizeof bins);
    assert_int_equal(h.zeros, 3);
    assert_int_equal(h.nonfinite, 2);
    assert_int_equal(h.below, 1);
    assert_int_equal(h.above, 1);
    at_scores_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scopes), cmocka_unit_test(together), cmocka_unit_test(undefined_truth),
                                       cmocka_unit_test(histogram)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
