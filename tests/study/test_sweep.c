/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/sweep.h"

#include "scratch.h"
#include "stats/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define HEAD "name: n\nvariants:\n  - fa3-fp16\ninputs:\n  - shape: {heads: 1, keys: 8, dim: 32}\n"
#define FREE "name: n\nvariants:\n  - fa3-fp16\ninputs:\n  - shape: {heads: 1, dim: 32}\n"

static struct at_study read_text(const char *text)
{
    struct at_study s;
    struct at_error error = {""};
    if (scratch_study(text, &s, &error))
        fail_msg("%s", error.message);
    return s;
}

/* Every combination, the last axis fastest; what is not varied keeps the value it was given. */
static void grid(void **state)
{
    (void)state;
    static const double gap[] = {1, 10, 100}, depth[] = {0, 1};
    struct at_study s = read_text(HEAD "    distribution: needle:deviation=0.5\n    sweep:\n"
                                       "      - {parameter: gap, from: 1, to: 100, points: 3, spacing: log}\n"
                                       "      - {parameter: depth, values: [0, 1]}\n");
    assert_int_equal(s.input_count, 6);
    for (size_t i = 0; i < 6; i++) {
        const double *values = s.inputs[i].distribution.values;
        assert_true(values[0] == gap[i / 2] && values[1] == depth[i % 2] && values[2] == 0.5);
    }
    at_study_done(&s);
}

/* Sobol's points, each coordinate on its axis; a seed shifts them. */
static void sobol(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 2; seed++) {
        char text[512];
        double points[16 * 2];
        snprintf(text, sizeof text,
                 FREE "    distribution: needle\n    sobol:\n      points: 16\n%s      over:\n"
                      "        - {parameter: depth, from: 0, to: 1}\n        - {parameter: keys, from: 1, to: 1000}\n",
                 seed ? "      seed: 1\n" : "");
        struct at_study s = read_text(text);
        assert_int_equal(s.input_count, 16);
        assert_int_equal(at_stats_sobol(2, 16, seed, points), AT_OK);
        for (size_t i = 0; i < 16; i++) {
            double depth = s.inputs[i].distribution.values[1] - points[2 * i];
            double keys = (double)s.inputs[i].problem.seq_k - (0.5 + 1000 * points[2 * i + 1]);
            assert_true(depth >= -5e-7 && depth <= 5e-7 && keys >= -0.5 && keys <= 0.5);
        }
        at_study_done(&s);
    }
}

static void refused_axes(void **state)
{
    (void)state;
    scratch_refused(HEAD "    distribution: iid-outlier\n    sweep:\n      - {parameter: sigm, values: [1]}\n", AT_ERR_NOT_FOUND,
                    "8: inputs[0].sweep[0].parameter: distribution iid-outlier: no parameter 'sigm'; did you mean sigma? it takes "
                    "probability, sigma; beside them batch, heads, kv-heads, queries, keys, dim, scale, causal, format");
    scratch_refused(FREE "    distribution: normal\n    sweep:\n      - {parameter: kv-head, values: [1]}\n", AT_ERR_NOT_FOUND,
                    "8: inputs[0].sweep[0].parameter: distribution normal: no parameter 'kv-head'; it takes sigma; beside them "
                    "batch, heads, kv-heads, queries, keys, dim, scale, causal, format; did you mean kv-heads?");
    scratch_refused(HEAD "    distribution: iid-outlier:sigma=3\n    sweep:\n      - {parameter: sigma, values: [1]}\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].sweep[0].parameter: sigma is varied here and has a value in 'distribution'");
    scratch_refused(HEAD "    distribution: 'k-channel:channels=2,q-magnitude=3'\n    sweep:\n"
                         "      - {parameter: magnitude, values: [1, 2]}\n      - {parameter: q-magnitude, values: [1]}\n",
                    AT_ERR_ARGUMENT, "9: inputs[0].sweep[1].parameter: q-magnitude is varied here");
    scratch_refused(HEAD "    distribution: normal\n    sweep:\n      - {parameter: keys, values: [16]}\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].sweep[0].parameter: keys is varied here and has a value in 'shape.keys'");
    scratch_refused(FREE
                    "    distribution: normal\n    sobol:\n      points: 4\n      over:\n        - {parameter: sigma, from: 1, to: 2}\n"
                    "        - {parameter: sigma, from: 2, to: 3}\n",
                    AT_ERR_ARGUMENT, "11: inputs[0].sobol.over[1].parameter: sigma is varied twice");
    scratch_refused(HEAD "    distribution: normal\n    sweep:\n      - {parameter: sigma, from: 2, to: 1, points: 3}\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].sweep[0].to: 1 is not above 'from', 2");
    scratch_refused(HEAD "    distribution: normal\n    sweep:\n      - {parameter: sigma, form: 2}\n", AT_ERR_FORMAT,
                    "8: inputs[0].sweep[0]: unknown key 'form'; did you mean 'from'?");
    scratch_refused(FREE "    distribution: normal\n    sweep:\n      - {parameter: keys, values: [16, 0]}\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].sweep[0].values[1]: distribution normal: keys=0 is outside its range, 1 to 1.07374e+09: rows of K and V");
}

