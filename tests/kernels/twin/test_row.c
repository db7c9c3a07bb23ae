/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/head.h"

#include "core/random.h"
#include "kernels/twin/mufu.h"

#include "../support/cases.h"
#include "../support/codes.h"
#include "../support/mufu_spec.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Tiles that hold a key which some row of the row tile sees, rows past the end of Q included: what a kernel that skips tiles visits. */
static int64_t tiles_by_looking(const struct at_problem *p, const struct at_numerics *n, int64_t position)
{
    int64_t first_row = position / n->tile_m * n->tile_m, tiles = 0;
    for (int64_t start = 0; start < p->seq_k; start += n->tile_n) {
        bool seen = false;
        for (int64_t row = first_row; row < first_row + n->tile_m; row++)
            seen |= !p->causal || start <= row + p->seq_k - p->seq_q;
        tiles += seen;
    }
    return tiles;
}

static void rows_visit_the_tiles_of_their_row_tile(void **state)
{
    (void)state;
    static const struct at_problem problems[] = {{1, 1, 1, 300, 300, 32, true, 0},
                                                 {1, 1, 1, 300, 300, 32, false, 0},
                                                 {1, 1, 1, 70, 900, 32, true, 0},
                                                 {1, 1, 1, 700, 90, 32, true, 0},
                                                 {1, 1, 1, 1, 1, 32, true, 0}};
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        struct at_numerics n = numerics_of("fp8:tile=128x64");
        struct at_qkv x = random_inputs(&problems[i], i);
        struct at_operands o = prepared(&problems[i], &n, &x);
        struct at_rows rows;
        struct at_attention out = {0};
        struct at_twin_head head;
        assert_int_equal(at_rows_choose(&rows, problems[i].seq_q, 0, 0, NULL), AT_OK);
        assert_int_equal(at_twin_head_init(&head, &o, 0, 0, &rows, AT_SIMD_SCALAR, &out, NULL), AT_OK);
        for (int64_t r = 0; r < rows.count; r++) {
            struct at_twin_row row;
            float q[32];
            assert_int_equal(at_twin_row_init(&row, &head, r, NULL), AT_OK);
            assert_int_equal(row.tiles, tiles_by_looking(&problems[i], &o.numerics, r));
            assert_int_equal(row.keys, at_problem_keys(&problems[i], r));
            assert_true(row.tiles * 64 >= row.keys && row.position == r && row.softmax.max == -INFINITY && !row.softmax.started);
            at_tensor_decode_rows(&o.q.codes, 0, 0, r, 1, q);
            for (int c = 0; c < 32; c++)
                assert_true(row.q[c] == q[c] && row.o[c] == 0);
            at_twin_row_done(&row);
        }
        at_twin_head_done(&head);
        at_rows_done(&rows);
        at_operands_done(&o);
        at_qkv_done(&x);
    }
}

/* O, row sum and log-sum-exp from a state set by hand: O accumulators, four lane sums, the maximum. */
static void outputs_follow_their_formula(void **state)
{
    (void)state;
    struct at_problem problem = {1, 2, 1, 5, 70, 32, false, 0.5};
    struct at_numerics n = numerics_of("fp8:v.scale-rule=0.25,q.scale-rule=0.5,k.scale-rule=0.125,reciprocal=exact,output=fp32");
    struct at_qkv x = random_inputs(&problem, 3);
    struct at_operands o = prepared(&problem, &n, &x);
    float out_o[5 * 32] = {0}, max[5], sum[5], lse[5];
    int64_t index[5] = {0, 1, 2, 3, 4};
    struct at_rows rows = {5, index};
    struct at_attention out = {out_o, max, sum, lse, NULL, 0, 0};
    struct at_twin_head head;
    struct at_twin_row row;
    assert_int_equal(at_twin_head_init(&head, &o, 0, 1, &rows, AT_SIMD_SCALAR, &out, NULL), AT_OK);
    assert_int_equal(at_twin_row_init(&row, &head, 2, NULL), AT_OK);
    for (int c = 0; c < 32; c++)
        row.o[c] = (float)(c - 7) * 3.7f;
    row.softmax = (struct at_softmax_row){.max = 24, .sum = {100, 20, 3, 0.7f}, .started = true};
    at_twin_row_finish(&head, &row, 2);
    float total = (100.0f + 3.0f) + (20.0f + 0.7f), factor = 1.0f / total * 0.25f;
    for (int c = 0; c < 32; c++)
        assert_int_equal(bits_of(out_o[2 * 32 + c]), bits_of((float)(c - 7) * 3.7f * factor));
    assert_true(sum[2] == total && max[2] == 24 && out_o[0] == 0 && out_o[3 * 32] == 0);
    double wanted = 24 * 0.5 * 0.125 * 0.5 + log((double)total / 256);
    assert_true(fabs((double)lse[2] - wanted) <= 8 * 0x1p-24 * (fabs(wanted) + 1));
    at_twin_row_done(&row);
    at_twin_head_done(&head);
    at_operands_done(&o);
    at_qkv_done(&x);
}

