/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_paths(void **state)
{
    (void)state;
    assert_ptr_equal(at_certified_lanes_of(AT_SIMD_SCALAR), &at_certified_lanes_portable);
    assert_ptr_equal(at_certified_lanes_of(AT_SIMD_AUTO), at_certified_lanes_of(at_simd_best()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