/* Each with a value elsewhere; beyond its range; without an interval; sizes that contradict each other, at which point. */
static void refused_axes_of_the_case(void **state)
{
    (void)state;
    static const struct {
        const char *parameter, *given, *key;
    } twice[] = {{"heads", "shape: {heads: 1, keys: 8, dim: 32}", "shape.heads"},
                 {"kv-heads", "shape: {heads: 1, kv-heads: 1, keys: 8, dim: 32}", "shape.kv-heads"},
                 {"batch", "shape: {heads: 1, batch: 1, keys: 8, dim: 32}", "shape.batch"},
                 {"queries", "shape: {heads: 1, queries: 8, dim: 32}", "shape.queries"},
                 {"keys", "shape: {heads: 1, lengths: [8], dim: 32}", "shape.lengths"},
                 {"dim", "shape: {heads: 1, keys: 8, dims: [32]}", "shape.dims"},
                 {"scale", "scale: 1\n    shape: {heads: 1, keys: 8, dim: 32}", "scale"},
                 {"causal", "causal: false\n    shape: {heads: 1, keys: 8, dim: 32}", "causal"},
                 {"format", "format: fp16\n    shape: {heads: 1, keys: 8, dim: 32}", "format"}};
    for (size_t i = 0; i < sizeof twice / sizeof twice[0]; i++) {
        char text[400], message[200];
        snprintf(text, sizeof text,
                 "name: n\nvariants:\n  - fa3-fp16\ninputs:\n  - distribution: normal\n    sweep:\n      - {parameter: %s, values: [1]}\n"
                 "    %s\n",
                 twice[i].parameter, twice[i].given);
        snprintf(message, sizeof message, "7: inputs[0].sweep[0].parameter: %s is varied here and has a value in '%s'; keep one",
                 twice[i].parameter, twice[i].key);
        scratch_refused(text, AT_ERR_ARGUMENT, message);
    }
#define AXIS(axis) HEAD "    distribution: normal\n    sweep:\n      - " axis "\n"
    scratch_refused(AXIS("{parameter: causal, values: [true, yes]}"), AT_ERR_ARGUMENT,
                    "8: inputs[0].sweep[0].values[1]: 'yes' is no value of 'causal'; it takes false, true");
    scratch_refused(AXIS("{parameter: causal, from: false, to: true, points: 2}"), AT_ERR_ARGUMENT,
                    "8: inputs[0].sweep[0]: nothing lies between values of 'causal': list 'values'");
    scratch_refused(AXIS("{parameter: causal, values: [true, true]}"), AT_ERR_ARGUMENT,
                    "8: inputs[0].sweep[0].values[1]: true is listed twice");
    scratch_refused(AXIS("{parameter: format, values: [fp61]}"), AT_ERR_ARGUMENT,
                    "8: inputs[0].sweep[0].values[0]: 'fp61' is no value of 'format'; the nearest is 'fp16'; it takes ");
    scratch_refused(AXIS("{parameter: scale, values: [0]}"), AT_ERR_ARGUMENT,
                    "8: inputs[0].sweep[0].values[0]: distribution normal: scale=0 is outside its range");
    scratch_refused(AXIS("{parameter: batch, values: [1.5]}"), AT_ERR_ARGUMENT, "8: inputs[0].sweep[0].values[0]: ");
    scratch_refused(AXIS("{parameter: kv-heads, values: [1, 3]}"), AT_ERR_ARGUMENT,
                    "5: inputs[0].shape: shape: 1 query heads do not divide");
    scratch_refused(FREE "    distribution: normal\n    sweep:\n      - {parameter: keys, values: [8]}\n"
                         "      - {parameter: kv-heads, values: [1, 2]}\n",
                    AT_ERR_ARGUMENT, "5: inputs[0].shape: shape: 1 query heads do not divide");
    scratch_refused("name: n\nvariants:\n  - fa3-fp16\ninputs:\n  - shape: {heads: 1, keys: 8}\n    distribution: normal\n    sweep:\n"
                    "      - {parameter: dim, values: [32, 48]}\n",
                    AT_ERR_UNSUPPORTED, "5: inputs[0].shape: shape: head dimension 48");
}

