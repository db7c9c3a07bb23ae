/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "kernels/twin/attention.h"
#include "kernels/twin/mufu.h"
#include "kernels/twin/softmax.h"
#include "kernels/variants/variant.h"

#include "../support/cases.h"
#include "../support/plain.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Worst error over bound, to show how sharp the bounds are. */
struct tightness {
    double o, product, lse, weights;
};

static void hold(double *worst, double error, double bound, const char *what, const char *where)
{
    if (!(error <= bound))
        fail_msg("%s: error %g, bound %g; %s", what, error, bound, where);
    if (bound > 0 && error / bound > *worst)
        *worst = error / bound;
}

/* Row i of the run against the plain computation: O, log-sum-exp, weights, and that the weights times V are O. */
static void check_row(const struct plain_head *head, const struct run *run, int64_t i, const char *where, struct tightness *t)
{
    struct plain_row plain;
    double product[256], total = 0, total_bound = 0;
    plain_row_init(&plain, head, run->rows.index[i]);
    const double *p = run->a.p + i * run->seq_k;
    plain_product(head, p, plain.keys, product);
    if (plain.keys == 0) {
        for (int64_t c = 0; c < run->dim; c++)
            assert_true(run->a.o[i * run->dim + c] == 0);
        assert_true(run->a.lse[i] == -INFINITY && run->a.row_sum[i] == 0 && run->a.row_max[i] == -INFINITY);
    }
    for (int64_t c = 0; c < run->dim && plain.keys; c++) {
        double o = (double)run->a.o[i * run->dim + c];
        hold(&t->o, fabs(o - plain.o[c]), plain.o_bound[c], "O", where);
        hold(&t->product, fabs(o - product[c]), plain.product_bound[c], "O against P V", where);
    }
    if (plain.keys)
        hold(&t->lse, fabs((double)run->a.lse[i] - plain.lse), plain.lse_bound, "log-sum-exp", where);
    for (int64_t j = 0; j < run->seq_k; j++) {
        if (j >= plain.keys) {
            assert_true(p[j] == 0);
            continue;
        }
        hold(&t->weights, fabs(p[j] - plain.w[j]), plain.w_bound[j], "a weight", where);
        total += p[j];
        total_bound += plain.w_bound[j];
    }
    if (plain.keys && !(fabs(total - 1) <= total_bound))
        fail_msg("the weights sum to %g, bound %g; %s", total, total_bound, where);
    plain_row_done(&plain);
}

static void check_operands(const struct at_operands *operands, int64_t rows, const char *where, struct tightness *t)
{
    const struct at_problem *p = &operands->problem;
    for (int64_t b = 0; b < p->batch; b++)
        for (int64_t h = 0; h < p->heads_q; h++) {
            struct plain_head head;
            plain_head_init(&head, operands, b, h);
            struct run run = run_head(operands, b, h, rows, AT_SIMD_AUTO, true);
            for (int64_t i = 0; i < run.rows.count; i++)
                check_row(&head, &run, i, where, t);
            run_done(&run);
            plain_head_done(&head);
        }
}

/* batch, heads q/kv, seq q/k, dim, causal, scale */
static const struct at_problem problems[] = {
    {1, 2, 1, 33, 129, 64, false, 0}, {1, 2, 2, 129, 129, 64, true, 0},    {2, 1, 1, 31, 1000, 32, false, 0},
    {1, 4, 2, 129, 31, 128, true, 0}, {1, 1, 1, 1000, 1000, 128, true, 0}, {1, 1, 1, 33, 33, 256, false, 0},
    {1, 2, 1, 1, 1, 32, true, 0},     {1, 3, 1, 1, 300, 64, true, 0.2},    {1, 1, 1, 300, 160, 128, true, 0},
};

enum { PROBLEMS = sizeof problems / sizeof problems[0] };

static void report(const struct tightness *t)
{
    print_message("largest error over bound: O %.2f, P V %.2f, log-sum-exp %.2f, weights %.2f\n", t->o, t->product, t->lse, t->weights);
}

static void every_variant_is_near_the_plain_computation(void **state)
{
    (void)state;
    struct tightness t = {0};
    for (size_t i = 0; i < PROBLEMS; i++) {
        struct at_qkv inputs = random_inputs(&problems[i], i);
        for (size_t v = 0; v < at_variant_count; v++) {
            char where[160];
            struct at_operands operands = prepared(&problems[i], &at_variants[v]->numerics, &inputs);
            snprintf(where, sizeof where, "%s, problem %zu", at_variants[v]->name, i);
            check_operands(&operands, 4, where, &t);
            at_operands_done(&operands);
        }
        at_qkv_done(&inputs);
    }
    report(&t);
}

