/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/state.h"

#include "../support/switched.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_problem problem = {1, 2, 1, 150, 300, 64, false, 0};
enum { ROWS = 3, DIM = 64 };

struct difference {
    double o, lse; /* largest between two settings */
};

static struct difference between(const char *variant, struct at_switches a, struct at_switches b)
{
    struct switched_case c;
    double lse_a[ROWS], lse_b[ROWS];
    switched_case_open(&c, variant, &problem, 1, ROWS, 7);
    double *x = switched_outputs(&c, AT_SIMD_AUTO, a, lse_a), *y = switched_outputs(&c, AT_SIMD_AUTO, b, lse_b);
    struct difference d = {largest_difference(x, y, ROWS * DIM), largest_difference(lse_a, lse_b, ROWS)};
    free(x);
    free(y);
    switched_case_close(&c);
    return d;
}

static const struct at_switches none = {0};

/* What each group of the scores does alone, against nothing rounded, is of its own size; where it does not happen it does nothing. */
static void groups_of_the_scores_have_their_size(void **state)
{
    (void)state;
    static const struct {
        enum at_rounding rounding;
        const char *variant;
        double least, most; /* of the log-sum-exp's change; random_inputs have scores of about 20 */
    } cases[] = {
        {AT_ROUNDING_SCORES_SUM, "fa3-fp8", 0x1p-16, 0x1p-5},   /* truncation to 2^-13 of the largest term */
        {AT_ROUNDING_SCORES_SUM, "fa3-fp16", 0x1p-30, 0x1p-17}, /* to 2^-25 */
        {AT_ROUNDING_COEFFICIENT, "fa3-fp8", 0x1p-32, 0x1p-17}, /* three roundings of 2^-24 of scores of 2^5 */
        {AT_ROUNDING_SCORES, "standard-fp16", 0x1p-14, 0x1p-6}, /* half a unit of fp16 at 2^5 */
        {AT_ROUNDING_SCORES, "fp8:k.scale=token", 0x1p-32, 0x1p-18},
        {AT_ROUNDING_SCORES, "fp8:q.smooth=mean", 0x1p-32, 0x1p-17},
        {AT_ROUNDING_SCORES, "fa3-fp8", 0, 0},
        {AT_ROUNDING_K, "fa3-fp8", 0x1p-10, 0x1p-1},
        {AT_ROUNDING_K, "fp8-kv-cache", 0x1p-10, 0x1p-1},
        {AT_ROUNDING_K, "fa3-fp16", 0, 0}, /* the inputs are fp16 */
        {AT_ROUNDING_TRANSFORM, "fp8-hadamard", 0x1p-32, 0x1p-18},
        {AT_ROUNDING_TRANSFORM, "fa3-fp8", 0, 0},
        {AT_ROUNDING_V, "fa3-fp8", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct difference d = between(cases[i].variant, at_switches_only(cases[i].rounding), none);
        if (!(d.lse >= cases[i].least && d.lse <= cases[i].most))
            fail_msg("case %zu: the log-sum-exp moves by %g", i, d.lse);
    }
}

/* The path of instructions on codes and that on reals give the same: prepare's codes, made again, come out alike. */
static void the_accumulator_is_one_whatever_path(void **state)
{
    (void)state;
    struct switched_case c;
    switched_case_open(&c, "fp8:k.smooth=mean", &problem, 0, ROWS, 8);
    struct at_attention unused = {0};
    struct at_switched_head head = {.switches = at_switches_all(), .scores = AT_PRODUCT_OF_CODES};
    assert_int_equal(at_twin_head_init(&head.twin, &c.operands, 0, 0, &c.rows, AT_SIMD_SCALAR, &unused, NULL), AT_OK);
    at_switched_operand_init(&head.q, AT_SWITCHED_Q, &c.operands, &c.inputs, 0, 0, head.switches);
    at_switched_operand_init(&head.k, AT_SWITCHED_K, &c.operands, &c.inputs, 0, 0, head.switches);
    struct at_switched_workspace w;
    struct at_switched_row row = {.q = NULL};
    double q[DIM], codes[256];
    int32_t q_exponent[DIM];
    assert_int_equal(at_switched_workspace_init(&w, &head, NULL), AT_OK);
    assert_int_equal(at_twin_row_init(&row.twin, &head.twin, 1, NULL), AT_OK);
    at_switched_row_of(&head.q, row.twin.position, q);
    for (int d = 0; d < DIM; d++)
        q_exponent[d] = at_wgmma_exponent(AT_E4M3, (float)q[d]);
    row.q = q;
    row.q_exponent = q_exponent;
    at_switched_load_keys(&head, &w, 160, 140);
    at_switched_score(&head, &w, &row, 160, 140);
    memcpy(codes, w.scores, 160 * sizeof *codes);
    assert_true(codes[139] > -INFINITY && codes[140] == -INFINITY);
    head.scores = AT_PRODUCT_OF_REALS;
    at_switched_load_keys(&head, &w, 160, 140);
    at_switched_score(&head, &w, &row, 160, 140);
    for (int j = 0; j < 160; j++)
        assert_true(w.scores[j] == codes[j]);
    at_twin_row_done(&row.twin);
    at_switched_workspace_done(&w);
    at_twin_head_done(&head.twin);
    switched_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_of_the_scores_have_their_size),
        cmocka_unit_test(the_accumulator_is_one_whatever_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