static void refused_points(void **state)
{
    (void)state;
    scratch_refused(HEAD "    distribution: iid-outlier\n    sweep:\n      - {parameter: sigma, from: 1, to: 2, points: 101}\n"
                         "      - {parameter: probability, from: 0, to: 1, points: 100}\n",
                    AT_ERR_ARGUMENT, "7: inputs[0].sweep: 10100 combinations or more; a study has up to 10000 cases");
    scratch_refused(HEAD "    distribution: k-channel\n    sweep:\n      - {parameter: channels, from: 1, to: 4, points: 5}\n",
                    AT_ERR_ARGUMENT, "7: inputs[0].sweep: points 3 and 4 are equal (channels=3)");
    scratch_refused(HEAD "    distribution: k-channel\n    sobol: {points: 17, over: [{parameter: channels, from: 1, to: 16}]}\n",
                    AT_ERR_ARGUMENT, "7: inputs[0].sobol: points ");
    scratch_refused(HEAD "    distribution: normal\n    sobol:\n      points: 0\n      over: [{parameter: sigma, from: 1, to: 2}]\n",
                    AT_ERR_ARGUMENT, "8: inputs[0].sobol.points: '0' is not a whole number from 1 to 10000");
    scratch_refused(
        HEAD "    distribution: normal\n    sobol:\n      points: 2\n      seed: -1\n      over: [{parameter: sigma, values: [1]}]\n",
        AT_ERR_ARGUMENT, "9: inputs[0].sobol.seed: '-1' is not");
    scratch_refused(HEAD "    distribution: normal\n    sobol: {points: 2, over: [{parameter: sigma, from: 1, to: 2}]}\n"
                         "    sweep: [{parameter: sigma, values: [1]}]\n",
                    AT_ERR_ARGUMENT, "7: inputs[0].sobol: 'sweep' and 'sobol' are both given");
    scratch_refused(HEAD "    distribution: normal\n    sobol: {points: 2, over: []}\n", AT_ERR_FORMAT,
                    "7: inputs[0].sobol.over: the list");
    scratch_refused(HEAD "    distribution: normal\n    sobol: {points: 2}\n", AT_ERR_FORMAT, "7: inputs[0].sobol: key 'over' is missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(grid), cmocka_unit_test(sobol), cmocka_unit_test(refused_axes),
                                       cmocka_unit_test(refused_axes_of_the_case), cmocka_unit_test(refused_points)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
