/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "kernels/twin/head.h"

#include "../support/codes.h"
#include "../support/tile.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct at_problem problem = {1, 2, 1, 200, 300, 64, true, 0};

/* The product of row q of the fixture with key j as the matrix unit leaves it. */
static float raw_score(const struct tile_fixture *f, int64_t j)
{
    const struct at_numerics *n = &f->operands.numerics;
    float k[256], d = 0;
    at_tensor_decode_rows(&f->operands.k.codes, 0, f->head.kv, j, 1, k);
    for (int c = 0; c < problem.dim; c += at_wgmma_depth(n->q.format))
        d = at_wgmma_dot(n->q.format, n->k.format, f->row.q + c, k + c, 1, d);
    return d;
}

static float q_scale(const struct tile_fixture *f)
{
    return at_scale_of(&f->operands.q.scale, 0, f->head.h, f->row.position, 0);
}

static float k_scale(const struct tile_fixture *f, int64_t j)
{
    return at_scale_of(&f->operands.k.scale, 0, f->head.kv, j, 0);
}

/* mean(Q block) . k_j with k_j as it was before it was quantised. */
static float mean_score(const struct tile_fixture *f, int64_t j)
{
    const float *mean = f->operands.q.mean + (f->head.h * 2 + f->row.position / 128) * 64, *k = f->operands.k.values + j * 64;
    float sum = 0;
    for (int c = 0; c < 64; c++)
        sum = fmaf(mean[c], k[c], sum);
    return sum;
}

/* The score of key j that E8 to E10 ask for, from the unit's own product; `form` as the case says it. */
typedef float wanted_score(const struct tile_fixture *f, int64_t j);

static float as_it_is(const struct tile_fixture *f, int64_t j)
{
    return raw_score(f, j);
}

static float times_k_scale(const struct tile_fixture *f, int64_t j)
{
    return raw_score(f, j) * k_scale(f, j);
}

static float with_mean(const struct tile_fixture *f, int64_t j)
{
    return fmaf(raw_score(f, j), q_scale(f) * k_scale(f, j), mean_score(f, j));
}

static float rounded_to_fp16(const struct tile_fixture *f, int64_t j)
{
    float x = raw_score(f, j) * (q_scale(f) * k_scale(f, j)) * f->head.scale;
    return at_decode(AT_FP16, at_encode(AT_FP16, x, AT_OVERFLOW_IEEE));
}

static float with_mean_rounded_to_bf16(const struct tile_fixture *f, int64_t j)
{
    return at_decode(AT_BF16, at_encode(AT_BF16, with_mean(f, j) * f->head.scale, AT_OVERFLOW_IEEE));
}

static float folded(const struct tile_fixture *f, int64_t first)
{
    return f->head.log2_scale * (q_scale(f) * k_scale(f, first));
}

static float without_k(const struct tile_fixture *f, int64_t first)
{
    (void)first;
    return f->head.log2_scale * q_scale(f);
}

static float scale_alone(const struct tile_fixture *f, int64_t first)
{
    (void)first;
    return f->head.log2_scale;
}

static float log2_e(const struct tile_fixture *f, int64_t first)
{
    (void)f;
    (void)first;
    return (float)1.4426950408889634;
}

static const struct {
    const char *variant;
    wanted_score *score, *coefficient;
} cases[] = {
    {"fa3-fp16", as_it_is, folded},
    {"fa3-fp8", as_it_is, folded},
    {"fp8-block128", as_it_is, folded},
    {"fp8-token", times_k_scale, without_k},
    {"fp8:scale=block64,promote=64,tile=128x128", times_k_scale, without_k},
    {"fp8:smooth=qk", with_mean, scale_alone},
    {"standard-fp16", rounded_to_fp16, log2_e},
    {"fp8:scores=fp16", rounded_to_fp16, log2_e},
    {"fp8:smooth=q,scores=bf16", with_mean_rounded_to_bf16, log2_e},
};