/* argv[1]: how many. */
static uint64_t random_cases = 150;

static void random_numerics_are_near_the_plain_computation(void **state)
{
    (void)state;
    struct tightness t = {0};
    for (uint64_t seed = 0; seed < random_cases; seed++) {
        char where[AT_NUMERICS_TEXT_SIZE + 64], text[AT_NUMERICS_TEXT_SIZE];
        const struct at_problem *problem = &problems[seed * 7 % PROBLEMS];
        struct at_numerics numerics = random_numerics(problem, seed, text);
        struct at_qkv inputs = random_inputs(problem, seed);
        struct at_operands operands = prepared(problem, &numerics, &inputs);
        snprintf(where, sizeof where, "seed %" PRIu64 ": %s", seed, text);
        check_operands(&operands, 3, where, &t);
        at_operands_done(&operands);
        at_qkv_done(&inputs);
    }
    report(&t);
}

static void compare_runs(const struct run *whole, const struct run *part, const char *what, uint64_t seed)
{
    int64_t i = 0;
    for (int64_t j = 0; j < part->rows.count; j++) {
        while (whole->rows.index[i] != part->rows.index[j])
            i++;
        if (!same_row(whole, i, part, j))
            fail_msg("%s: row %" PRId64 " differs; seed %" PRIu64, what, part->rows.index[j], seed);
    }
}

static void rows_threads_and_paths_do_not_change_a_bit(void **state)
{
    (void)state;
    int threads = omp_get_max_threads();
    for (uint64_t seed = 0; seed < 24; seed++) {
        static const struct at_problem problem = {1, 2, 1, 300, 290, 64, true, 0};
        char text[AT_NUMERICS_TEXT_SIZE];
        struct at_numerics numerics = random_numerics(&problem, 500 + seed, text);
        struct at_qkv inputs = random_inputs(&problem, seed);
        if (seed % 4 == 3) { /* a NaN and an infinity on their way */
            ((uint16_t *)inputs.k.codes)[64 * 100 + 3] = 0x7e00;
            ((uint16_t *)inputs.v.codes)[64 * 20 + 9] = 0xfc00;
        }
        struct at_operands operands = prepared(&problem, &numerics, &inputs);
        omp_set_num_threads(1);
        struct run whole = run_head(&operands, 0, 1, 0, AT_SIMD_AUTO, true), chosen = run_head(&operands, 0, 1, 7, AT_SIMD_AUTO, true);
        compare_runs(&whole, &chosen, "chosen rows", seed);
        for (int n = 2; n < 8; n += 5) {
            omp_set_num_threads(n);
            struct run threaded = run_head(&operands, 0, 1, 0, AT_SIMD_AUTO, true);
            compare_runs(&whole, &threaded, "threads", seed);
            assert_int_equal(whole.a.p_underflowed, threaded.a.p_underflowed);
            assert_int_equal(whole.a.p_saturated, threaded.a.p_saturated);
            run_done(&threaded);
        }
        for (int simd = AT_SIMD_SCALAR; simd < AT_SIMD_COUNT; simd++) {
            if (!at_simd_available((enum at_simd)simd))
                continue;
            struct run path = run_head(&operands, 0, 1, 9, (enum at_simd)simd, true);
            compare_runs(&whole, &path, at_simd_names[simd], seed);
            run_done(&path);
        }
        run_done(&whole);
        run_done(&chosen);
        at_operands_done(&operands);
        at_qkv_done(&inputs);
    }
    omp_set_num_threads(threads);
}

/*
 * Scores that are known: q = (1, 0, ...), k_j = (t_j, 0, ...), t_j = 0, -1/2, -1, ..., and a softmax scale of ln 2, so that P_j = 2^(t_j)
 * times its offset, up to the roundings of the coefficient, which do not reach the middle between two halves.
 */
static struct at_operands ladder(const char *numerics, int64_t keys)
{
    struct at_problem problem = {1, 1, 1, 1, keys, 32, false, 0x1.62e42fefa39efp-1};
    struct at_numerics n = numerics_of(numerics);
    struct at_qkv x;
    assert_int_equal(at_qkv_init(&x, AT_FP16, &problem, NULL), AT_OK);
    ((uint16_t *)x.q.codes)[0] = 0x3c00;
    for (int64_t j = 0; j < keys; j++) {
        ((uint16_t *)x.k.codes)[j * 32] = (uint16_t)at_encode(AT_FP16, -0.25f - 0.5f * (float)j, AT_OVERFLOW_IEEE);
        ((uint16_t *)x.v.codes)[j * 32] = 0x3c00;
    }
    struct at_operands operands = prepared(&problem, &n, &x);
    at_qkv_done(&x);
    return operands;
}

