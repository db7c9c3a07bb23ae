/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/elementary.h"
#include "datasets/columns.h"
#include "datasets/dataset.h"
#include "datasets/fill.h"

#include <math.h>

enum { PAIRS, MAGNITUDE, Q_MAGNITUDE, BASE };

static const double two_pi = 0x1.921fb54442d18p+2; /* 6.283185307179586 */

/* cos and sin by their series to the 31st power, from IEEE operations alone; absolute error below 1e-12 for |angle| below 1e3. */
static void turn(double angle, double *ret_cos, double *ret_sin)
{
    double r = angle - two_pi * floor(angle / two_pi + 0.5), power = 1, sum[2] = {1, 0};
    for (int n = 1; n <= 31; n++) {
        power *= r / n;
        sum[n % 2] += n % 4 < 2 ? power : -power;
    }
    *ret_cos = sum[0];
    *ret_sin = sum[1];
}

/* Angle by which a token turns pair i: base^(-2 i / dim) (RoPE, arXiv 2104.09864). */
static double frequency(const struct at_fill_head *head, int64_t pair)
{
    const double *values = head->context;
    return at_exp2(-2 * (double)pair / (double)head->problem->dim * at_log(values[BASE]) / at_log(2));
}

/* The pairs before they are turned: drawn among the half of lowest frequency, in one direction in K and all its query heads. */
static void begin_head(struct at_fill_head *head)
{
    const double *values = head->context;
    struct at_random choice = at_fill_group_key(head, AT_FILL_EVENT), angle = at_fill_group_key(head, AT_FILL_SIGN);
    int64_t half = head->problem->dim / 2, low = half / 2;
    bool massive[AT_FILL_DIM_MAX];
    if (head->tensor == AT_FILL_V)
        return;
    at_columns_choose(choice, half - low, values[PAIRS], massive);
    for (int64_t i = low; i < half; i++) {
        double length = values[head->tensor == AT_FILL_K ? MAGNITUDE : Q_MAGNITUDE], x, y;
        turn(two_pi * at_random_uniform(angle, (uint64_t)i), &x, &y);
        head->pattern[i] = massive[i - low] ? length * x : 0;
        head->pattern[i + half] = massive[i - low] ? length * y : 0;
    }
}

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    int64_t half = head->problem->dim / 2;
    at_fill_normal(head, s, 1, ret_row);
    for (int64_t i = half / 2; i < half; i++) {
        double x = head->pattern[i], y = head->pattern[i + half], cosine, sine;
        if (x == 0 && y == 0)
            continue;
        turn((double)at_fill_token(head, s) * frequency(head, i), &cosine, &sine);
        ret_row[i] += x * cosine - y * sine;
        ret_row[i + half] += x * sine + y * cosine;
    }
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){begin_head, row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_rope_pairs = {
    .name = "rope-pairs",
    .summary = "v = N(0, 1); q, k = N(0, 1), but a few low-frequency rotary pairs (i, i + d/2) have a constant of length (q-)magnitude "
               "added, then turned",
    .source = "massive values in Q and K, not in V: arXiv 2502.01563; rotary embedding: arXiv 2104.09864",
    .parameters = {[PAIRS] = {"pairs", 4, 1, 8, "massive pairs of each key/value head, of the d/4 of lowest frequency (a count)", true},
                   [MAGNITUDE] = {"magnitude", 20, 0, 1000, "length of the pair in K (the standard deviation elsewhere is 1)", false},
                   [Q_MAGNITUDE] = {"q-magnitude", 10, 0, 1000, "length of the pair in Q (the standard deviation elsewhere is 1)", false},
                   [BASE] = {"base", 10000, 100, 1e8, "base of the rotary frequencies base^(-2i/d) (a number)", false}},
    .generate = generate,
};
