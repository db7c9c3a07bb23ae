/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/head.h"

#include "core/random.h"
#include "kernels/prepare/rotate.h"

#include "../support/cases.h"

#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct at_rows no_rows;
static struct at_attention no_output;

struct fixture {
    struct at_qkv inputs;
    struct at_operands operands;
    struct at_twin_head head;
};

/* The head keeps the addresses of f's operands. */
static void fixture_init(struct fixture *f, const char *variant, const struct at_problem *problem, int64_t h)
{
    struct at_numerics n = numerics_of(variant);
    f->inputs = random_inputs(problem, 5);
    f->operands = prepared(problem, &n, &f->inputs);
    assert_int_equal(at_twin_head_init(&f->head, &f->operands, 0, h, &no_rows, AT_SIMD_SCALAR, &no_output, NULL), AT_OK);
}

static void fixture_done(struct fixture *f)
{
    at_twin_head_done(&f->head);
    at_operands_done(&f->operands);
    at_qkv_done(&f->inputs);
}

static const struct at_problem problem = {1, 4, 2, 40, 300, 64, false, 0};

static void query_heads_read_their_group(void **state)
{
    (void)state;
    for (int64_t h = 0; h < 4; h++) {
        struct at_numerics n = numerics_of("fa3-fp8");
        struct at_qkv x = random_inputs(&problem, 6);
        struct at_operands o = prepared(&problem, &n, &x);
        struct at_twin_head head;
        assert_int_equal(at_twin_head_init(&head, &o, 0, h, &no_rows, AT_SIMD_SCALAR, &no_output, NULL), AT_OK);
        assert_int_equal(head.kv, h < 2 ? 0 : 1);
        assert_true(head.v_scale == o.v.scale.value[head.kv] && o.v.scale.value[0] != o.v.scale.value[1]);
        at_twin_head_done(&head);
        at_operands_done(&o);
        at_qkv_done(&x);
    }
}

static void the_form_of_the_scores_follows_the_scales(void **state)
{
    (void)state;
    static const struct {
        const char *variant;
        enum at_score_form form;
    } cases[] = {
        {"fa3-fp8", SCORES_FOLDED},
        {"fp8-tensor", SCORES_FOLDED},
        {"fp8-block128", SCORES_PER_TILE},
        {"fp8-block128:tile=128x64,promote=64", SCORES_PER_TILE},
        {"fp8:k.scale=block64,tile=128x128", SCORES_PER_ELEMENT}, /* two scales in a tile */
        {"fp8:k.scale=block128,tile=128x96", SCORES_PER_ELEMENT}, /* tiles across blocks */
        {"fp8:k.scale=block128,p.offset=normalised", SCORES_PER_ELEMENT},
        {"fp8-token", SCORES_PER_ELEMENT},
        {"fp8:smooth=qk", SCORES_PER_ELEMENT},
        {"standard-fp16", SCORES_PER_ELEMENT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;
        fixture_init(&f, cases[i].variant, &problem, 0);
        assert_int_equal(f.head.form, cases[i].form);
        assert_int_equal(f.head.rule.log2_units, cases[i].form == SCORES_PER_TILE);
        fixture_done(&f);
    }
}

static void the_softmax_scale_in_base_two(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 60; i++) { /* the product is rounded once: with log2(e) in fp32 one in five would differ */
        int dim = 32 << i % 4;
        double scale = i < 4 ? 0 : at_random_uniform((struct at_random){1, 81}, i);
        struct at_problem p = {1, 1, 1, 3, 3, dim, false, scale};
        struct fixture f;
        fixture_init(&f, "fa3-fp16", &p, 0);
        mpfr_t x, log2_e;
        mpfr_inits2(100, x, log2_e, (mpfr_ptr)0);
        assert_true(f.head.scale == (float)(scale > 0 ? scale : 1 / sqrt(dim)));
        mpfr_const_log2(log2_e, MPFR_RNDN);
        mpfr_set_flt(x, f.head.scale, MPFR_RNDN);
        mpfr_div(x, x, log2_e, MPFR_RNDN);
        assert_true(f.head.log2_scale == mpfr_get_flt(x, MPFR_RNDN));
        mpfr_clears(x, log2_e, (mpfr_ptr)0);
        fixture_done(&f);
    }
}

