/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_hypothesis.h"
#include "study/check_pattern.h"

#include "attempted.h"
#include "kernels/twin/attention.h"
#include "scratch.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 48 };

/* The case that all tests look at: outputs of a right kernel, and what its log-sum-exps are made of. */
struct scene {
    struct attempted a;
    double most[ROWS], log_sum[ROWS], shift[ROWS]; /* of head 0 */
};

static void scene_open(struct scene *s, const char *variant)
{
    struct at_check_case c;
    struct at_check_expectation e;
    struct at_check_answer answer;
    int64_t which[ROWS];
    attempted_open(&s->a, "forward-64", "normal", &attempted_problem, variant);
    attempted_expect(&s->a, &c, &e);
    for (int64_t i = 0; i < ROWS; i++)
        which[i] = i;
    assert_int_equal(at_check_answer(&c, &c.operands, 0, which, ROWS, true, &answer, NULL), AT_OK);
    for (int i = 0; i < ROWS; i++) {
        s->most[i] = answer.room[i].most;
        s->log_sum[i] = answer.truth.lse[i] - s->most[i];
        s->shift[i] = at_check_true_lse(&c, 0, i) - answer.truth.lse[i];
    }
    at_check_answer_done(&answer);
    at_check_expectation_done(&e);
    at_check_case_done(&c);
}

/* What head 0 is called, head 1 being right. */
static void assert_named(struct scene *s, const char *pattern, const char *evidence)
{
    attempted_write(&s->a);
    struct at_check check = attempted_check(&s->a);
    assert_int_equal(check.head[0].verdict, AT_CHECK_BUG);
    assert_true(check.head[0].bad == 0 && check.head[0].lse_bad > 0);
    if (strcmp(check.head[0].pattern, pattern) != 0 || !strstr(check.head[0].evidence, evidence))
        fail_msg("%s (%s) in place of %s (%s)", check.head[0].pattern, check.head[0].evidence, pattern, evidence);
    assert_true(check.head[1].verdict >= AT_CHECK_NOISE);
    at_check_done(&check);
}

static void every_form_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        double most, log_sum, shift, offset; /* factors of the parts */
    } linear[] = {
        {"log-sum-exp: it is to base 2", 1.4426950408889634, 1.4426950408889634, 1.4426950408889634, 0},
        {"log-sum-exp: the maximum is missing", 0, 1, 1, 0},
        {"log-sum-exp: the logarithm of the sum is missing", 1, 0, 1, 0},
        {"log-sum-exp: the logarithm of the sum is to base 2", 1, 1.4426950408889634, 1, 0},
        {"log-sum-exp: the maximum is to base 2", 1.4426950408889634, 1, 1, 0},
        {"log-sum-exp: the maximum lacks the softmax scale", 5.656854249492381, 1, 1, 0},
        {"log-sum-exp: the maximum has the softmax scale twice", 0.17677669529663687, 1, 1, 0},
        {"log-sum-exp: P's offset is left in the sum", 1, 1, 1, 5.545177444479562},
        {"log-sum-exp: what K's mean took is not put back", 1, 1, 0, 0},
        {"log-sum-exp: its sign is turned", -1, -1, -1, 0},
    };
    struct scene s;
    scene_open(&s, "fp8-smooth-k"); /* with P's offset and a mean of K */
    for (size_t f = 0; f < sizeof linear / sizeof linear[0]; f++) {
        for (int i = 0; i < ROWS; i++)
            s.a.k.lse[i] =
                (float)(linear[f].most * s.most[i] + linear[f].log_sum * s.log_sum[i] + linear[f].shift * s.shift[i] + linear[f].offset);
        assert_named(&s, linear[f].pattern, "all 48 rows; the outputs are right");
    }
    for (int i = 0; i < ROWS; i++)
        s.a.k.lse[i] = (float)(s.most[i] + exp(s.log_sum[i]) + s.shift[i]);
    assert_named(&s, "log-sum-exp: the sum stands for its logarithm", "all 48 rows");
    for (int i = 0; i < ROWS; i++)
        s.a.k.lse[i] = (float)exp(s.most[i] + s.log_sum[i] + s.shift[i]);
    assert_named(&s, "log-sum-exp: it is the sum, not its logarithm", "all 48 rows");
    attempted_done(&s.a);
}

/* Log-sum-exps of another kernel beside the outputs of a right one, and those of another head. */
static void other_operands_and_heads(void **state)
{
    (void)state;
    struct scene s;
    float lse[2 * ROWS];
    scene_open(&s, "fa3-fp8");
    size_t outputs = 2 * ROWS * 32 * sizeof(float);
    float *o = malloc(outputs);
    assert_non_null(o);
    memcpy(o, s.a.k.o, outputs);
    memcpy(lse, s.a.k.lse, sizeof lse);
    static const struct {
        const char *kernel, *pattern, *evidence;
    } kernels_of[] = {{"mask-off-by-one", "log-sum-exp: the mask is off", "each row sees 1 key more than it should, in all 48 rows"},
                      {"future-visible", "log-sum-exp: future keys are visible", "each row sees all keys"},
                      {"k-scale-dropped", "log-sum-exp: K's scale is dropped", "all 48 rows"}};
    for (size_t i = 0; i < sizeof kernels_of / sizeof kernels_of[0]; i++) {
        assert_int_equal(kernel_find(kernels_of[i].kernel)->compute(&s.a.k, NULL), AT_OK);
        memcpy(s.a.k.o, o, outputs);
        memcpy(s.a.k.lse + ROWS, lse + ROWS, ROWS * sizeof *lse);
        assert_named(&s, kernels_of[i].pattern, kernels_of[i].evidence);
    }
    memcpy(s.a.k.lse, lse + ROWS, ROWS * sizeof *lse);
    assert_named(&s, "log-sum-exp: another head", "that of head 1 of batch 0");
    for (int i = 0; i < ROWS; i++)
        s.a.k.lse[i] = lse[i] - 3;
    assert_named(&s, "log-sum-exp: a constant is added", "the truth plus -3");
    free(o);
    attempted_done(&s.a);
}

