/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_pattern.h"

#include "attempted.h"
#include "scratch.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What the first head is called after `spoil`, all its rows being suspects. */
static void assert_pattern(void (*spoil)(struct at_check_case *c), const char *pattern, const char *evidence)
{
    struct attempted a;
    struct at_check_case c;
    struct at_check_expectation e;
    char text[160], why[200];
    attempted_open(&a, "forward-64", "normal", &attempted_problem, "fa3-fp8");
    attempted_expect(&a, &c, &e);
    spoil(&c);
    struct at_check_suspect s = attempted_suspect(&c, &e, 0, text, why);
    assert_int_equal(at_check_explain(&s, 1, NULL), AT_OK);
    if (strcmp(text, pattern) != 0 || !strstr(why, evidence))
        fail_msg("%s (%s) in place of %s (%s)", text, why, pattern, evidence);
    free((void *)(uintptr_t)s.which);
    at_check_expectation_done(&e);
    at_check_case_done(&c);
    attempted_done(&a);
}

enum { DIM = 32, ROWS = 48 };

static void zero(struct at_check_case *c)
{
    memset(c->o, 0, ROWS * DIM * sizeof *c->o);
}

static void not_finite(struct at_check_case *c)
{
    c->o[3] = NAN;
    c->o[70] = -INFINITY;
    c->o[71] = INFINITY;
}

static void copy_head(struct at_check_case *c)
{
    memcpy(c->o, c->o + ROWS * DIM, ROWS * DIM * sizeof *c->o);
}

static void scale(struct at_check_case *c)
{
    for (int i = 0; i < ROWS * DIM; i++)
        c->o[i] *= 0.75f;
}

/* Each row goes up by one, the first to the end. */
static void turn_rows(struct at_check_case *c)
{
    float first[DIM];
    memcpy(first, c->o, sizeof first);
    memmove(c->o, c->o + DIM, (ROWS - 1) * DIM * sizeof *c->o);
    memcpy(c->o + (ROWS - 1) * DIM, first, sizeof first);
}

/* Two columns change places: no hypothesis has that. */
static void swap_columns(struct at_check_case *c)
{
    for (int i = 0; i < ROWS; i++) {
        float was = c->o[i * DIM];
        c->o[i * DIM] = c->o[i * DIM + 1];
        c->o[i * DIM + 1] = was;
    }
}

static void patterns_are_told_apart(void **state)
{
    (void)state;
    assert_pattern(zero, "never written", "all outputs of 48 rows are 0");
    assert_pattern(not_finite, "NaN or infinity", "1 NaN, 2 infinite");
    assert_pattern(copy_head, "another head", "it holds head 1 of batch 0");
    assert_pattern(scale, "a constant factor", "outputs are 0.7");
    assert_pattern(turn_rows, "rows misplaced", "row 0 holds row 1");
    assert_pattern(swap_columns, "unknown", "no hypothesis explains it");
}

/* A fit holds only if every row is below the bound, all together below what a schedule leaves, and if it takes away more than chance. */
static void a_fit_needs_every_row_and_all_together(void **state)
{
    (void)state;
    struct attempted a;
    struct at_check_case c;
    struct at_check_expectation e;
    char text[160], why[200];
    attempted_open(&a, "forward-64", "normal", &attempted_problem, "fa3-fp8");
    attempted_expect(&a, &c, &e);
    struct at_check_suspect s = attempted_suspect(&c, &e, 0, text, why);
    double largest = at_check_together(&c, &e, 0, s.which, s.count, false);
    struct at_check_fit before = {0}, less;
    for (int64_t n = 0; n < s.count; n++)
        at_check_fit_add(&before, &s, n, at_check_truth(&s, n), e.row[n] * e.row[n]);
    assert_false(at_check_fits(&s, &before)); /* as it was */
    less = before;
    less.measured /= 0.999 * largest * largest;
    assert_false(at_check_fits(&s, &less));
    less.measured *= 0.998;
    assert_true(at_check_fits(&s, &less));
    scale(&c);
    assert_true(largest < e.bounds.row);
    assert_true(at_check_fits(&s, &(struct at_check_fit){.largest = e.bounds.row, .measured = 1, .expected = 1}));
    assert_false(at_check_fits(&s, &(struct at_check_fit){.largest = 1.001 * e.bounds.row, .measured = 1, .expected = 1}));
    assert_false(at_check_fits(&s, &(struct at_check_fit){.largest = 1, .measured = 1.01 * largest * largest, .expected = 1}));
    assert_false(at_check_fits(&s, &(struct at_check_fit){.largest = NAN, .measured = 1, .expected = 1}));
    struct at_check_fit fit = {0};
    at_check_fit_add(&fit, &s, 0, at_check_truth(&s, 0), 1e6); /* expected errors are mean squares */
    assert_true(fit.expected == 1e6 && fit.largest == sqrt(fit.measured / 1e6));
    c.o[DIM] = NAN;
    at_check_fit_add(&fit, &s, 1, at_check_truth(&s, 1), 1);
    assert_true(isnan(fit.largest));
    at_check_fit_add(&fit, &s, 2, at_check_truth(&s, 2), 1);
    assert_true(isnan(fit.largest)); /* and stays so */
    free((void *)(uintptr_t)s.which);
    at_check_expectation_done(&e);
    at_check_case_done(&c);
    attempted_done(&a);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(patterns_are_told_apart), cmocka_unit_test(a_fit_needs_every_row_and_all_together)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
