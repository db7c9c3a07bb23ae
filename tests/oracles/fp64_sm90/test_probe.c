/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "probe.h"

#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Each order's sum is within the bound, which all of them keep, and what is off by more is not. */
static void test_orders(void **state)
{
    (void)state;
    struct at_random key = {3, 3};
    int64_t different = 0;
    for (uint64_t n = 0; n < 3000; n++) {
        int depth = 4 << n % 3;
        double a[16], b[16 * 3], size;
        for (int i = 0; i < 16; i++)
            a[i] = ldexp(at_random_normal(key, 64 * n + (uint64_t)i), (int)(at_random_bits(key, 64 * n + 16 + (uint64_t)i) % 20));
        for (int i = 0; i < 48; i++)
            b[i] = at_random_normal(key, 1000000 + 64 * n + (uint64_t)i);
        double c = at_random_normal(key, 2000000 + n), sums[PROBE_ORDERS];
        size = fabs(c);
        for (int i = 0; i < depth; i++)
            size += fabs(a[i] * b[3 * i]);
        for (int order = 0; order < PROBE_ORDERS; order++) {
            sums[order] = probe_sum((enum probe_order)order, depth, c, a, b, 3);
            assert_true(probe_within(depth, sums[order], c, a, b, 3));
            different += sums[order] != sums[0];
        }
        assert_false(probe_within(depth, sums[0] + 3 * depth * size * 0x1p-53, c, a, b, 3));
        assert_false(probe_within(depth, sums[0] - 3 * depth * size * 0x1p-53, c, a, b, 3));
    }
    assert_true(different > 1000); /* so that a GPU's order can be told */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_orders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
