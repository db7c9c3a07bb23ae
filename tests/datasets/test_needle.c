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
    sample_assert_pinned("needle", "f0f971ef275cec57c8b0b15d1e9dadfa876b989ec383e175881b7430525f14da");
}

/* The only key ahead of the others is at the told depth, in every row that sees it. */
static void assert_needle(const char *spelling, int64_t key, double gap, bool causal)
{
    struct at_problem p = {.batch = 1, .heads_q = 4, .heads_kv = 2, .seq_q = 40, .seq_k = 65, .dim = 64, .causal = causal};
    struct at_qkv qkv = sample_make(spelling, &p, AT_BF16, 13);
    int64_t seen = 0;
    for (int64_t h = 0; h < p.heads_q; h++) {
        for (int64_t i = 0; i < p.seq_q; i++) {
            for (int64_t j = 0; j < at_problem_keys(&p, i); j++) {
                double score = sample_score(&p, &qkv, 0, h, i, j), bound = sample_score_bound(&p, &qkv, 0, h, i, j);
                double scatter = j == key ? 0 : 2 * SIGMAS * 0.1; /* the other's length adds to its deviation of 0.1 */
                assert_true(fabs(score - (j == key ? gap : 0)) <= bound + scatter);
                seen += j == key;
            }
        }
    }
    assert_true(seen > 0);
    at_qkv_done(&qkv);
}

static void needle_is_where_told(void **state)
{
    (void)state;
    for (int causal = 0; causal <= 1; causal++) {
        assert_needle("needle:gap=8,depth=0", 0, 8, causal);
        assert_needle("needle:gap=8", 32, 8, causal);
        assert_needle("needle:gap=11.5,depth=0.9", 58, 11.5, causal); /* 0.9 * 64 = 57.6 */
        assert_needle("needle:gap=8,depth=1", 64, 8, causal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(needle_is_where_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
