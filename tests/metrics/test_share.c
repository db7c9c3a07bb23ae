/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/share.h"

#include "sample.h"

static void is_hits_over_count(void **unused)
{
    (void)unused;
    struct at_metric_state a = {.v = {1}, .n = 4}, b = {.v = {2}, .n = 8}, none = {0};
    double value = 7;
    assert_int_equal(at_share_value(&none, &value), AT_ERR_UNDEFINED);
    assert_true(value == 7);
    at_share_merge(&a, &b);
    assert_int_equal(at_share_value(&a, &value), AT_OK);
    assert_true(value == 0.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_hits_over_count)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