static void vanished_weights_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *numerics;
        int kept; /* half steps until the weight is at most half the smallest subnormal: twice (offset - exponent of that half) */
    } cases[] = {
        {"fp16:v.format=e4m3,v.storage=e4m3,p.format=e4m3,p.offset=2^8,order=forward", 2 * (8 + 10)},
        {"fp16:v.format=e4m3,v.storage=e4m3,p.format=e4m3,p.offset=none", 2 * 10},
        {"fp16:v.format=e4m3,v.storage=e4m3,p.format=e5m2,p.offset=2^8", 2 * (8 + 17)},
        {"fp16:p.offset=2^8", 2 * (8 + 25)},
        {"fp16:v.format=e4m3,v.storage=e4m3,p.format=e4m3,p.offset=448", 2 * (8 + 10) + 1}, /* log2(448) = 8.8 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t keys = 100;
        struct at_operands operands = ladder(cases[i].numerics, keys);
        struct run run = run_head(&operands, 0, 0, 0, AT_SIMD_AUTO, true);
        int64_t kept = 0;
        for (int64_t j = 0; j < keys; j++)
            kept += run.a.p[j] != 0;
        /* Step `kept` is half the smallest subnormal exactly: a tie, which goes to zero or, a rounding higher, does not. */
        assert_in_range(kept, cases[i].kept, cases[i].kept + 1);
        assert_int_equal(run.a.p_underflowed, keys - kept);
        assert_int_equal(run.a.p_saturated, 0);
        run_done(&run);
        at_operands_done(&operands);
    }
}

/*
 * Normalised weights to the bit, from scores that are single products: e / sum rounded once, or e times the unit's 1/sum, and the cast.
 * The one instead of the other would move about one weight in 8192.
 */
static void check_normalised_weights(const char *variant)
{
    enum { SCORE_ROWS = 24, SCORE_KEYS = 4000 };
    static float e[SCORE_KEYS];
    struct at_problem problem = {1, 1, 1, SCORE_ROWS, SCORE_KEYS, 32, false, 1};
    struct at_numerics n = numerics_of(variant);
    struct at_qkv x;
    assert_int_equal(at_qkv_init(&x, AT_FP16, &problem, NULL), AT_OK);
    for (int64_t j = 0; j < SCORE_KEYS; j++)
        ((uint16_t *)x.k.codes)[j * 32] =
            (uint16_t)at_encode(AT_FP16, (float)at_random_normal((struct at_random){1, 91}, (uint64_t)j), AT_OVERFLOW_IEEE);
    for (int64_t i = 0; i < SCORE_ROWS; i++)
        ((uint16_t *)x.q.codes)[i * 32] = (uint16_t)(0x3c00 + 31 * i);
    struct at_operands o = prepared(&problem, &n, &x);
    struct run run = run_head(&o, 0, 0, 0, AT_SIMD_AUTO, true);
    for (int64_t i = 0; i < SCORE_ROWS; i++) {
        struct at_softmax_row row = {.max = -INFINITY};
        float q = at_decode(AT_FP16, (uint32_t)(0x3c00 + 31 * i)), c = (float)1.4426950408889634;
        for (int64_t j = 0; j < SCORE_KEYS; j++) {
            float s = q * at_decode(AT_FP16, ((uint16_t *)x.k.codes)[j * 32]); /* 22 bits: exact */
            e[j] = at_decode(AT_FP16, at_encode(AT_FP16, s, AT_OVERFLOW_IEEE));
            row.max = fmaxf(row.max, e[j]);
        }
        for (int64_t j = 0; j < SCORE_KEYS; j++)
            e[j] = at_ex2_exact(fmaf(e[j], c, -(row.max * c)));
        assert_true(run.a.row_max[i] == row.max);
        for (int64_t first = 0; first < SCORE_KEYS; first += o.numerics.tile_n)
            at_softmax_add(&row, 1, e + first, first + o.numerics.tile_n < SCORE_KEYS ? o.numerics.tile_n : SCORE_KEYS - first);
        float total = at_softmax_total(&row);
        assert_true(total == run.a.row_sum[i]);
        for (int64_t j = 0; j < SCORE_KEYS; j++) {
            float w = n.reciprocal == AT_EXACT ? e[j] / total : e[j] * at_rcp_approx(total);
            assert_true(run.a.p[i * SCORE_KEYS + j] == (double)at_decode(AT_FP16, at_encode(AT_FP16, w, AT_OVERFLOW_IEEE)));
        }
    }
    run_done(&run);
    at_operands_done(&o);
    at_qkv_done(&x);
}