/* A form that most rows have and one has not is not named. */
static void one_row_speaks_against_it(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, "fa3-fp8");
    float last = s.a.k.lse[ROWS - 1];
    for (int i = 0; i < ROWS; i++)
        s.a.k.lse[i] *= 1.44269504f;
    s.a.k.lse[ROWS - 1] = last;
    assert_named(&s, "log-sum-exp", "no hypothesis explains it");
    attempted_done(&s.a);
}

/* NaN and infinity are no number plus a constant, and no other head's. */
static void what_is_not_finite_is_told_with_its_row(void **state)
{
    (void)state;
    struct scene s;
    float lse[ROWS];
    scene_open(&s, "fa3-fp8");
    memcpy(lse, s.a.k.lse, sizeof lse);
    s.a.k.lse[7] = NAN;
    assert_named(&s, "log-sum-exp: NaN or infinity", "1 NaN, 0 infinite of 48 rows, the first is row 7");
    s.a.k.lse[3] += 1; /* beside another that is wrong */
    s.a.k.lse[5] = -INFINITY;
    assert_named(&s, "log-sum-exp: NaN or infinity", "1 NaN, 1 infinite of 48 rows, the first is row 5");
    for (int i = 0; i < ROWS; i++)
        s.a.k.lse[i] = NAN;
    assert_named(&s, "log-sum-exp: NaN or infinity", "48 NaN, 0 infinite of 48 rows, the first is row 0");
    for (int i = 0; i < ROWS; i++)
        s.a.k.lse[i] = lse[i] - 3;
    s.a.k.lse[ROWS - 1] = NAN; /* all others leave room for a constant */
    assert_named(&s, "log-sum-exp: NaN or infinity", "1 NaN, 0 infinite of 48 rows, the first is row 47");
    attempted_done(&s.a);
}

/* 16 rows see no key, and have -infinity: another number there is told as such, and speaks against what explains the other rows. */
static void rows_without_keys(void **state)
{
    (void)state;
    static const struct at_problem problem = {1, 2, 2, ROWS, 32, 32, true, 0};
    struct scene s = {.log_sum = {0}};
    float lse[ROWS];
    attempted_open(&s.a, "forward-64", "normal", &problem, "fa3-fp8");
    memcpy(lse, s.a.k.lse, sizeof lse);
    for (int i = 0; i < 16; i++)
        assert_true(lse[i] == -INFINITY);
    s.a.k.lse[3] = s.a.k.lse[9] = INFINITY;
    assert_named(&s, "log-sum-exp: rows without keys", "2 of 16 are not -infinity, the first is row 3, which holds inf");
    s.a.k.lse[3] = s.a.k.lse[9] = NAN;
    assert_named(&s, "log-sum-exp: rows without keys", "2 of 16 are not -infinity, the first is row 3, which holds NaN");
    for (int i = 0; i < ROWS; i++)
        s.a.k.lse[i] = -lse[i];
    assert_named(&s, "log-sum-exp: its sign is turned", "all 32 rows");
    for (int i = 0; i < ROWS; i++)
        s.a.k.lse[i] = 1.44269504f * lse[i];
    assert_named(&s, "log-sum-exp: it is to base 2", "all 32 rows");
    s.a.k.lse[2] = 0;
    assert_named(&s, "log-sum-exp", "no hypothesis explains it");
    for (int i = 0; i < ROWS; i++)
        s.a.k.lse[i] = lse[i] + 3;
    assert_named(&s, "log-sum-exp: a constant is added", "the truth plus 3");
    s.a.k.lse[2] = INFINITY;
    assert_named(&s, "log-sum-exp", "no hypothesis explains it");
    attempted_done(&s.a);
}

/* Rows that see keys of the last tile alone are off; the others are as declared, and are asked as such. */
static void the_last_tile_is_ignored(void **state)
{
    (void)state;
    struct attempted a;
    const struct at_problem one = {1, 1, 1, ROWS, 96, 32, true, 0};
    float scratch[32 + 2];
    attempted_open(&a, "forward-64", "normal", &one, "fa3-bf16:tile=64x32");
    for (int64_t i = 16; i < ROWS; i++) { /* row 16 sees 65 keys */
        struct at_operands o = a.k.operands;
        struct at_attention out = {.o = scratch, .row_max = scratch + 32, .row_sum = scratch + 33, .lse = a.k.lse + i};
        o.problem.seq_k = 64;
        o.problem.causal = false;
        assert_int_equal(at_twin_attend(&o, 0, 0, &(struct at_rows){1, &i}, a.question.simd, &out, NULL), AT_OK);
    }
    attempted_write(&a);
    struct at_check check = attempted_check(&a);
    assert_string_equal(check.head[0].pattern, "log-sum-exp: the last key tile is ignored");
    at_check_done(&check);
    a.k.lse[0] += 1; /* a row that does not see the tile */
    attempted_write(&a);
    check = attempted_check(&a);
    assert_string_equal(check.head[0].pattern, "log-sum-exp");
    at_check_done(&check);
    attempted_done(&a);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_told),        cmocka_unit_test(other_operands_and_heads),
        cmocka_unit_test(one_row_speaks_against_it), cmocka_unit_test(what_is_not_finite_is_told_with_its_row),
        cmocka_unit_test(rows_without_keys),         cmocka_unit_test(the_last_tile_is_ignored),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
