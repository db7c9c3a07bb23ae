/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include "core/format.h"
#include "core/random.h"

#include <math.h>
#include <string.h>

static void make_weights(struct samples *s, int r, struct at_random key)
{
    double largest = 0, sum = 0;
    int heaviest = 0;
    for (int j = 0; j < SAMPLE_KEYS; j++) {
        s->truth_p[r][j] = exp(4 * at_random_normal(key, (uint64_t)(1000 + j)));
        if (s->truth_p[r][j] > largest)
            heaviest = j;
        largest = fmax(largest, s->truth_p[r][j]);
    }
    if (r % 4 == 1) /* a near tie, which e4m3 makes a tie */
        s->truth_p[r][(heaviest + 1) % SAMPLE_KEYS] = 0.99 * largest;
    for (int j = 0; j < SAMPLE_KEYS; j++)
        sum += s->truth_p[r][j];
    for (int j = 0; j < SAMPLE_KEYS; j++) {
        float scaled = (float)(s->truth_p[r][j] / largest * 256);
        s->got_p[r][j] = at_decode(AT_E4M3, at_encode(AT_E4M3, scaled, AT_OVERFLOW_SATURATE)) / 256 * (largest / sum);
        s->truth_p[r][j] /= sum;
    }
}

void samples_make(struct samples *s, uint64_t seed, double radius)
{
    memset(s, 0, sizeof *s);
    for (int r = 0; r < SAMPLE_ROWS; r++) {
        struct at_random key = {seed, (uint64_t)r};
        double size = ldexp(1, r % 7 - 3);
        for (int i = 0; i < SAMPLE_DIM; i++) {
            uint64_t c = (uint64_t)(4 * i);
            s->truth[r][i] = size * at_random_normal(key, c);
            s->got[r][i] = (float)(s->truth[r][i] * 0.99 + 0.03 * size * at_random_normal(key, c + 1));
            s->radius[r][i] = radius * size * at_random_uniform(key, c + 2);
            s->sum_abs[r][i] = fabs(s->truth[r][i]) + size * at_random_uniform(key, c + 3);
        }
        make_weights(s, r, key);
        double lse = 3 * at_random_normal(key, 500);
        s->row[r] = (struct at_row_sample){
            .dim = SAMPLE_DIM, .got = s->got[r], .truth = s->truth[r], .radius = s->radius[r], .sum_abs = s->sum_abs[r],
            .got_lse = (float)(lse + 0.01 * at_random_normal(key, 501)), .truth_lse = lse, .lse_radius = radius,
            .keys = SAMPLE_KEYS, .got_p = s->got_p[r], .truth_p = s->truth_p[r]};
    }
}

struct at_metric_state samples_state(const struct at_metric *metric, const struct samples *s, int from, int to)
{
    struct at_metric_state state = {0};
    for (int r = from; r < to; r++)
        metric->add(&state, &s->row[r]);
    return state;
}

static void assert_near(double value, long double expected, long double tolerance)
{
    if (!(fabsl(value - expected) <= tolerance))
        fail_msg("%.17g, expected %.17g within %.3g", value, (double)expected, (double)tolerance);
}

void samples_check(const struct at_metric *metric, const struct samples *s, long double expected, long double tolerance)
{
    double value;
    for (int i = 0; i <= SAMPLE_ROWS; i++) {
        struct at_metric_state left = samples_state(metric, s, 0, i), right = samples_state(metric, s, i, SAMPLE_ROWS);
        metric->merge(&left, &right);
        assert_int_equal(metric->value(&left, &value), AT_OK);
        assert_near(value, expected, tolerance);
        struct at_metric_state whole = samples_state(metric, s, 0, SAMPLE_ROWS);
        assert_int_equal(left.n, whole.n);
        if (metric->radius)
            assert_near(metric->radius(&left), metric->radius(&whole), 0x1p-40L * metric->radius(&whole));
    }
    struct at_metric_state one = samples_state(metric, s, 0, 1);
    assert_int_equal(metric->value(&one, &value), AT_OK);
    assert_false(fabsl(value - expected) <= tolerance);
}

void samples_check_radius(const struct at_metric *metric, uint64_t seed, double slack)
{
    static struct samples s;
    samples_make(&s, seed, 1e-3);
    struct at_metric_state state = samples_state(metric, &s, 0, SAMPLE_ROWS);
    double before, after, moved = 0, radius = metric->radius(&state);
    assert_int_equal(metric->value(&state, &before), AT_OK);
    assert_true(radius > 0 && radius < INFINITY);
    for (int trial = 0; trial < 60; trial++) {
        struct samples *p = &s;
        struct at_random key = {seed, (uint64_t)(100 + trial)};
        samples_make(p, seed, 1e-3);
        for (int r = 0; r < SAMPLE_ROWS; r++) {
            for (int i = 0; i < SAMPLE_DIM; i++) {
                double error = p->got[r][i] - p->truth[r][i], random = 2 * at_random_uniform(key, (uint64_t)(r * SAMPLE_DIM + i)) - 1;
                /* trials 0, 1: every error grows, shrinks; 2, 3: every truth grows, shrinks; then random */
                double way = trial == 0 ? -copysign(1, error) : trial == 1 ? copysign(1, error) : trial == 2 ? copysign(1, p->truth[r][i])
                             : trial == 3 ? -copysign(1, p->truth[r][i]) : random;
                p->truth[r][i] += way * p->radius[r][i];
            }
            double error = p->row[r].got_lse - p->row[r].truth_lse;
            p->row[r].truth_lse -= (trial % 2 ? -1 : 1) * copysign(p->row[r].lse_radius, error);
        }
        state = samples_state(metric, p, 0, SAMPLE_ROWS);
        assert_int_equal(metric->value(&state, &after), AT_OK);
        moved = fmax(moved, fabs(after - before));
    }
    if (!(moved <= radius * (1 + 0x1p-30)))
        fail_msg("%s moved by %.6g, radius %.6g, seed %llu", metric->name, moved, radius, (unsigned long long)seed);
    if (!(moved * slack >= radius))
        fail_msg("%s: radius %.6g is loose: moved by %.6g, seed %llu", metric->name, radius, moved, (unsigned long long)seed);
}

struct at_row_sample plain_row(int64_t dim, const float *got, const double *truth)
{
    static const double zeros[32];
    static double ones[32];
    for (int i = 0; i < 32; i++)
        ones[i] = 1;
    return (struct at_row_sample){.dim = dim, .got = got, .truth = truth, .radius = zeros, .sum_abs = ones};
}

struct at_row_sample weight_row(int64_t keys, const double *got_p, const double *truth_p)
{
    static const float got[1];
    static const double truth[1];
    struct at_row_sample row = plain_row(1, got, truth);
    row.keys = keys;
    row.got_p = got_p;
    row.truth_p = truth_p;
    return row;
}

double row_value(const struct at_metric *metric, struct at_row_sample row)
{
    struct at_metric_state state = {0};
    double value = NAN;
    metric->add(&state, &row);
    return metric->value(&state, &value) ? NAN : value;
}

double rows_value(const struct at_metric *metric, struct at_row_sample first, struct at_row_sample second)
{
    struct at_metric_state state = {0};
    double value = NAN;
    metric->add(&state, &first);
    metric->add(&state, &second);
    return metric->value(&state, &value) ? NAN : value;
}