static void normalised_weights_are_quotients(void **state)
{
    (void)state;
    check_normalised_weights("standard-fp16");
    check_normalised_weights("standard-fp16:reciprocal=mufu");
}

/* The finite outputs of rows that do not see them must not change when later keys and values do; without scales from amax. */
static void what_is_masked_is_not_read(void **state)
{
    (void)state;
    static const char *const texts[] = {"fa3-fp16", "standard-fp16", "fa3-bf16", "fp8:scale-rule=0.02,promote=tile,tile=64x32",
                                        "fp8:scale-rule=0.02,scale=token,v.scale=none,v.scale-rule=amax,order=forward"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct at_problem problem = {1, 1, 1, 100, 130, 64, true, 0};
        struct at_numerics n = numerics_of(texts[i]);
        struct at_qkv x = random_inputs(&problem, i);
        struct at_operands before = prepared(&problem, &n, &x);
        int64_t first = 77; /* keys from here change: rows up to 46 do not see them */
        for (int64_t e = first * 64; e < 130 * 64; e++) {
            ((uint16_t *)x.k.codes)[e] = (uint16_t)(((uint16_t *)x.k.codes)[e] ^ 0x8c01);
            ((uint16_t *)x.v.codes)[e] = (uint16_t)(((uint16_t *)x.v.codes)[e] ^ 0x8c01);
        }
        struct at_operands after = prepared(&problem, &n, &x);
        struct run a = run_head(&before, 0, 0, 0, AT_SIMD_AUTO, true), b = run_head(&after, 0, 0, 0, AT_SIMD_AUTO, true);
        for (int64_t row = 0; row < 100; row++)
            if (same_row(&a, row, &b, row) != (row < first - 30))
                fail_msg("%s: row %" PRId64 " %s", texts[i], row, row < first - 30 ? "changed" : "did not change");
        run_done(&a);
        run_done(&b);
        at_operands_done(&before);
        at_operands_done(&after);
        at_qkv_done(&x);
    }
}

/* A NaN in one operand, or an infinity that its format keeps, reaches every row that sees it and no other head. */
static void nan_and_infinity_reach_the_output(void **state)
{
    (void)state;
    for (size_t v = 0; v < at_variant_count; v++)
        for (int operand = 0; operand < 3; operand++)
            for (int kind = 0; kind < 2; kind++) {
                struct at_problem problem = {1, 2, 2, 40, 70, 64, false, 0};
                struct at_qkv x = random_inputs(&problem, v);
                struct at_tensor *t = operand == 0 ? &x.q : operand == 1 ? &x.k : &x.v;
                int64_t seq = t->seq;
                const struct at_operand_numerics *n = operand == 0   ? &at_variants[v]->numerics.q
                                                      : operand == 1 ? &at_variants[v]->numerics.k
                                                                     : &at_variants[v]->numerics.v;
                ((uint16_t *)t->codes)[(seq + 7) * 64 + 5] = kind ? 0x7c00 : 0x7e00; /* head 1, row 7, column 5 */
                struct at_operands operands = prepared(&problem, &at_variants[v]->numerics, &x);
                struct run clean = run_head(&operands, 0, 0, 0, AT_SIMD_AUTO, true), hit = run_head(&operands, 0, 1, 0, AT_SIMD_AUTO, true);
                bool stays = !kind || at_formats[n->storage].bits == 16 || n->smooth;
                for (int64_t row = 0; row < 40; row++) {
                    bool seen = operand != 0 || row == 7, bad = false;
                    for (int64_t c = 0; c < 64; c++) {
                        assert_true(isfinite(clean.a.o[row * 64 + c]));
                        bad |= !isfinite(hit.a.o[row * 64 + c]);
                    }
                    /* an infinite score of the right sign alone is a weight of 0 or NaN; of the wrong sign it vanishes */
                    if (seen && stays && !bad && !(kind && operand == 1))
                        fail_msg("%s: %s in operand %d is not seen in row %" PRId64, at_variants[v]->name, kind ? "infinity" : "NaN",
                                 operand, row);
                    if (!seen && bad && !n->smooth && !n->rotate && n->scale != AT_SCALE_BLOCK128)
                        fail_msg("%s: row %" PRId64 " is spoilt by operand %d", at_variants[v]->name, row, operand);
                }
                run_done(&clean);
                run_done(&hit);
                at_operands_done(&operands);
                at_qkv_done(&x);
            }
}

