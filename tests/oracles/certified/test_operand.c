/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/head.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_modes(void **state)
{
    (void)state;
    assert_int_equal(at_certified_mode_of(22, 23, 128, true), AT_CERTIFIED_WHOLE);
    assert_int_equal(at_certified_mode_of(23, 23, 128, true), AT_CERTIFIED_IFMA);
    assert_int_equal(at_certified_mode_of(23, 23, 128, false), AT_CERTIFIED_HALVES);
    assert_int_equal(at_certified_mode_of(46, 46, 128, false), AT_CERTIFIED_HALVES);
    assert_int_equal(at_certified_mode_of(47, 46, 128, false), AT_CERTIFIED_WIDE);
    assert_int_equal(at_certified_mode_of(51, 46, 128, true), AT_CERTIFIED_IFMA);
    assert_int_equal(at_certified_mode_of(52, 45, 128, true), AT_CERTIFIED_WIDE);
    assert_int_equal(at_certified_mode_of(49, 48, 128, true), AT_CERTIFIED_IFMA); /* 104 bits */
    assert_int_equal(at_certified_mode_of(49, 49, 128, true), -1);
    assert_int_equal(at_certified_mode_of(63, 1, 32, true), -1);
    assert_int_equal(at_certified_mode_of(1, 63, 32, true), -1);
}

/* The element as the mode keeps it, put together again. */
static double rebuilt(const struct at_certified_operand *operand, int64_t at)
{
    switch (operand->mode) {
    case AT_CERTIFIED_WHOLE: return operand->a[at];
    case AT_CERTIFIED_HALVES: return ldexp(operand->a[at], operand->half) + operand->b[at];
    case AT_CERTIFIED_IFMA: return (double)(operand->n[at] - ((int64_t)1 << 51));
    default: return (double)operand->n[at];
    }
}

static void test_layout(void **state)
{
    (void)state;
    enum { DIM = 32, COUNT = 16 };
    for (int mode = AT_CERTIFIED_WHOLE; mode <= AT_CERTIFIED_WIDE; mode++)
        for (int panels = 0; panels < 2; panels++) {
            struct at_certified_operand operand;
            assert_true(at_certified_operand_init(&operand, (enum at_certified_mode)mode, 21, COUNT, DIM));
            double x[DIM];
            int64_t total = 0;
            for (int64_t j = 0; j < COUNT; j++) {
                total = 0;
                for (int64_t d = 0; d < DIM; d++) {
                    int64_t n = (d % 2 ? -1 : 1) * ((1 << 21) - 1 - d * 33 - j * 7);
                    x[d] = ldexp((double)n, -40);
                    total += n;
                }
                at_certified_operand_set(&operand, panels, j, j == 3 ? NULL : x, -40);
                for (int64_t d = 0; d < DIM; d++) {
                    double got = rebuilt(&operand, panels ? (j / 8 * DIM + d) * 8 + j % 8 : j * DIM + d);
                    assert_true(got == (j == 3 ? 0 : ldexp(x[d], 40)));
                    assert_true(mode != AT_CERTIFIED_HALVES || (operand.half == 11 && operand.b[j * DIM + d] >= 0));
                }
            }
            if (mode == AT_CERTIFIED_IFMA)
                assert_true(operand.sum[COUNT - 1] == total + (panels ? DIM * ((int64_t)1 << 51) : 0));
            at_certified_operand_done(&operand);
            assert_null(operand.a);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_modes), cmocka_unit_test(test_layout)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
