/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_lse_forms.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Parts that are powers of two tell all forms from each other and from the truth, and each grows or falls with its parts. */
static void forms_differ(void **state)
{
    (void)state;
    const struct at_check_lse_parts parts = {.most = 2, .log_sum = 1, .shift = 16, .scale = 0.25, .offset = 4};
    for (size_t i = 0; i < at_check_lse_form_count; i++) {
        const double value = at_check_lse_forms[i].of(&parts);
        assert_true(isfinite(value) && value != parts.most + parts.log_sum + parts.shift);
        for (size_t j = 0; j < i; j++)
            assert_true(value != at_check_lse_forms[j].of(&parts) && strcmp(at_check_lse_forms[i].pattern, at_check_lse_forms[j].pattern));
    }
}

/* Of a row without keys no form makes NaN, which would be no number to look for. */
static void no_form_of_a_row_without_keys_is_nan(void **state)
{
    (void)state;
    const struct at_check_lse_parts parts = {.most = -INFINITY, .log_sum = -INFINITY, .shift = 1, .scale = 1};
    for (size_t i = 0; i < at_check_lse_form_count; i++)
        assert_false(isnan(at_check_lse_forms[i].of(&parts)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms_differ), cmocka_unit_test(no_form_of_a_row_without_keys_is_nan)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
