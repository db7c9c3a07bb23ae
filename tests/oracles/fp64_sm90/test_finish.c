/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/finish.h"

#include "draw.h"
#include "overlap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 8, DIM = 64, KEYS = 1500 };

static struct draw draw;
static struct at_fp64_batch batch;

/* The sums of a batch as the GPU would leave them, by plain loops: p in long double, split by split. */
static void fill(void)
{
    const struct at_fp64_plan *p = &batch.task.plan;
    int64_t width = p->slices * p->columns;
    for (int64_t i = 0; i < ROWS; i++)
        for (int s = 0; s < p->splits; s++) {
            long double total = 0, value[DIM] = {0}, size[DIM] = {0};
            for (int64_t j = (int64_t)s * p->split_keys; j < (s + 1) * (int64_t)p->split_keys && j < at_fp64_batch_keys(&batch, i); j++) {
                long double score = 0;
                for (int64_t c = 0; c < DIM; c++)
                    score += (long double)draw.q[i * DIM + c] * draw.k[j * DIM + c];
                long double w = exp2l(score * batch.task.scale - batch.arrays.reference[i]);
                if (batch.arrays.weight)
                    batch.arrays.weight[i * p->keys + j] = (double)w;
                total += w;
                for (int64_t c = 0; c < DIM; c++) {
                    value[c] += w * draw.v[j * DIM + c];
                    size[c] += w * fabs(draw.v[j * DIM + c]);
                }
            }
            int64_t at = s * p->rows + i;
            batch.arrays.total[at] = (double)total;
            for (int64_t c = 0; c < DIM; c++) {
                batch.arrays.value[at * width + c] = (double)value[c];
                if (batch.arrays.sum_abs)
                    batch.arrays.sum_abs[at * width + c] = (double)size[c];
            }
        }
}

static void begin(bool sums, bool weights, double reference)
{
    draw_shape(&draw, DRAW_FP16, 12, DIM, 2000, KEYS, true, ROWS);
    for (int64_t j = 0; j < KEYS; j++)
        draw.v[j * DIM + 3] = 0;
    assert_int_equal(at_fp64_batch_init(&batch, &draw.head, 1, sums, weights, NULL), AT_OK);
    assert_true(batch.task.plan.splits > 1);
    for (int64_t i = 0; i < ROWS; i++)
        batch.arrays.reference[i] = reference;
    fill();
}

static void end(struct at_oracle_truth *a, struct at_oracle_truth *b)
{
    at_oracle_truth_done(a);
    at_oracle_truth_done(b);
    at_fp64_batch_done(&batch);
    draw_done(&draw);
}

static void solve(struct at_oracle_truth *ret_found, struct at_oracle_truth *ret_truth)
{
    const struct at_oracle *certified;
    assert_int_equal(at_oracle_find("certified", &certified, NULL), AT_OK);
    assert_int_equal(at_oracle_truth_init(ret_found, &draw.problem, ROWS, 1, NULL), AT_OK);
    assert_int_equal(at_oracle_truth_init(ret_truth, &draw.problem, ROWS, 1, NULL), AT_OK);
    assert_int_equal(certified->solve(&draw.head, ret_truth, NULL), AT_OK);
    for (int64_t i = 0; i < ROWS; i++)
        if (!at_fp64_finish(&batch, 0, i, ret_found)) { /* it sees no key */
            assert_int_equal(at_fp64_batch_keys(&batch, i), 0);
            ret_found->lse[i] = -INFINITY;
        }
}

/* Sums that are right give enclosures that hold, whatever the reference; radii as narrow as eq. 47 says. */
static void test_sums(void **state)
{
    (void)state;
    const double references[] = {0, 17, -40};
    for (int n = 0; n < 3; n++) {
        struct at_oracle_truth found, truth;
        begin(true, true, references[n]);
        solve(&found, &truth);
        assert_true(truths_overlap(&truth, &found, ROWS, DIM, "sums"));
        for (int64_t at = 0; at < ROWS * DIM; at++) {
            if (at % DIM == 3 || truth.sum_abs[at] == 0)
                assert_true(found.o[at] == 0 && found.radius[at] == 0 && found.sum_abs[at] == 0);
            else
                assert_true(fabs(found.sum_abs[at] - truth.sum_abs[at]) <= found.radius[at] &&
                            found.radius[at] <= 0x1p-38 * found.sum_abs[at]);
            assert_true(found.o_low[at] == 0);
        }
        for (int64_t i = 0; i < ROWS * KEYS; i++)
            assert_true(fabs(found.p[i] - truth.p[i]) <= 0x1p-40 * truth.p[i]);
        end(&found, &truth);
    }
}

/* Without them the column's largest |v| takes their place. */
static void test_values(void **state)
{
    (void)state;
    struct at_oracle_truth found, truth;
    begin(false, false, 5);
    solve(&found, &truth);
    assert_true(truths_overlap(&truth, &found, ROWS, DIM, "values"));
    for (int64_t at = 0; at < ROWS * DIM; at++)
        assert_true(
            found.sum_abs[at] >= truth.sum_abs[at] &&
            (found.sum_abs[at] == 0 || found.sum_abs[at] == batch.facts[0].column[at % DIM] || at_fp64_batch_keys(&batch, at / DIM) == 0));
    end(&found, &truth);
}

/* A sum that is off by a millionth is not enclosed: the test above can fail. */
static void test_wrong_sums(void **state)
{
    (void)state;
    struct at_oracle_truth found, truth;
    begin(true, false, 0);
    batch.arrays.total[ROWS - 1] *= 1 + 0x1p-20;
    solve(&found, &truth);
    assert_false(truths_overlap(&truth, &found, ROWS, DIM, "a wrong total, as it should be"));
    end(&found, &truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums), cmocka_unit_test(test_values), cmocka_unit_test(test_wrong_sums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
