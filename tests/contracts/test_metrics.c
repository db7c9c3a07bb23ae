/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/metric.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What every row of at_metrics promises: a new metric is tested the day it is added. */

enum { DIM = 3, KEYS = 3 };

/* A row that a kernel got exactly right; the arrays are the caller's to spoil. */
struct bench {
    float got[DIM];
    double truth[DIM], radius[DIM], sum_abs[DIM], got_p[KEYS], truth_p[KEYS];
    struct at_row_sample row;
    struct at_counts counts;
};

static struct bench *perfect(void)
{
    static struct bench b;
    b = (struct bench){
        .got = {1, -2, 0.5f}, .truth = {1, -2, 0.5}, .sum_abs = {2, 2, 2}, .got_p = {0.25, 0.25, 0.5}, .truth_p = {0.25, 0.25, 0.5},
        .row = {.dim = DIM, .got = b.got, .truth = b.truth, .radius = b.radius, .sum_abs = b.sum_abs, .got_lse = 1, .truth_lse = 1,
                .keys = KEYS, .got_p = b.got_p, .truth_p = b.truth_p},
        .counts = {.elements = 10}};
    return &b;
}

static void add(const struct at_metric *metric, struct at_metric_state *state, const struct bench *bench)
{
    if (metric->add)
        metric->add(state, &bench->row);
    if (metric->add_counts)
        metric->add_counts(state, &bench->counts);
}

static double value_of(const struct at_metric *metric, const struct at_metric_state *state)
{
    double value = 12345;
    enum at_status status = metric->value(state, &value);
    assert_true(status == AT_OK || status == AT_ERR_UNDEFINED);
    assert_true(status == AT_OK || value == 12345); /* untouched on failure */
    assert_false(status == AT_OK && isnan(value));
    return status ? NAN : value;
}

static double best(const struct at_metric *metric)
{
    return metric->better != AT_LARGER_IS_BETTER ? 0 : !strcmp(metric->unit, "dB") ? INFINITY : 1;
}

static void fields_are_filled(const struct at_metric *m)
{
    assert_true(isalpha((unsigned char)m->name[0]));
    for (const char *c = m->name; *c; c++)
        assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_');
    for (size_t i = 0; i < at_metric_count; i++)
        assert_true(at_metrics[i] == m || strcmp(at_metrics[i]->name, m->name));
    for (size_t i = 0; i < at_metric_count; i++)
        assert_true(at_metrics[i] == m || strcmp(at_metrics[i]->label, m->label));
    assert_true(strlen(m->label) > 0 && strlen(m->label) < 48);
    assert_true(strlen(m->formula) > 0 && !strchr(m->formula, '\n'));
    assert_non_null(m->unit);
    assert_non_null(m->merge);
    assert_non_null(m->value);
    assert_true((m->add != NULL) != (m->add_counts != NULL));
}

static void nothing_is_undefined(const struct at_metric *m)
{
    struct at_metric_state empty = {0};
    assert_true(isnan(value_of(m, &empty)));
    assert_true(!m->radius || m->radius(&empty) == 0);
}

static void merging_nothing_changes_nothing(const struct at_metric *m)
{
    struct at_metric_state state = {0}, before, empty = {0};
    struct bench *b = perfect();
    b->got[0] = 1.5f;
    b->got_p[0] = 0.125;
    b->row.got_lse = 1.25f;
    b->counts.saturated = b->counts.underflowed = 3;
    add(m, &state, b);
    before = state;
    m->merge(&state, &empty);
    assert_memory_equal(&state, &before, sizeof state);
    m->merge(&empty, &state);
    assert_memory_equal(&empty, &before, sizeof state);
    assert_true(!m->radius || m->radius(&state) >= 0);
}

