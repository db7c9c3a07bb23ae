/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/divergence.h"

#include "sample.h"

#include <math.h>

static struct samples samples;

/* How good the row's weights are: 1e-15, or the largest radius as a fraction of sum p|v|. */
static long double relative_of(const struct at_row_sample *row)
{
    long double relative = 1e-15L;
    for (int64_t i = 0; i < row->dim; i++)
        if (row->radius[i] / (long double)row->sum_abs[i] > relative)
            relative = row->radius[i] / (long double)row->sum_abs[i];
    return relative;
}

static long double direct_kl(const struct at_row_sample *row, long double way)
{
    long double sum = 0, step = way * relative_of(row);
    for (int64_t j = 0; j < row->keys; j++) {
        long double g = row->got_p[j], t = row->truth_p[j];
        t *= 1 + (t > g ? step : -step);
        sum += (g > 0 ? g * logl(g / t) : 0) - g + t;
    }
    return sum;
}

static long double direct_tv(const struct at_row_sample *row, long double way)
{
    long double sum = 0, step = way * relative_of(row);
    for (int64_t j = 0; j < row->keys; j++) {
        long double g = row->got_p[j], t = row->truth_p[j];
        sum += fabsl(g - t * (1 + (t > g ? step : -step))) / 2;
    }
    return sum;
}

/* Terms to 2^-37 relative (kl_term), or a few u; differences to 2 u. */
static void match_direct(double radius, double least, double most)
{
    int zeros = 0;
    samples_make(&samples, 101, radius);
    for (int r = 0; r < SAMPLE_ROWS; r++) {
        long double relative = relative_of(&samples.row[r]);
        assert_true(relative >= least && relative <= most);
        struct at_distance kl, tv;
        long double kl_expected = direct_kl(&samples.row[r], 0), tv_expected = direct_tv(&samples.row[r], 0);
        assert_true(at_distance_kl(&samples.row[r], &kl));
        assert_true(at_distance_tv(&samples.row[r], &tv));
        assert_true(kl_expected > 0 && fabsl(kl.value - kl_expected) <= 0x1p-37L * kl_expected);
        assert_true(tv_expected > 0 && fabsl(tv.value - tv_expected) <= 4 * 0x1p-53L * tv_expected);
        for (int j = 0; j < SAMPLE_KEYS; j++)
            zeros += samples.got_p[r][j] == 0;
        /* the true weights as good as they are move the value by no more than the radius, and nearly by it for the total variation */
        long double kl_moved = fabsl(direct_kl(&samples.row[r], 1) - kl_expected);
        long double tv_moved = fabsl(direct_tv(&samples.row[r], 1) - tv_expected);
        assert_true(kl_moved > 0 && kl_moved <= kl.radius && kl.radius <= 3 * relative);
        assert_true(tv_moved <= tv.radius * 1.001L && tv_moved >= tv.radius * 0.99L);
    }
    assert_true(zeros > 0); /* the case that would make KL(t || g) infinite is among them */
}

static void rows_match_direct(void **unused)
{
    (void)unused;
    match_direct(0, 0.99e-15, 1.01e-15);
    match_direct(1e-9, 1e-12, 1e-5); /* weights are no better than outputs where these are worse than 1e-15 */
}

/* A row in which an output is not known at all has no weights either. */
static void weights_of_no_bound(void **unused)
{
    (void)unused;
    struct at_distance kl, tv;
    samples_make(&samples, 101, 0);
    samples.radius[0][3] = INFINITY;
    assert_true(at_distance_kl(&samples.row[0], &kl) && isfinite(kl.value) && kl.radius == INFINITY);
    assert_true(at_distance_tv(&samples.row[0], &tv) && isfinite(tv.value) && tv.radius == INFINITY);
}

static double kl(int64_t keys, const double *got, const double *truth)
{
    struct at_row_sample row = weight_row(keys, got, truth);
    struct at_distance distance = {NAN, NAN};
    return at_distance_kl(&row, &distance) ? distance.value : NAN;
}

static double tv(int64_t keys, const double *got, const double *truth)
{
    struct at_row_sample row = weight_row(keys, got, truth);
    struct at_distance distance = {NAN, NAN};
    return at_distance_tv(&row, &distance) ? distance.value : NAN;
}