/*
 * The columns of the last tile that no key fills score minus infinity. Where the coefficient is 0, or the shift infinite, their exponent is
 * no number, and so are the row's sum and outputs, as in the kernels; without such columns the row has a result.
 */
static void columns_without_a_key_are_computed(void **state)
{
    (void)state;
    enum { ONE = 0x3f80, LARGE = 0x6180, MINUS = 0x8000 }; /* bf16: 1, 2^68, the sign */
    static const struct {
        const char *numerics;
        int64_t tile;
        uint16_t element; /* of Q, and of −K */
        bool lost;        /* where columns are left over */
        float sum_of_one; /* where none is: the row sum for each key */
    } cases[] = {
        {"fa3-fp8:q.scale-rule=1e-25,k.scale-rule=1e-25", 160, ONE, true, 256}, /* the coefficient is 0: each weight is 2^8 */
        {"fp8-two-level:q.scale-rule=1e-25,k.scale-rule=1e-25,p.offset=none,sum=quantised", 128, ONE, true, 1},
        {"fp8-block128:q.scale-rule=1e-25,k.scale-rule=1e-25,p.offset=none", 128, ONE, true, 1},
        {"fa3-fp8", 160, LARGE, true, INFINITY}, /* the shift is minus infinity */
        {"fa3-fp8", 160, ONE, false, 256},
        {"standard-fp16", 192, ONE, false, 1}, /* computes no columns but those of keys */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int less = 0; less < 3; less++) {
            const int64_t keys = 2 * cases[i].tile - 32 * less;
            struct at_problem problem = {1, 1, 1, 8, keys, 64, false, 0};
            struct at_numerics n = numerics_of(cases[i].numerics);
            struct at_qkv x;
            assert_int_equal(at_qkv_init(&x, AT_BF16, &problem, NULL), AT_OK);
            for (int64_t e = 0; e < keys * 64; e++) {
                ((uint16_t *)x.k.codes)[e] = cases[i].element | MINUS;
                ((uint16_t *)x.v.codes)[e] = ONE;
            }
            for (int64_t e = 0; e < 8 * 64; e++)
                ((uint16_t *)x.q.codes)[e] = cases[i].element;
            struct at_operands o = prepared(&problem, &n, &x);
            const bool lost = less && cases[i].lost;
            for (enum at_simd simd = AT_SIMD_AUTO; simd <= AT_SIMD_SCALAR; simd++) {
                struct run run = run_head(&o, 0, 0, 0, simd, true);
                for (int64_t row = 0; row < 8; row++) {
                    assert_true(lost ? isnan(run.a.row_sum[row]) && run.a.lse[row] == -INFINITY
                                     : run.a.row_sum[row] == (float)keys * cases[i].sum_of_one);
                    for (int64_t c = 0; c < 64; c++)
                        if (isfinite(run.a.o[row * 64 + c]) == lost)
                            fail_msg("%s, %" PRId64 " keys: row %" PRId64 ", column %" PRId64 " is %g", cases[i].numerics, keys, row, c,
                                     (double)run.a.o[row * 64 + c]);
                }
                run_done(&run);
            }
            at_operands_done(&o);
            at_qkv_done(&x);
        }
}

static void a_path_this_machine_lacks_is_refused(void **state)
{
    (void)state;
    struct at_operands operands = ladder("fa3-fp16", 3);
    struct at_error error = {{0}};
    struct at_rows rows;
    float o[32], max, sum, lse;
    struct at_attention a = {o, &max, &sum, &lse, NULL, 0, 0};
    assert_int_equal(at_rows_choose(&rows, 1, 0, 0, NULL), AT_OK);
    for (int simd = 0; simd < AT_SIMD_COUNT; simd++) {
        enum at_status wanted = at_simd_available((enum at_simd)simd) ? AT_OK : AT_ERR_UNSUPPORTED;
        assert_int_equal(at_twin_attend(&operands, 0, 0, &rows, (enum at_simd)simd, &a, &error), wanted);
    }
    at_rows_done(&rows);
    at_operands_done(&operands);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        random_cases = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_is_near_the_plain_computation),
        cmocka_unit_test(random_numerics_are_near_the_plain_computation),
        cmocka_unit_test(rows_threads_and_paths_do_not_change_a_bit),
        cmocka_unit_test(vanished_weights_are_counted),
        cmocka_unit_test(normalised_weights_are_quotients),
        cmocka_unit_test(what_is_masked_is_not_read),
        cmocka_unit_test(nan_and_infinity_reach_the_output),
        cmocka_unit_test(columns_without_a_key_are_computed),
        cmocka_unit_test(a_path_this_machine_lacks_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
