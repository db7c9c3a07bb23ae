/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* What every entry of the registry of variants must be, so that a new file is held to it the day it is added. */
#include "kernels/variants/variant.h"

#include "kernels/prepare/prepare.h"
#include "kernels/twin/attention.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void names_are_keys(void **state)
{
    (void)state;
    assert_true(at_variant_count >= 14);
    for (size_t i = 0; i < at_variant_count; i++) {
        const struct at_variant *v = at_variants[i];
        assert_true(v->name && *v->name && strlen(v->name) < AT_VARIANT_NAME_SIZE);
        for (const char *c = v->name; *c; c++)
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-'); /* no ':', ',' or '=' of the spellings */
        for (size_t j = 0; j < i; j++) {
            char a[AT_NUMERICS_TEXT_SIZE], b[AT_NUMERICS_TEXT_SIZE];
            assert_string_not_equal(v->name, at_variants[j]->name);
            at_numerics_print(&v->numerics, a);
            at_numerics_print(&at_variants[j]->numerics, b);
            if (strcmp(a, b) == 0)
                fail_msg("%s and %s are the same numerics", v->name, at_variants[j]->name);
        }
    }
}

static void each_says_what_it_is_and_where_it_is_from(void **state)
{
    (void)state;
    for (size_t i = 0; i < at_variant_count; i++) {
        const char *texts[] = {at_variants[i]->summary, at_variants[i]->source};
        for (int t = 0; t < 2; t++)
            if (!texts[t] || strlen(texts[t]) < 10 || strchr(texts[t], '\n'))
                fail_msg("%s: %s", at_variants[i]->name, t ? "no source" : "no summary of one line");
    }
}

/* The numerics survive their own spelling, resolve for every shape, and are near attention on constant values: O is V. */
static void numerics_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < at_variant_count; i++) {
        struct at_numerics back = {0}, resolved;
        struct at_error error;
        char text[AT_NUMERICS_TEXT_SIZE], again[AT_NUMERICS_TEXT_SIZE];
        at_numerics_print(&at_variants[i]->numerics, text);
        if (at_numerics_check(&at_variants[i]->numerics, &error) || at_numerics_apply(&back, text, &error))
            fail_msg("%s: %s", at_variants[i]->name, error.message);
        at_numerics_print(&back, again);
        assert_string_equal(again, text);
        for (int64_t dim = 32; dim <= 256; dim *= 2)
            for (int causal = 0; causal < 2; causal++) {
                struct at_problem problem = {1, 1, 1, 100, 100, dim, causal, 0};
                if (at_numerics_resolve(&at_variants[i]->numerics, &problem, &resolved, &error))
                    fail_msg("%s: %s", at_variants[i]->name, error.message);
            }
    }
}

/* Values that are all 3/2: whatever the weights, O is 3/2 as far as the row sum is the sum of the weights that were used. */
static void constant_values_come_back(void **state)
{
    (void)state;
    struct at_problem problem = {1, 2, 1, 7, 200, 64, true, 0};
    struct at_qkv x;
    assert_int_equal(at_qkv_init(&x, AT_FP16, &problem, NULL), AT_OK);
    for (int64_t i = 0; i < at_tensor_count(&x.v); i++)
        ((uint16_t *)x.v.codes)[i] = 0x3e00;
    for (size_t i = 0; i < at_variant_count; i++) {
        struct at_operands o;
        struct at_rows rows;
        float out[7 * 64], max[7], sum[7], lse[7];
        struct at_attention a = {out, max, sum, lse, NULL, 0, 0};
        assert_int_equal(at_rows_choose(&rows, 7, 0, 0, NULL), AT_OK);
        assert_int_equal(at_prepare(&problem, &at_variants[i]->numerics, &x, &o, NULL), AT_OK);
        assert_int_equal(at_twin_attend(&o, 0, 1, &rows, AT_SIMD_AUTO, &a, NULL), AT_OK);
        double u8 = at_formats[at_variants[i]->numerics.p_format].bits == 8 ? 0x1p-13 * 200 / 32 + 0x1p-4 : 0x1p-11;
        double bound = 1.5 * (u8 + 0x1p-8); /* the casts of P and of V, the accumulator, the output */
        for (int64_t row = 0; row < 7; row++) {
            double keys = 194 + (double)row; /* equal scores */
            assert_true(fabs((double)lse[row] - log(keys)) <= 0x1p-20 * 8);
            for (int c = 0; c < 64; c++)
                if (!(fabs((double)out[row * 64 + c] - 1.5) <= bound))
                    fail_msg("%s: O is %g, wanted 1.5 within %g", at_variants[i]->name, (double)out[row * 64 + c], bound);
        }
        at_rows_done(&rows);
        at_operands_done(&o);
    }
    at_qkv_done(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_keys),
        cmocka_unit_test(each_says_what_it_is_and_where_it_is_from),
        cmocka_unit_test(numerics_are_sound),
        cmocka_unit_test(constant_values_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
