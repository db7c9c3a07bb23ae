/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_nonfinite;
static const struct at_metric *const metric = &at_metric_nonfinite;
static struct samples samples;

static void counts(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(4, (float[]){NAN, 1, INFINITY, -INFINITY}, (double[]){1, 1, 1, 1})) == 3);
    assert_true(row_value(metric, plain_row(2, (float[]){0, 1}, (double[]){1, 1})) == 0);
    assert_true(isnan(row_value(metric, plain_row(0, NULL, NULL))));
    assert_null(metric->radius);
}

/* A row whose inputs were not finite has no truth, and its outputs count all the same. */
static void needs_no_truth(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(2, (float[]){NAN, 1}, (double[]){NAN, NAN})) == 1);
}

static void merges(void **unused)
{
    (void)unused;
    samples_make(&samples, 161, 1e-3);
    samples.got[0][0] = NAN;
    samples.got[5][3] = INFINITY;
    samples.got[SAMPLE_ROWS - 1][SAMPLE_DIM - 1] = -NAN;
    samples_check(metric, &samples, 3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(needs_no_truth),
        cmocka_unit_test(merges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
