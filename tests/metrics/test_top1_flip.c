/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_top1_flip;
static const struct at_metric *const metric = &at_metric_top1_flip;
static struct samples samples;

/* Counted by sorting nothing: for every heaviest key of got, is there a heavier true key? */
static void matches_direct(void **unused)
{
    (void)unused;
    double flips = 0;
    samples_make(&samples, 151, 0);
    for (int r = 0; r < SAMPLE_ROWS; r++) {
        double tied = 0, wrong = 0;
        for (int j = 0; j < SAMPLE_KEYS; j++) {
            int top = 1, best = 1;
            for (int k = 0; k < SAMPLE_KEYS; k++) {
                top = top && samples.got_p[r][k] <= samples.got_p[r][j];
                best = best && samples.truth_p[r][k] <= samples.truth_p[r][j];
            }
            tied += top;
            wrong += top && !best;
        }
        flips += wrong / tied;
    }
    assert_true(row_value(metric, samples.row[0]) == 0);
    if (flips > 0)
        samples_check(metric, &samples, flips / SAMPLE_ROWS, 4 * 0x1p-53L);
    else
        fail_msg("seed 151 has no flip to count");
}

static double flip(int64_t keys, const double *got, const double *truth)
{
    return row_value(metric, weight_row(keys, got, truth));
}

static void by_hand(void **unused)
{
    (void)unused;
    assert_true(flip(3, (double[]){0.2, 0.5, 0.3}, (double[]){0.2, 0.5, 0.3}) == 0);
    assert_true(flip(3, (double[]){0.2, 0.3, 0.5}, (double[]){0.2, 0.5, 0.3}) == 1);
    /* the kernel's ties count as a draw among them */
    assert_true(flip(4, (double[]){0.1, 0.3, 0.3, 0.3}, (double[]){0.1, 0.2, 0.3, 0.4}) == 2.0 / 3);
    assert_true(flip(2, (double[]){0.5, 0.5}, (double[]){0.4, 0.6}) == 0.5);
    /* all weights lost */
    assert_true(flip(2, (double[]){0, 0}, (double[]){0.4, 0.6}) == 1);
    assert_true(isnan(flip(2, NULL, (double[]){0.4, 0.6})));
    assert_true(flip(2, (double[]){0.5, NAN}, (double[]){0.6, 0.4}) == INFINITY);
    struct at_row_sample right = weight_row(1, (double[]){1}, (double[]){1}), wrong = weight_row(2, (double[]){0, 1}, (double[]){1, 0});
    assert_true(rows_value(metric, right, wrong) == 0.5);
}

/* True weights within 1e-15 of each other cannot be told apart; 1e-14 can. */
static void what_the_truth_cannot_separate_is_no_flip(void **unused)
{
    (void)unused;
    assert_true(flip(2, (double[]){0.6, 0.4}, (double[]){0.5, 0.5}) == 0);
    assert_true(flip(2, (double[]){0.6, 0.4}, (double[]){0.5, 0.5 * (1 + 1e-15)}) == 0);
    assert_true(flip(2, (double[]){0.6, 0.4}, (double[]){0.5, 0.5 * (1 + 1e-14)}) == 1);
    /* nor can weights within what the row's outputs are known to */
    struct at_row_sample rough = weight_row(2, (double[]){0.6, 0.4}, (double[]){0.5, 0.5 * (1 + 0x1p-20)});
    rough.dim = 1;
    rough.sum_abs = (double[]){2};
    rough.radius = (double[]){0x1p-20};
    assert_true(row_value(metric, rough) == 0);
    rough.radius = (double[]){0x1p-22};
    assert_true(row_value(metric, rough) == 1);
    struct at_metric_state state = {0};
    struct at_row_sample row = weight_row(2, (double[]){0.6, 0.4}, (double[]){0.5, 0.5});
    metric->add(&state, &row);
    assert_true(metric->radius(&state) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_direct),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(what_the_truth_cannot_separate_is_no_flip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