static void equal_weights_are_at_zero(void **unused)
{
    (void)unused;
    samples_make(&samples, 102, 1e-3);
    assert_true(kl(SAMPLE_KEYS, samples.truth_p[0], samples.truth_p[0]) == 0);
    assert_true(tv(SAMPLE_KEYS, samples.truth_p[0], samples.truth_p[0]) == 0);
    assert_true(kl(2, (double[]){1, 0}, (double[]){1, 0}) == 0);
}

/* Lost weights cost the lost mass; all of them lost, all the mass; kept mass that is renormalised, -ln of what was kept. */
static void lost_mass_is_seen(void **unused)
{
    (void)unused;
    assert_true(kl(2, (double[]){0.75, 0}, (double[]){0.75, 0.25}) == 0.25);
    assert_true(tv(2, (double[]){0.75, 0}, (double[]){0.75, 0.25}) == 0.125);
    assert_true(kl(2, (double[]){0, 0}, (double[]){0.75, 0.25}) == 1);
    assert_true(tv(2, (double[]){0, 0}, (double[]){0.75, 0.25}) == 0.5);
    assert_true(fabs(kl(2, (double[]){1, 0}, (double[]){0.75, 0.25}) - log(4.0 / 3)) <= 4 * 0x1p-53);
    /* a mass defect alone: 1 % too little everywhere */
    assert_true(fabs(tv(2, (double[]){0.495, 0.495}, (double[]){0.5, 0.5}) - 0.005) <= 0x1p-53);
    assert_true(kl(2, (double[]){0.495, 0.495}, (double[]){0.5, 0.5}) > 4.9e-5);
}

/* (1 + x) ln(1 + x) - x = x^2/2 - x^3/6 + ...; formed directly in double, x = 2^-30 leaves no digit. */
static void small_differences_are_kept(void **unused)
{
    (void)unused;
    for (int e = -40; e <= -2; e++) {
        double x = ldexp(1, e);
        long double up = (1 + (long double)x) * log1pl(x) - x, down = (1 - (long double)x) * log1pl(-x) + x;
        long double bound = 0x1p-37L * x * x + 4 * 0x1p-64L * x; /* the second: of the long double formula itself */
        assert_true(fabsl(kl(1, (double[]){1 + x}, (double[]){1}) - up) <= bound);
        assert_true(fabsl(kl(1, (double[]){1 - x}, (double[]){1}) - down) <= bound);
        assert_true(kl(1, (double[]){1 + x}, (double[]){1}) > 0.4 * x * x);
    }
}

static void weights_that_are_none_are_infinite(void **unused)
{
    (void)unused;
    const double bad[] = {NAN, INFINITY, -0.25};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_true(kl(2, (double[]){bad[i], 0.5}, (double[]){0.5, 0.5}) == INFINITY);
        assert_true(tv(2, (double[]){bad[i], 0.5}, (double[]){0.5, 0.5}) == INFINITY);
    }
    assert_true(isnan(kl(2, NULL, (double[]){0.5, 0.5})));
    assert_true(isnan(tv(2, (double[]){0.5, 0.5}, NULL)));
    assert_true(isnan(kl(0, (double[]){0.5}, (double[]){0.5})));
    assert_true(isnan(tv(1, (double[]){0.5}, (double[]){NAN})));
}

/* A true weight that underflowed under a real one: finite, a lower bound, and said so. */
static void underflowed_truth_is_a_lower_bound(void **unused)
{
    (void)unused;
    struct at_row_sample row = weight_row(2, (double[]){0.5, 0.5}, (double[]){1, 0});
    struct at_distance distance;
    assert_true(at_distance_kl(&row, &distance));
    assert_true(distance.value > 0.5 * 1074 * 0.69 && distance.value < 0.5 * 1074 * 0.7);
    assert_true(distance.radius == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_match_direct),
        cmocka_unit_test(weights_of_no_bound),
        cmocka_unit_test(equal_weights_are_at_zero),
        cmocka_unit_test(lost_mass_is_seen),
        cmocka_unit_test(small_differences_are_kept),
        cmocka_unit_test(weights_that_are_none_are_infinite),
        cmocka_unit_test(underflowed_truth_is_a_lower_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
