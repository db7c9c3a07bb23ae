/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/case_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const struct at_case_facts plain = {
    .label = "l", .spelling = "normal", .format = "fp16", .problem = {1, 4, 4, 16, 64, 32, false, 0}, .seed = 1, .rows = 8, .input = 3};

/* The name of the second of two cases, beside a third of another label. */
static void check(const struct at_case_facts *second, bool pooled, const char *wanted)
{
    struct at_case_facts cases[] = {plain, *second, plain};
    char **names;
    cases[2].label = "other";
    assert_int_equal(at_case_names(cases, 3, pooled, &names, NULL), AT_OK);
    assert_string_equal(names[1], wanted);
    assert_string_equal(names[2], "other");
    at_case_names_done(names, 3);
}

static void what_tells_apart(void **state)
{
    (void)state;
    struct at_case_facts c = plain;
    check(&c, false, "l"); /* the same case again */
    c.problem.dim = 64;
    check(&c, false, "l, d 64");
    c.problem.heads_q = 8;
    c.problem.seq_k = 128;
    c.problem.causal = true;
    check(&c, false, "l, d 64, 8 heads, 128 keys, causal");
    c = plain;
    c.format = "bf16";
    c.spelling = "v-mean:mean=8,sigma=1";
    c.seed = UINT64_MAX;
    check(&c, false, "l, bf16, v-mean:mean=8,sigma=1, seed 18446744073709551615");
    check(&c, true, "l, bf16, v-mean:mean=8,sigma=1");
    c = plain;
    c.input = 9; /* nothing else differs, as of a capture that was captured anew */
    check(&c, false, "l, input 9");
    c.input = 0; /* nor is it there yet */
    check(&c, false, "l");
    c = plain;
    c.rows = 4;
    check(&c, false, "l, 4 rows of seed 0");
    c.rows = 99; /* all */
    check(&c, true, "l, 16 rows of seed 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_tells_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
