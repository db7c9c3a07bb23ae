/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/expect_row.h"

#include "kernels/prepare/prepare.h"
#include "scratch.h"
#include "subject.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DIM = 32, KEYS = 40 };

struct fixture {
    struct scratch_subject s;
    struct at_operands operands;
    struct at_expect_head head;
};

static void fixture_open(struct fixture *f, const char *base)
{
    const struct at_switches none = {0};
    struct at_numerics n;
    scratch_subject_open(&f->s,
                         "name: n\nrows: 2\nvariants: [fa3-fp8]\n"
                         "inputs: [{distribution: normal, causal: true, shape: {heads: 1, keys: 40, dim: 32}}]\n",
                         base);
    const struct at_budget_subject *s = &f->s.subject;
    assert_int_equal(at_numerics_resolve(&f->s.bench.study.variants[0].numerics, &s->c->problem, &n, NULL), AT_OK);
    assert_int_equal(at_prepare(&s->c->problem, &n, s->inputs, &f->operands, NULL), AT_OK);
    f->head = (struct at_expect_head){.operands = &f->operands, .rows = &s->c->rows, .truth = &s->truths->head[0]};
    at_switched_operand_init(&f->head.q, AT_SWITCHED_Q, &f->operands, s->inputs, 0, 0, none);
    at_switched_operand_init(&f->head.k, AT_SWITCHED_K, &f->operands, s->inputs, 0, 0, none);
    at_switched_operand_init(&f->head.v, AT_SWITCHED_V, &f->operands, s->inputs, 0, 0, none);
}

static void fixture_close(struct fixture *f)
{
    at_operands_done(&f->operands);
    scratch_subject_close(&f->s);
}

/* V and the output by hand: sum p^2 ulp^2 / 12 and the square of the shared part, and a half unit of the output. */
static void noise_of_values_and_output_by_hand(void **state)
{
    (void)state;
    struct fixture f;
    struct at_expect_row *row = calloc(1, sizeof *row);
    static double k[KEYS][DIM], k_noise[KEYS][DIM], v[KEYS][DIM], v_shared[DIM];
    static const float mean[DIM];
    struct at_expect_key keys[KEYS];
    struct at_expectation e = {.truth2 = 0};
    fixture_open(&f, "r.db");
    double of_v = 0, of_output = 0, truth2 = 0;
    at_expect_row_init(row, &f.head, 1);
    for (int64_t j = 0; j < KEYS; j++) {
        double scale = (double)at_scale_of(&f.operands.v.scale, 0, 0, j, 0);
        at_switched_row_of(&f.head.k, j, k[j]);
        at_switched_row_of(&f.head.v, j, v[j]);
        keys[j] = (struct at_expect_key){k[j], k_noise[j], v[j], v_shared, 0, (double)at_scale_of(&f.operands.k.scale, 0, 0, j, 0)};
        for (int c = 0; c < DIM; c++)
            keys[j].v_noise += at_noise_square(AT_E4M3, v[j][c]) * scale * scale;
        of_v += row->p[j] * row->p[j] * keys[j].v_noise;
    }
    for (int c = 0; c < DIM; c++) {
        v_shared[c] = 0.25 * c; /* weights add up to 1: this is what they leave of it */
        of_v += v_shared[c] * v_shared[c];
    }
    f.head.v.mean = mean;
    at_expect_row_add(row, &f.head, keys, 0, KEYS, true);
    at_expect_row_finish(row, &f.head, &e);
    for (int c = 0; c < DIM; c++) {
        double t = f.head.truth->o[DIM + c];
        of_output += at_noise_square(AT_BF16, t);
        truth2 += t * t;
    }
    assert_true(fabs(e.square[AT_ROUNDING_V] / of_v - 1) < 1e-12 && fabs(e.square[AT_ROUNDING_OUTPUT] / of_output - 1) < 1e-12);
    assert_true(e.truth2 == truth2 && e.square[AT_ROUNDING_K] == 0); /* no noise of K was given */
    assert_true(e.square[AT_ROUNDING_Q] > 0 && e.square[AT_ROUNDING_P] > 0 && e.square[AT_ROUNDING_OUTPUT_SUM] > 0);
    free(row);
    fixture_close(&f);
}

/* A row without a truth adds nothing; keys beyond the mask neither. */
static void rows_without_truth_add_nothing(void **state)
{
    (void)state;
    struct fixture f;
    struct at_expect_row *row = calloc(1, sizeof *row);
    struct at_expectation e = {.truth2 = 0}, none = {.truth2 = 0};
    fixture_open(&f, "u.db");
    at_expect_row_init(row, &f.head, 0);
    assert_int_equal(row->keys, f.head.rows->index[0] + 1);
    memset(row, 0, sizeof *row);
    f.head.truth->o[3] = NAN;
    at_expect_row_init(row, &f.head, 0);
    assert_int_equal(row->keys, 0);
    at_expect_row_finish(row, &f.head, &e);
    assert_memory_equal(&e, &none, sizeof e);
    free(row);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_of_values_and_output_by_hand),
        cmocka_unit_test(rows_without_truth_add_nothing),
    };
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
