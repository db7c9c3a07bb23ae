/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void pinned(void **state)
{
    (void)state;
    sample_assert_pinned("sink", "ee10950d26d8673df183982cc5068fcb93d7942f3a55c91b7d8ebc8db59a0114");
}

/* Key 0 is visible to every causal row: its score is the gap, and above all others the row sees. */
static void first_key_leads_every_row(void **state)
{
    (void)state;
    struct at_problem p = {.batch = 1, .heads_q = 4, .heads_kv = 2, .seq_q = 96, .seq_k = 96, .dim = 64, .causal = true};
    struct at_qkv qkv = sample_make("sink:gap=12,deviation=1", &p, AT_BF16, 12);
    for (int64_t h = 0; h < p.heads_q; h++) {
        for (int64_t i = 0; i < p.seq_q; i++) {
            double first = sample_score(&p, &qkv, 0, h, i, 0);
            assert_true(fabs(first - 12) <= sample_score_bound(&p, &qkv, 0, h, i, 0));
            for (int64_t j = 1; j < at_problem_keys(&p, i); j++)
                assert_true(sample_score(&p, &qkv, 0, h, i, j) < first - 12 + 2 * SIGMAS); /* the other's length adds to its deviation */
        }
    }
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(first_key_leads_every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