static void scores_and_coefficients_of_every_form(void **state)
{
    (void)state;
    static const int64_t positions[] = {5, 140, 199};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int p = 0; p < 3; p++) {
            struct tile_fixture f;
            tile_init(&f, cases[i].variant, &problem, random_inputs(&problem, i), 1, positions[p]);
            int64_t tile_n = f.operands.numerics.tile_n, keys = positions[p] + 101;
            for (int64_t first = 0; first < 300; first += tile_n) {
                int64_t n = first + tile_n < 300 ? tile_n : 300 - first;
                tile_load_k(&f, first, n);
                tile_score(&f, first, n);
                for (int64_t j = 0; j < n; j++) {
                    float wanted = first + j < keys ? cases[i].score(&f, first + j) : -INFINITY;
                    if (bits_of(f.w.scores[j]) != bits_of(wanted))
                        fail_msg("%s, row %d, key %d: %a, wanted %a", cases[i].variant, (int)positions[p], (int)(first + j),
                                 (double)f.w.scores[j], (double)wanted);
                }
                for (int64_t j = n; j < f.w.k.n; j++)
                    assert_true(f.w.scores[j] == -INFINITY);
                assert_int_equal(bits_of(at_twin_coefficient(&f.head, &f.row, first)), bits_of(cases[i].coefficient(&f, first)));
            }
            tile_done(&f);
        }
}

/*
 * E10: S times fl(s_q s_k), times the softmax scale, then the cast, each rounded. S = 64 k_0 + k_1 is an odd integer from 2049 to 4095,
 * the middle between two fp16 numbers, and the scales undo each other but for their roundings, which so decide the cast.
 */
static void rounded_scores_round_three_times(void **state)
{
    (void)state;
    static const struct at_problem one = {1, 1, 1, 1, 64, 32, false, 0};
    struct at_qkv x;
    struct tile_fixture f;
    assert_int_equal(at_qkv_init(&x, AT_FP16, &one, NULL), AT_OK);
    ((uint16_t *)x.q.codes)[0] = (uint16_t)at_encode(AT_FP16, 64, AT_OVERFLOW_IEEE);
    ((uint16_t *)x.q.codes)[1] = (uint16_t)at_encode(AT_FP16, 1, AT_OVERFLOW_IEEE);
    for (int j = 0; j < 64; j++) {
        ((uint16_t *)x.k.codes)[j * 32] = (uint16_t)at_encode(AT_FP16, (float)(32 + 4 * (j / 8)), AT_OVERFLOW_IEEE);
        ((uint16_t *)x.k.codes)[j * 32 + 1] = (uint16_t)at_encode(AT_FP16, (float)(1 + 2 * (j % 8)), AT_OVERFLOW_IEEE);
    }
    tile_init(&f, "fp8:scores=fp16,scale-rule=1,tile=64x64", &one, x, 0, 0);
    tile_load_k(&f, 0, 64);
    for (uint64_t round = 0; round < 300; round++) {
        struct at_random key = {round, 340};
        float q = (float)(0.5 + at_random_uniform(key, 0)), k = (float)(0.5 + at_random_uniform(key, 1)), both = q * k,
              scale = round < 290 ? 1 / both : 100 / both; /* at last fp16 overflows */
        f.operands.q.scale.value[0] = q;
        f.operands.k.scale.value[0] = k;
        f.head.scale = scale;
        tile_score(&f, 0, 64);
        for (int j = 0; j < 64; j++) {
            float s = (float)(64 * (32 + 4 * (j / 8)) + 1 + 2 * (j % 8)), scaled = s * both, wanted = scaled * scale;
            assert_int_equal(bits_of(f.w.scores[j]), bits_of(at_decode(AT_FP16, at_encode(AT_FP16, wanted, AT_OVERFLOW_IEEE))));
        }
    }
    tile_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_and_coefficients_of_every_form),
        cmocka_unit_test(rounded_scores_round_three_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
