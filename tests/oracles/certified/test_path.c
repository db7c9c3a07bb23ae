/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_paths(void **state)
{
    (void)state;
    bool ifma = true;
    assert_true(at_certified_available(AT_CERTIFIED_AUTO) && at_certified_available(AT_CERTIFIED_PORTABLE));
    assert_false(at_certified_available(AT_CERTIFIED_PATH_COUNT));
    assert_ptr_equal(at_certified_lanes_of(AT_CERTIFIED_PORTABLE, &ifma), &at_certified_lanes_portable);
    assert_false(ifma);
    int best = AT_CERTIFIED_PATH_COUNT - 1;
    while (!at_certified_available((enum at_certified_path)best))
        best--;
    bool ifma_of_best;
    assert_ptr_equal(at_certified_lanes_of(AT_CERTIFIED_AUTO, &ifma), at_certified_lanes_of((enum at_certified_path)best, &ifma_of_best));
    assert_int_equal(ifma, ifma_of_best);
    for (int a = 0; a < AT_CERTIFIED_PATH_COUNT; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(at_certified_path_names[a], at_certified_path_names[b]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
