/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/close.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void rounding(void **unused)
{
    (void)unused;
    assert_true(at_close_round(AT_FP32, 0.1f) == 0.1f);
    assert_true(at_close_round(AT_BF16, 1 + 0x1p-8f) == 1);
    assert_true(at_close_round(AT_FP16, 1e5f) == INFINITY);
    assert_true(isnan(at_close_round(AT_E4M3, 500)));
    assert_true(at_close_difference(AT_BF16, 256, 0.5f) == 256);
    assert_true(at_close_difference(AT_FP32, 256, 0.5f) == 255.5f);
}

/* 2 * 0.25 + 0.5 = 1: the bound itself is close. */
static void closeness(void **unused)
{
    (void)unused;
    const float reference[2] = {2, -2};
    assert_true(at_close_all((float[]){3, -3}, reference, 2, 0.5, 0.25, AT_FP32));
    assert_false(at_close_all((float[]){3, -3.125f}, reference, 2, 0.5, 0.25, AT_FP32));
    assert_true(at_close_all(NULL, NULL, 0, 0, 0, AT_FP32));
    assert_true(at_close_all((float[]){INFINITY}, (float[]){INFINITY}, 1, 0, 0, AT_FP32));
    assert_false(at_close_all((float[]){1}, (float[]){INFINITY}, 1, 1, 1, AT_FP32));
    assert_false(at_close_all((float[]){NAN}, (float[]){NAN}, 1, 1, 1, AT_FP32));
}

/* In bf16 256.5 is 256: what was out of the bound is in it. */
static void the_type_counts(void **unused)
{
    (void)unused;
    assert_false(at_close_all((float[]){257}, (float[]){0.5f}, 1, 256, 0, AT_FP32));
    assert_true(at_close_all((float[]){256.5f}, (float[]){0.25f}, 1, 256, 0, AT_BF16));
}

static void largest_difference(void **unused)
{
    (void)unused;
    assert_true(at_close_largest((float[]){1, 5, 2}, (float[]){1, 2, 4}, 3, AT_FP32) == 3);
    assert_true(at_close_largest(NULL, NULL, 0, AT_FP32) == 0);
    assert_true(isnan(at_close_largest((float[]){9, NAN, 2}, (float[]){1, 2, 4}, 3, AT_FP32)));
    assert_true(isnan(at_close_largest((float[]){INFINITY, 9}, (float[]){INFINITY, 2}, 2, AT_FP32)));
    assert_true(at_close_largest((float[]){INFINITY, 9}, (float[]){1, 2}, 2, AT_FP32) == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounding),
        cmocka_unit_test(closeness),
        cmocka_unit_test(the_type_counts),
        cmocka_unit_test(largest_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
