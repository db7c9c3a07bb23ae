/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench.h"

#include "bench_fixture.h"
#include "study/bench_measure.h"
#include "study/truth.h"
#include "tests/kernels/support/driver.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Runs and scores with what AT_BENCH_KERNEL says ("" for a kernel that is right). */
static void scored(struct bench_fixture *f, const char *fault, struct at_benchmark *ret_benchmark)
{
    struct at_error error = {""};
    bench_fixture_init(f, "");
    assert_int_equal(*fault ? setenv("AT_BENCH_KERNEL", fault, 1) : unsetenv("AT_BENCH_KERNEL"), 0);
    bench_fixture_run(f, ret_benchmark);
    assert_status(at_benchmark_score(ret_benchmark, &error), &error, AT_OK, "");
    unsetenv("AT_BENCH_KERNEL");
}

/* The definition, from the outputs and the oracle: sqrt(sum (o - t)^2 / sum t^2) over all rows and heads. */
static double by_definition(const struct at_benchmark *b, size_t index)
{
    const struct at_bench_request *r = b->request;
    size_t problem = b->points[index].problem;
    struct at_case c = {.problem = at_bench_made(&r->problems[problem]), .format = r->format, .rows = b->rows[problem]};
    struct at_qkv inputs;
    struct at_truths truths;
    struct at_work work = {.done = 0};
    struct at_error error;
    if (at_distribution_generate(&r->distribution, &c.problem, r->format, r->seed, &inputs, &error) ||
        at_truths_solve(&c, r->oracle, &inputs, NULL, NULL, &work, &truths, &error))
        fail_msg("%s", error.message);
    const float *o = b->outputs + at_bench_outputs(b, index);
    int64_t each = c.rows.count * c.problem.dim;
    double errors = 0, squares = 0;
    for (int64_t i = 0; i < truths.heads * each; i++) {
        double truth = truths.head[i / each].o[i % each];
        errors += ((double)o[i] - truth) * ((double)o[i] - truth);
        squares += truth * truth;
    }
    at_qkv_done(&inputs);
    at_truths_done(&truths);
    return sqrt(errors / squares);
}

static void the_error_is_that_of_the_definition(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark b;
    scored(&f, "", &b);
    for (size_t i = 0; i < b.count; i++) {
        const struct at_bench_point *p = &b.points[i];
        if (!p->kernel) {
            assert_true(isnan(p->rel_rmse));
            continue;
        }
        double wanted = by_definition(&b, i), rounding = 4 * 64 * 8 * 0x1p-52; /* of as many terms as are added */
        assert_true(fabs(p->rel_rmse - wanted) <= rounding * wanted);
        assert_true(p->rel_rmse_radius >= 0 && p->rel_rmse_radius < p->rel_rmse);
        assert_true(p->variant == 0 ? p->rel_rmse < 0x1p-10 : p->rel_rmse > 0x1p-6); /* a few roundings of 11 bits, and of 4 */
    }
    at_benchmark_done(&b);
}

/* Outputs of half the size are half the truth away, give or take half of what they were away before. */
static void a_kernel_that_is_wrong_shows(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark right, half, nan;
    scored(&f, "", &right);
    double before = right.points[0].rel_rmse;
    at_benchmark_done(&right);
    scored(&f, "half", &half);
    assert_true(fabs(half.points[0].rel_rmse - 0.5) <= before);
    at_benchmark_done(&half);
    scored(&f, "nan", &nan);
    for (size_t i = 0; i < nan.count; i++)
        assert_true(nan.points[i].kernel ? nan.points[i].rel_rmse == INFINITY : isnan(nan.points[i].rel_rmse));
    at_benchmark_done(&nan);
}

static void what_is_not_asked_for_is_not_measured(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark b;
    struct at_error error = {""};
    bench_fixture_init(&f, "");
    f.request.rows = 0;
    bench_fixture_run(&f, &b);
    assert_status(at_benchmark_score(&b, &error), &error, AT_OK, "");
    assert_true(isnan(b.points[0].rel_rmse) && isnan(b.points[0].rel_rmse_radius) && b.points[0].alone.median_ns > 0);
    at_benchmark_done(&b);
}

static void a_stop_is_heard(void **state)
{
    (void)state;
    struct bench_fixture f;
    struct at_benchmark b;
    struct at_error error = {""};
    volatile sig_atomic_t stop = 0;
    const struct at_study_events events = {.stop = &stop};
    bench_fixture_init(&f, "");
    f.request.events = &events;
    bench_fixture_run(&f, &b);
    stop = 1;
    assert_status(at_benchmark_score(&b, &error), &error, AT_ERR_INTERRUPTED, "interrupted");
    at_benchmark_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_error_is_that_of_the_definition),
        cmocka_unit_test(a_kernel_that_is_wrong_shows),
        cmocka_unit_test(what_is_not_asked_for_is_not_measured),
        cmocka_unit_test(a_stop_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
