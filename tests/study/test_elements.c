/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/elements.h"

#include "bench.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char text[] = "name: n\nrows: 5\nvariants: [fa3-fp16, fa3-fp8, \"fp8:q.smooth=mean\"]\n"
                           "inputs: [{distribution: normal, causal: true, shape: {heads: 4, kv-heads: 2, keys: 24, dim: 32}}]\n";

/* fp16 operands without scales are the inputs, fp8 ones are not, and a smoothed Q has other columns. */
static void which_are_the_inputs(void **state)
{
    (void)state;
    struct scratch_bench b;
    struct at_elements e;
    scratch_bench_open(&b, text, "e.db");
    const struct at_case *c = b.bench.c;
    assert_int_equal(at_elements_init(&e, c, NULL, NULL), AT_OK);
    at_elements_fill(&e, c, &b.bench.inputs, NULL, 0, 3);
    assert_true(at_elements_are_inputs(&e, c, &b.bench.inputs, 0, 3));
    assert_false(at_elements_are_inputs(&e, c, &b.bench.inputs, 0, 2)); /* the same keys, another query head */
    at_elements_done(&e);
    for (size_t i = 0; i < 3; i++) {
        struct at_attend attend = scratch_bench_prepare(&b, i);
        assert_int_equal(at_elements_init(&e, c, &attend.operands, NULL), AT_OK);
        at_elements_fill(&e, c, &b.bench.inputs, &attend.operands, 0, 3);
        assert_int_equal(at_elements_are_inputs(&e, c, &b.bench.inputs, 0, 3), i == 0);
        assert_int_equal(e.score_dim, i == 2 ? 64 : 32);
        at_elements_done(&e);
        at_attend_done(&attend);
    }
    scratch_bench_close(&b);
}

/* Some rows give what all give, in the order asked for. */
static void some_rows(void **state)
{
    (void)state;
    enum { DIM = 32, KEYS = 24 };
    static const int64_t all[] = {0, 1, 2, 3, 4}, some[] = {4, 1};
    struct scratch_bench b;
    struct at_elements e;
    struct at_oracle_truth whole, part;
    scratch_bench_open(&b, text, "r.db");
    const struct at_case *c = b.bench.c;
    struct at_attend attend = scratch_bench_prepare(&b, 2);
    assert_int_equal(at_elements_init(&e, c, &attend.operands, NULL), AT_OK);
    at_elements_fill(&e, c, &b.bench.inputs, &attend.operands, 0, 1);
    assert_int_equal(at_elements_solve(&e, c, b.bench.oracle, all, 5, true, &whole, NULL), AT_OK);
    assert_int_equal(at_elements_solve(&e, c, b.bench.oracle, some, 2, true, &part, NULL), AT_OK);
    for (int64_t n = 0; n < 2; n++) {
        assert_memory_equal(part.o + n * DIM, whole.o + some[n] * DIM, DIM * sizeof(double));
        assert_memory_equal(part.radius + n * DIM, whole.radius + some[n] * DIM, DIM * sizeof(double));
        assert_memory_equal(part.p + n * KEYS, whole.p + some[n] * KEYS, KEYS * sizeof(double));
        assert_true(part.lse[n] == whole.lse[some[n]]);
    }
    at_oracle_truth_done(&whole);
    at_oracle_truth_done(&part);
    at_elements_done(&e);
    at_attend_done(&attend);
    scratch_bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(which_are_the_inputs), cmocka_unit_test(some_rows)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
