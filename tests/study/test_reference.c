/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/reference.h"

#include "bench.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* fa3-fp8 and fp8-two-level differ after Q, K and V are quantised; fa3-bf16 has operands of its own. */
static void truths_are_shared_and_freed(void **state)
{
    (void)state;
    struct scratch_bench b;
    struct at_truths own = {0};
    const struct at_truths *first[AT_REFERENCES], *second[AT_REFERENCES], *third[AT_REFERENCES];
    scratch_bench_open(&b,
                       "name: n\nrows: 2\nvariants: [fa3-fp8, fa3-bf16, fp8-two-level]\n"
                       "inputs: [{distribution: normal, shape: {heads: 2, keys: 24, dim: 32}}]\n",
                       "r.db");
    struct at_attend fp8 = scratch_bench_prepare(&b, 0), bf16 = scratch_bench_prepare(&b, 1), again = scratch_bench_prepare(&b, 2);
    assert_int_equal(at_reference_find(&b.bench, 0, &fp8.operands, &own, first, NULL), AT_OK);
    assert_ptr_equal(first[AT_AGAINST_ORIGINAL], &b.bench.original);
    assert_ptr_equal(first[AT_AGAINST_DEQUANTISED], &b.bench.kept[0]);
    at_reference_release(&b.bench, 0);
    assert_true(!b.bench.todo[0] && b.bench.kept[0].heads == 2); /* for the third */

    assert_int_equal(at_reference_find(&b.bench, 1, &bf16.operands, &own, second, NULL), AT_OK);
    assert_ptr_equal(second[AT_AGAINST_ORIGINAL], first[AT_AGAINST_ORIGINAL]);
    assert_ptr_equal(second[AT_AGAINST_DEQUANTISED], &own);
    assert_string_not_equal(own.operands.hex, b.bench.kept[0].operands.hex);
    at_truths_done(&own);
    at_reference_release(&b.bench, 1);

    double done = b.progress.done;
    assert_int_equal(at_reference_find(&b.bench, 2, &again.operands, &own, third, NULL), AT_OK);
    assert_ptr_equal(third[AT_AGAINST_DEQUANTISED], first[AT_AGAINST_DEQUANTISED]);
    assert_true(own.heads == 0 && b.progress.done == done); /* nothing was solved */
    at_reference_release(&b.bench, 2);
    assert_int_equal(b.bench.kept[0].heads, 0);
    at_attend_done(&fp8);
    at_attend_done(&bf16);
    at_attend_done(&again);
    scratch_bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(truths_are_shared_and_freed)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
