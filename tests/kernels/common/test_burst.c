/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/burst.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct calls {
    int made, fails; /* the n-th one fails; 0: none */
};

static enum at_status enqueue(void *context, struct at_error *error)
{
    struct calls *calls = context;
    return ++calls->made == calls->fails ? at_fail(error, AT_ERR_DEVICE, "as asked") : AT_OK;
}

static void as_many_as_asked(void **state)
{
    (void)state;
    struct at_error error = {""};
    for (int n = 0; n < 4; n++) {
        struct calls calls = {0};
        assert_int_equal(at_gpu_enqueue_burst(&(struct at_gpu_burst){enqueue, &calls, n}, &error), AT_OK);
        assert_int_equal(calls.made, n);
    }
}

static void until_the_first_error(void **state)
{
    (void)state;
    struct at_error error = {""};
    struct calls calls = {.fails = 2};
    assert_int_equal(at_gpu_enqueue_burst(&(struct at_gpu_burst){enqueue, &calls, 5}, &error), AT_ERR_DEVICE);
    assert_string_equal(error.message, "as asked");
    assert_int_equal(calls.made, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_many_as_asked), cmocka_unit_test(until_the_first_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
