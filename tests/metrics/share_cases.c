/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "share_cases.h"

static const struct at_metric *tested;
static size_t own;

static int64_t *own_of(struct at_counts *counts)
{
    return (int64_t *)(void *)((char *)counts + own);
}

static void is_the_share_of_all_elements(void **unused)
{
    (void)unused;
    struct at_counts first = {.elements = 100, .saturated = 3, .underflowed = 3};
    struct at_counts second = {.elements = 300, .saturated = 1, .underflowed = 1};
    struct at_metric_state state = {0}, other = {0};
    double value = 7;
    assert_int_equal(tested->value(&state, &value), AT_ERR_UNDEFINED);
    assert_true(value == 7);
    tested->add_counts(&state, &first);
    tested->add_counts(&other, &second);
    tested->merge(&state, &other);
    assert_int_equal(tested->value(&state, &value), AT_OK);
    assert_true(value == 0.01); /* 4 / 400, not the mean of 3 % and 1/3 % */
    assert_null(tested->radius);
}

static void counts_only_its_own(void **unused)
{
    (void)unused;
    struct at_counts counts = {.elements = 8};
    struct at_counts others = {.elements = 8, .saturated = 8, .underflowed = 8};
    struct at_metric_state state = {0}, none = {0};
    double value;
    *own_of(&counts) = 2;
    *own_of(&others) = 0;
    tested->add_counts(&state, &counts);
    tested->add_counts(&none, &others);
    assert_int_equal(tested->value(&state, &value), AT_OK);
    assert_true(value == 0.25);
    assert_int_equal(tested->value(&none, &value), AT_OK);
    assert_true(value == 0);
}

int share_cases_run(const struct at_metric *metric, size_t own_count)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_share_of_all_elements),
        cmocka_unit_test(counts_only_its_own),
    };
    tested = metric;
    own = own_count;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
