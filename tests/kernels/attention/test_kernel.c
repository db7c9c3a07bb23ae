/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/attention/kernel.h"

#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_problem problem = {.batch = 1, .heads_q = 4, .heads_kv = 2, .seq_q = 300, .seq_k = 400, .dim = 128};

static struct at_numerics numerics_of(const char *variant)
{
    struct at_variant_choice choice;
    struct at_numerics resolved;
    struct at_error error;
    if (at_variant_choose(variant, &choice, &error) || at_numerics_resolve(&choice.numerics, &problem, &resolved, &error))
        fail_msg("%s", error.message);
    return resolved;
}

static void a_kernel_is_found_by_its_numerics(void **state)
{
    (void)state;
    static const struct {
        const char *variant, *kernel;
    } cases[] = {{"fa3-fp16", "fwd-f16-sm90"}, {"fa3-bf16", "fwd-f16-sm90"}, {"fa3-fp8", "fwd-e4m3-sm90"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_numerics n = numerics_of(cases[i].variant);
        const struct at_kernel *kernel = NULL;
        assert_int_equal(at_kernel_choose(&n, &problem, &kernel, NULL), AT_OK);
        assert_string_equal(kernel->name, cases[i].kernel);
    }
}

static void what_no_kernel_computes_is_told(void **state)
{
    (void)state;
    struct at_numerics n = numerics_of("standard-fp16");
    const struct at_kernel *kernel = NULL;
    struct at_error error = {""};
    assert_int_equal(at_kernel_choose(&n, &problem, &kernel, &error), AT_ERR_UNSUPPORTED);
    assert_null(kernel);
    assert_non_null(strstr(error.message, "fwd-f16-sm90: ")); /* the one that reads fp16 says why */
    n.v.format = AT_BF16;
    assert_int_equal(at_kernel_choose(&n, &problem, &kernel, &error), AT_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "no attention kernel reads q.format=fp16, k.format=fp16, v.format=bf16"));
}

static void names_are_keys(void **state)
{
    (void)state;
    assert_true(at_kernel_count >= 1);
    for (size_t i = 0; i < at_kernel_count; i++) {
        const struct at_kernel *k = at_kernels[i];
        assert_true(k->image && k->reads && k->check && k->start && *k->summary);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(at_kernels[i]->name, at_kernels[j]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kernel_is_found_by_its_numerics),
        cmocka_unit_test(what_no_kernel_computes_is_told),
        cmocka_unit_test(names_are_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