static void token_scales_fold_relative_to_the_largest(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "fp8:v.scale=token", &problem, 3);
    float most = 0;
    int at_one = 0;
    for (int64_t s = 0; s < problem.seq_k; s++)
        most = fmaxf(most, at_scale_of(&f.operands.v.scale, 0, 1, s, 0));
    assert_true(f.head.v_scale == most);
    for (int64_t s = 0; s < problem.seq_k; s++) {
        double ratio = (double)at_scale_of(&f.operands.v.scale, 0, 1, s, 0) / (double)most;
        assert_true(fabs((double)f.head.v_fold[s] - ratio) <= 0x1p-24 * ratio && f.head.v_fold[s] <= 1);
        at_one += f.head.v_fold[s] == 1;
    }
    assert_true(at_one >= 1);
    fixture_done(&f);
    fixture_init(&f, "fp8-token", &problem, 3); /* channel scales of V stay out of P */
    assert_null(f.head.v_fold);
    assert_true(f.head.v_scale == 1);
    fixture_done(&f);
}

/* A row of zeros has scale 1, far above the others' amax / 448; it must not push their P down. */
static void zero_rows_of_v_set_no_token_scale(void **state)
{
    (void)state;
    struct at_numerics n = numerics_of("fp8:v.scale=token");
    struct at_qkv x = random_inputs(&problem, 5);
    struct at_operands o, padded;
    struct at_twin_head head, padded_head;
    o = prepared(&problem, &n, &x);
    for (int64_t s = 100; s < problem.seq_k; s++)
        memset((char *)x.v.codes + (size_t)((problem.seq_k + s) * problem.dim) * at_format_size(x.v.format), 0,
               (size_t)problem.dim * at_format_size(x.v.format));
    padded = prepared(&problem, &n, &x);
    assert_int_equal(at_twin_head_init(&head, &o, 0, 3, &no_rows, AT_SIMD_SCALAR, &no_output, NULL), AT_OK);
    assert_int_equal(at_twin_head_init(&padded_head, &padded, 0, 3, &no_rows, AT_SIMD_SCALAR, &no_output, NULL), AT_OK);
    assert_true(at_scale_of(&padded.v.scale, 0, 1, 200, 0) == 1 && head.v_scale < 0.1f);
    assert_true(padded_head.v_scale <= head.v_scale && padded_head.v_scale > 0);
    for (int64_t s = 0; s < problem.seq_k; s++)
        assert_true(padded_head.v_fold[s] <= 1 && (s < 100 || padded_head.v_fold[s] == 1));
    at_twin_head_done(&head);
    at_twin_head_done(&padded_head);
    at_operands_done(&o);
    at_operands_done(&padded);
    at_qkv_done(&x);
}

static void signs_are_those_of_the_rotation(void **state)
{
    (void)state;
    struct fixture turned, plain;
    fixture_init(&turned, "fp8:v.rotate=hadamard,seed=9", &problem, 0);
    fixture_init(&plain, "fa3-fp8", &problem, 0);
    for (int64_t c = 0; c < problem.dim; c++)
        assert_true(turned.head.signs[c] == at_rotation_sign(9, c) && plain.head.signs[c] == 1);
    fixture_done(&turned);
    fixture_done(&plain);
}

/* Every key is in exactly one tile, whatever the order; reverse begins with the ragged last one, as FA3. */
static void tiles_cover_the_keys(void **state)
{
    (void)state;
    static const char *const variants[] = {"fp8:tile=128x64,order=forward", "fp8:tile=128x64,order=reverse"};
    for (int v = 0; v < 2; v++) {
        struct fixture f;
        fixture_init(&f, variants[v], &problem, 0);
        bool seen[5] = {false};
        int64_t keys = 0;
        for (int64_t t = 0; t < 5; t++) {
            int64_t tile = at_twin_tile_at(&f.head, t, 5);
            assert_false(seen[tile]);
            seen[tile] = true;
            keys += at_twin_tile_keys(&f.head, tile * 64);
            assert_int_equal(tile, v ? 4 - t : t);
        }
        assert_int_equal(keys, 300);
        assert_int_equal(at_twin_tile_keys(&f.head, 256), 44);
        fixture_done(&f);
    }
    for (int64_t n = 1; n < 300; n++)
        assert_true(at_twin_padded(n) >= n && at_twin_padded(n) < n + AT_PANEL_COLUMNS && at_twin_padded(n) % AT_PANEL_COLUMNS == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_heads_read_their_group),    cmocka_unit_test(the_form_of_the_scores_follows_the_scales),
        cmocka_unit_test(the_softmax_scale_in_base_two),   cmocka_unit_test(token_scales_fold_relative_to_the_largest),
        cmocka_unit_test(zero_rows_of_v_set_no_token_scale),
        cmocka_unit_test(signs_are_those_of_the_rotation), cmocka_unit_test(tiles_cover_the_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
