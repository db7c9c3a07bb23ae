/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "datasets/columns.h"

enum { COUNT = 40, CHOSEN = 6, KEYS = 4000 };

static void as_many_as_asked_for_and_each_as_often(void **state)
{
    (void)state;
    int64_t times[COUNT] = {0};
    for (uint64_t key = 0; key < KEYS; key++) {
        bool chosen[COUNT];
        int count = 0;
        at_columns_choose((struct at_random){1, key}, COUNT, CHOSEN, chosen);
        for (int c = 0; c < COUNT; c++) {
            count += chosen[c];
            times[c] += chosen[c];
        }
        assert_int_equal(count, CHOSEN);
    }
    for (int c = 0; c < COUNT; c++)
        sample_assert_share(times[c], KEYS, (double)CHOSEN / COUNT);
}

static void all_and_none(void **state)
{
    (void)state;
    bool chosen[COUNT];
    at_columns_choose((struct at_random){1, 1}, COUNT, COUNT + 3, chosen);
    for (int c = 0; c < COUNT; c++)
        assert_true(chosen[c]);
    at_columns_choose((struct at_random){1, 1}, COUNT, 0, chosen);
    for (int c = 0; c < COUNT; c++)
        assert_false(chosen[c]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_as_asked_for_and_each_as_often),
        cmocka_unit_test(all_and_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