/* A right row has the best value, a wrong one has not; together they are not the best either, in any order. */
static void right_is_best_and_wrong_is_not(const struct at_metric *m)
{
    struct at_metric_state right = {0}, wrong = {0}, both = {0};
    struct bench *b = perfect();
    add(m, &right, b);
    assert_true(value_of(m, &right) == best(m));
    b->got[0] = 1.5f;
    b->got[1] = !strcmp(m->name, "nonfinite") ? INFINITY : -2;
    b->row.got_lse = 1.25f;
    memcpy(b->got_p, (double[]){0.5, 0.25, 0.125}, sizeof b->got_p);
    b->counts.saturated = b->counts.underflowed = 3;
    add(m, &wrong, b);
    double value = value_of(m, &wrong);
    assert_true(m->better == AT_LARGER_IS_BETTER ? value < best(m) : m->better == AT_SMALLER_IS_BETTER ? value > 0 : fabs(value) > 0);
    both = right;
    m->merge(&both, &wrong);
    m->merge(&wrong, &right);
    value = value_of(m, &both);
    assert_true(value != best(m) && value == value_of(m, &wrong));
}

/* NaN in everything the kernel gave, beside 999 right rows: no bound of use is met. */
static void nan_never_passes(const struct at_metric *m)
{
    if (!m->add)
        return; /* counts hold no NaN */
    for (int first = 0; first < 2; first++) {
        struct at_metric_state state = {0};
        for (int i = 0; i < 1000; i++) {
            struct bench *b = perfect();
            if (i == (first ? 0 : 999)) {
                b->got[1] = NAN;
                b->got_p[1] = NAN;
                b->row.got_lse = NAN;
            }
            add(m, &state, b);
        }
        double value = value_of(m, &state), radius = m->radius ? m->radius(&state) : 0;
        assert_true(radius >= 0);
        if (m->better == AT_SMALLER_IS_BETTER)
            assert_true(!strcmp(m->name, "nonfinite") ? value == 1 : value - radius == INFINITY);
        else if (m->better == AT_LARGER_IS_BETTER)
            assert_true(value + radius == -INFINITY);
        else
            assert_true(isnan(value)); /* neither value <= x nor value >= -x */
    }
}

/* An output of all zeros, and weights of all zeros, is not a good one. */
static void zeros_never_pass(const struct at_metric *m)
{
    struct at_metric_state state = {0};
    struct bench *b = perfect();
    memset(b->got, 0, sizeof b->got);
    memset(b->got_p, 0, sizeof b->got_p);
    b->row.got_lse = 0;
    if (!m->add || !strcmp(m->name, "nonfinite"))
        return;
    add(m, &state, b);
    double value = value_of(m, &state);
    if (m->better == AT_LARGER_IS_BETTER)
        assert_true(value <= 0);
    else
        assert_true(fabs(value) >= 0.5);
}

/* A row without a reference leaves every metric that needs one as it was. */
static void rows_without_truth_are_skipped(const struct at_metric *m)
{
    struct at_metric_state state = {0};
    struct bench *b = perfect();
    for (int i = 0; i < DIM; i++)
        b->truth[i] = NAN;
    for (int j = 0; j < KEYS; j++)
        b->truth_p[j] = NAN;
    b->row.truth_lse = b->row.lse_radius = NAN;
    b->radius[0] = INFINITY;
    if (m->add)
        m->add(&state, &b->row);
    assert_true(isnan(value_of(m, &state)) || !m->radius);
}

static void every_metric(void **unused)
{
    (void)unused;
    void (*const check[])(const struct at_metric *) = {
        fields_are_filled, nothing_is_undefined, merging_nothing_changes_nothing, right_is_best_and_wrong_is_not, nan_never_passes,
        zeros_never_pass, rows_without_truth_are_skipped,
    };
    assert_true(at_metric_count >= 17);
    for (size_t i = 0; i < at_metric_count; i++)
        for (size_t c = 0; c < sizeof check / sizeof *check; c++) {
            print_message("%s, check %zu\n", at_metrics[i]->name, c);
            check[c](at_metrics[i]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_metric)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