/* The outputs of row 2 of head 1 from a drawn state, and everything E20 to E24 need to redo them. */
struct finished {
    struct at_qkv inputs;
    struct at_operands operands;
    struct at_twin_head head;
    float accumulator[32], o[5 * 32], max[5], sum[5], lse[5];
    float total, most;
};

static const struct at_problem finished_problem = {1, 2, 1, 5, 70, 32, false, 0.3};

static void finish_drawn_row(struct finished *f, const char *variant, uint64_t seed, double size)
{
    struct at_random key = {seed, 330};
    struct at_numerics n = numerics_of(variant);
    int64_t index[5] = {0, 1, 2, 3, 4};
    struct at_rows rows = {5, index};
    struct at_twin_row row;
    struct at_attention out = {f->o, f->max, f->sum, f->lse, NULL, 0, 0};
    f->inputs = random_inputs(&finished_problem, seed);
    f->operands = prepared(&finished_problem, &n, &f->inputs);
    assert_int_equal(at_twin_head_init(&f->head, &f->operands, 0, 1, &rows, AT_SIMD_SCALAR, &out, NULL), AT_OK);
    assert_int_equal(at_twin_row_init(&row, &f->head, 2, NULL), AT_OK);
    for (uint64_t c = 0; c < 32; c++)
        row.o[c] = f->accumulator[c] = (float)(size * at_random_normal(key, c));
    f->total = (float)(1 + 100 * at_random_uniform(key, 50));
    f->most = (float)(20 * at_random_normal(key, 51));
    row.softmax = (struct at_softmax_row){.max = f->most, .sum = {f->total}, .started = true};
    at_twin_row_finish(&f->head, &row, 2);
    at_twin_row_done(&row);
}

static void finished_done(struct finished *f)
{
    at_twin_head_done(&f->head);
    at_operands_done(&f->operands);
    at_qkv_done(&f->inputs);
}

/* E20 to E23: fl(1/sum), times V's scale, times O; then channel scales, then the mean, then the cast. */
static void every_rounding_of_the_output_is_in_its_place(void **state)
{
    (void)state;
    static const char *const variants[] = {"fp8:v.scale-rule=0.3,reciprocal=exact,output=fp32", "fp8:v.scale-rule=0.3,output=fp32",
                                           "fp8:v.scale=channel,smooth=v,output=fp32", "fp8:v.scale-rule=0.3,smooth=v,output=fp16",
                                           "fp8:v.scale-rule=0.3,output=bf16"};
    int infinite = 0;
    for (size_t v = 0; v < sizeof variants / sizeof variants[0]; v++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            struct finished f;
            finish_drawn_row(&f, variants[v], seed, v == 3 ? 1e7 : 100);
            const struct at_numerics *n = &f.operands.numerics;
            bool channels = n->v.scale == AT_SCALE_CHANNEL;
            float reciprocal = n->reciprocal == AT_EXACT ? spec_rcp(f.total) : at_rcp_approx(f.total);
            float factor = channels ? reciprocal : reciprocal * f.operands.v.scale.value[0];
            for (int c = 0; c < 32; c++) {
                float wanted = f.accumulator[c] * factor;
                if (channels)
                    wanted *= f.operands.v.scale.value[c];
                if (n->v.smooth)
                    wanted += f.operands.v.mean[c];
                wanted = at_decode(n->output, at_encode(n->output, wanted, AT_OVERFLOW_IEEE));
                infinite += isinf(wanted);
                assert_int_equal(bits_of(f.o[2 * 32 + c]), bits_of(wanted));
            }
            finished_done(&f);
        }
    assert_true(infinite > 0); /* fp16 was overflown */
}

/* E24: fma(m, fl(c fl(ln 2)), ...) with c = fl(log2 scale fl(s_q s_k)); where m is kept times c, ln 2 alone; plus what K lost. */
static void every_rounding_of_the_log_sum_exp_is_in_its_place(void **state)
{
    (void)state;
    static const char *const variants[] = {"fp8:q.scale-rule=0.7,k.scale-rule=0.11", "fp8-block128", "fp8:smooth=k"};
    for (int v = 0; v < 3; v++)
        for (uint64_t seed = 0; seed < 60; seed++) {
            struct finished f;
            finish_drawn_row(&f, variants[v], seed, 1);
            const float ln2 = (float)0.69314718055994531, log2_scale = (float)(0.3f * 1.4426950408889634);
            float c = log2_scale * (f.operands.q.scale.value[1] * f.operands.k.scale.value[0]), natural = v == 1 ? ln2 : c * ln2;
            float wanted = fmaf(f.most, natural, at_lg2_approx(f.total * 0x1p-8f) * ln2);
            assert_true((f.operands.lse_shift != NULL) == (v == 2));
            if (f.operands.lse_shift)
                wanted += f.operands.lse_shift[5 + 2];
            assert_int_equal(bits_of(f.lse[2]), bits_of(wanted));
            finished_done(&f);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_visit_the_tiles_of_their_row_tile),
        cmocka_unit_test(outputs_follow_their_formula),
        cmocka_unit_test(every_rounding_of_the_output_is_in_its_place),
        cmocka_unit_test(every_rounding_of_the_log_sum_exp_is_in_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
