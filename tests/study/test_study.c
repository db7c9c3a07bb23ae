/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/study.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* The address sanitiser tells what at_study_done leaves behind. */
static void done(void **state)
{
    (void)state;
    struct at_study s, empty = {0};
    scratch_write("c.safetensors", "x", 1);
    assert_int_equal(
        scratch_study(
            "name: n\nvariants: [fa3-fp16]\ninputs:\n  - {distribution: normal, seeds: [1, 2], shape: {heads: 1, keys: 8, dim: 32}}\n"
            "  - {capture: c.safetensors, label: l, layout: bshd, tensors: {q: a, k: b, v: c}}\n",
            &s, NULL),
        AT_OK);
    at_study_done(&s);
    assert_memory_equal(&s, &empty, sizeof s);
    at_study_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(done)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
