/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/spot.h"

#include "bench.h"
#include "scratch.h"
#include "study/truth.h"
#include "synthetic.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* One row of two outputs as an oracle may give it. */
struct row {
    double o[2], o_low[2], radius[2], sum_abs[2], lse, lse_radius;
};

static const struct row plain = {{1, -3}, {0x1p-60, 0}, {0x1p-40, 0x1p-40}, {4, 4}, 2, 0x1p-40};

static enum at_status compare(struct row a, struct row b, struct at_spot *spot, struct at_error *error)
{
    struct at_oracle_truth x = {a.o, a.o_low, a.radius, a.sum_abs, &a.lse, &a.lse_radius, NULL, 0, 0};
    struct at_oracle_truth y = {b.o, b.o_low, b.radius, b.sum_abs, &b.lse, &b.lse_radius, NULL, 0, 0};
    static const int64_t place[3] = {4, 5, 6};
    *spot = (struct at_spot){.by = NULL};
    return at_spot_row(spot, &at_oracle_synthetic, &x, 0, at_oracles[1], &y, 0, 2, place, error);
}

/* Enclosures that touch meet; a last bit more, and they do not. */
static void where_enclosures_meet(void **state)
{
    (void)state;
    struct at_spot spot;
    struct at_error error = {""};
    struct row other = plain;
    assert_int_equal(compare(plain, other, &spot, &error), AT_OK);
    assert_true(spot.difference == 0 && spot.share == 0 && spot.rows == 1 && spot.by == at_oracles[1]);
    other.o[1] += 0x1p-40;
    assert_int_equal(compare(plain, other, &spot, &error), AT_OK);
    assert_true(fabs(spot.share - 0.5) <= 0x1p-40 && spot.difference == 0x1p-42);
    other.o[1] = plain.o[1] + 0x1p-39;
    assert_int_equal(compare(plain, other, &spot, &error), AT_OK);
    other.o[1] = plain.o[1] + 0x1p-39 + 0x1p-50;
    assert_int_equal(compare(plain, other, &spot, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "head 5 of batch 4, query row 6, column 1: oracle synthetic gives -3 within 9.09e-13, oracle "
                                          "certified -2.99999"));
    other = plain;
    other.lse += 0x1p-38;
    assert_int_equal(compare(plain, other, &spot, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "log-sum-exp: oracle synthetic gives 2 within"));
    /* the trailing doubles count */
    struct row one = plain, two = plain;
    one.radius[0] = two.radius[0] = 0x1p-70;
    two.o_low[0] = -0x1p-60;
    assert_int_equal(compare(one, two, &spot, &error), AT_ERR_UNDEFINED);
    two.o_low[0] = 0x1p-60 + 0x1p-70;
    assert_int_equal(compare(one, two, &spot, &error), AT_OK);
}

static void no_number(void **state)
{
    (void)state;
    struct at_spot spot;
    struct at_error error = {""};
    struct row none = plain, other = plain;
    none.o[0] = NAN;
    none.radius[0] = INFINITY;
    assert_int_equal(compare(none, none, &spot, &error), AT_OK);
    assert_int_equal(compare(none, plain, &spot, &error), AT_ERR_UNDEFINED);
    assert_int_equal(compare(plain, none, &spot, &error), AT_ERR_UNDEFINED);
    other.radius[0] = NAN; /* bounds nothing and is no bound */
    assert_int_equal(compare(other, plain, &spot, &error), AT_ERR_UNDEFINED);
    other.radius[0] = INFINITY; /* bounds nothing, as an oracle may say */
    other.o[0] = 1e300;
    assert_int_equal(compare(other, plain, &spot, &error), AT_OK);
    other = plain;
    other.lse = -INFINITY;
    assert_int_equal(compare(other, other, &spot, &error), AT_OK);
    assert_int_equal(compare(other, plain, &spot, &error), AT_ERR_UNDEFINED);
}

/* Each case has its rows, the same for each truth; they are few, and the oracle that is asked is the next one. */
static void rows_drawn(void **state)
{
    (void)state;
    struct scratch_bench b;
    struct at_truths truths;
    struct at_error error = {""};
    synthetic = (struct synthetic){SYNTHETIC_HONEST, -60, -60, 1, false};
    scratch_bench_open(&b,
                       "name: n\nrows: 5\noracle: synthetic\nvariants: [fa3-fp16]\n"
                       "inputs: [{distribution: normal, shape: {heads: 3, keys: 24, dim: 32}}]\n",
                       "d.db");
    if (at_truths_solve(b.bench.c, b.bench.oracle, &b.bench.inputs, NULL, NULL, &b.progress, &truths, &error))
        fail_msg("%s", error.message);
    assert_ptr_equal(truths.spot.by, at_oracles[1]);
    assert_int_equal(truths.spot.rows, AT_SPOT_ROWS);
    assert_true(fabs(truths.spot.share - 0.25) <= 0x1p-10);
    at_truths_done(&truths);
    if (at_truths_solve(b.bench.c, at_oracles[0], &b.bench.inputs, NULL, NULL, &b.progress, &truths, &error))
        fail_msg("%s", error.message);
    assert_true(truths.spot.by == NULL && truths.spot.rows == 0); /* mpfr is the last word */
    at_truths_done(&truths);
    synthetic.kind = SYNTHETIC_WRONG;
    assert_int_equal(at_truths_solve(b.bench.c, b.bench.oracle, &b.bench.inputs, NULL, NULL, &b.progress, &truths, &error),
                     AT_ERR_UNDEFINED);
    scratch_bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(where_enclosures_meet), cmocka_unit_test(no_number), cmocka_unit_test(rows_drawn)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
