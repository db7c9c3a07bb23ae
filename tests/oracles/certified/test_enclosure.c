/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The enclosures of certified against attention in MPFR at 512 bits, over every distribution, every format and every regime in which an
 * oracle could go wrong.   test_enclosure [seeds]          (default 1)
 */
#include "corpus.h"
#include "naive.h"

#include "oracles/certified/certified.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static uint64_t seeds = 1;

static struct {
    int64_t outputs, violations, declined, rows;
    double radius_log2, error;
} seen = {.radius_log2 = -INFINITY};

/* log2 of the largest radius over sum p|v|; 2^-1073 of it is what a double cannot express (docs/oracles.md, "Target"). */
static double radius_log2(const struct corpus_head *corpus, const struct at_oracle_truth *truth)
{
    double largest = 0;
    for (int64_t i = 0; i < CORPUS_ROWS * corpus->problem.dim; i++)
        if (truth->radius[i] > 0x1p-1073)
            largest = fmax(largest, (truth->radius[i] - 0x1p-1073) / truth->sum_abs[i]);
    return log2(largest);
}

static void check(const struct corpus_head *corpus)
{
    struct at_oracle_truth truth;
    struct naive naive;
    int64_t declined;
    assert_int_equal(at_oracle_truth_init(&truth, &corpus->problem, CORPUS_ROWS, 0, NULL), AT_OK);
    assert_int_equal(at_certified_solve(&corpus->head, AT_SIMD_AUTO, &truth, &declined, NULL), AT_OK);
    naive_init(&naive, &corpus->head);
    for (int64_t i = 0; i < CORPUS_ROWS; i++)
        seen.violations += naive_violations(&naive, i, &truth, corpus->what, &seen.error);
    naive_done(&naive);
    double radius = radius_log2(corpus, &truth);
    if (!(radius <= -80))
        fail_msg("%s: radius 2^%.1f of sum p|v|", corpus->what, radius);
    if (declined > 0)
        printf("%s: %" PRId64 " rows left to mpfr\n", corpus->what, declined);
    seen.radius_log2 = fmax(seen.radius_log2, radius);
    seen.outputs += CORPUS_ROWS * corpus->problem.dim;
    seen.declined += declined;
    seen.rows += CORPUS_ROWS;
    at_oracle_truth_done(&truth);
}

static void test_every_input(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++)
        for (size_t n = 0; n < at_distribution_count; n++)
            for (int f = 0; f < CORPUS_FORMATS; f++)
                for (int regime = 0; regime < CORPUS_REGIMES; regime++) {
                    struct corpus_head corpus;
                    if (!corpus_is_due(n, f, regime, seed))
                        continue;
                    corpus_init(&corpus, at_distributions[n], corpus_formats[f], (enum corpus_regime)regime, seed);
                    check(&corpus);
                    corpus_done(&corpus);
                }
    printf("%" PRId64 " outputs: %" PRId64 " violations; largest radius 2^%.1f, largest error 2^%.1f of sum p|v|; %" PRId64 " of %" PRId64
           " rows left to mpfr\n", seen.outputs, seen.violations, seen.radius_log2, log2(seen.error), seen.declined, seen.rows);
    assert_int_equal(seen.violations, 0);
    assert_true(seen.declined * 4 < seen.rows);
}

/* The judge itself: radii that are a hundredth of what the errors are do not pass. */
static void test_judge_refuses(void **state)
{
    (void)state;
    struct corpus_head corpus;
    struct at_oracle_truth truth;
    struct naive naive;
    double error = 0;
    corpus_init(&corpus, at_distributions[0], AT_FP16, CORPUS_AS_IT_IS, 1);
    assert_int_equal(at_oracle_truth_init(&truth, &corpus.problem, CORPUS_ROWS, 0, NULL), AT_OK);
    assert_int_equal(at_oracle_certified.solve(&corpus.head, &truth, NULL), AT_OK);
    naive_init(&naive, &corpus.head);
    assert_int_equal(naive_violations(&naive, 0, &truth, "true", &error), 0);
    for (int64_t c = 0; c < corpus.problem.dim; c++)
        truth.radius[c] = truth.sum_abs[c] * error * 0.01;
    assert_true(error > 0 && naive_violations(&naive, 0, &truth, "as it should", &error) > corpus.problem.dim / 2);
    truth.lse[1] += 4 * truth.lse_radius[1] + 0x1p-52 * fabs(truth.lse[1]);
    assert_int_equal(naive_violations(&naive, 1, &truth, "as it should", &error), 1);
    naive_done(&naive);
    at_oracle_truth_done(&truth);
    corpus_done(&corpus);
}

int main(int argc, char **argv)
{
    seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : seeds;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_judge_refuses), cmocka_unit_test(test_every_input)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
