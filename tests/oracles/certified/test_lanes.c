/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Each step of every path against exact arithmetic and against its equation in docs/oracles.md. */
#include "oracles/certified/head.h"
#include "oracles/certified/path.h"
#include "oracles/certified/table.h"

#include "core/random.h"

#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ROWS = AT_CERTIFIED_ROWS, CHUNK = AT_CERTIFIED_CHUNK, BITS = 2400 };

static const struct at_random KEY = {7, 3};

static const struct at_certified_lanes *lanes_of(int path)
{
    return at_simd_available((enum at_simd)path) ? at_certified_lanes_of((enum at_simd)path) : NULL;
}

/* Vectors of numbers of `bits` bits whose exponents spread over `spread`, times an odd factor; the largest that fit where `round` is 0. */
static void fill(double *to, int64_t vectors, int64_t dim, int bits, int spread, uint64_t stream, int round)
{
    for (int64_t i = 0; i < vectors; i++) {
        double factor = round % 3 == 1 ? 3.0 * (double)(1 + 2 * (at_random_bits(KEY, stream + (uint64_t)i) >> 60)) : 1;
        for (int64_t d = 0; d < dim; d++) {
            uint64_t x = at_random_bits(KEY, stream + (uint64_t)(i * dim + d + 1000));
            uint64_t size = round == 0 ? ((uint64_t)1 << bits) - 1 : x >> (64 - bits);
            int down = round == 0 || spread == 0 ? 0 : (int)(x % (uint64_t)spread);
            to[i * dim + d] = ldexp((double)size, -bits - down) * factor * (round == 0 || x % 2 ? 1 : -1);
        }
    }
}

/* |the score of query i and key j as the path gives it - q . k in its unit| */
static double score_off(const double *q, const double *k, int64_t dim, const struct at_certified_form *form, int unit, double high,
                        double low)
{
    mpfr_t sum, product;
    mpfr_init2(sum, BITS);
    mpfr_init2(product, 106);
    mpfr_set_d(sum, -high, MPFR_RNDN);
    mpfr_sub_d(sum, sum, low, MPFR_RNDN);
    mpfr_mul_si(sum, sum, (long)form->factor, MPFR_RNDN);
    mpfr_mul_2si(sum, sum, unit, MPFR_RNDN);
    for (int64_t d = 0; d < dim; d++) {
        mpfr_set_d(product, q[d], MPFR_RNDN);
        mpfr_mul_d(product, product, k[d], MPFR_RNDN);
        mpfr_add(sum, sum, product, MPFR_RNDN);
    }
    mpfr_div_si(sum, sum, (long)form->factor, MPFR_RNDN);
    mpfr_mul_2si(sum, sum, -unit, MPFR_RNDN);
    double off = fabs(mpfr_get_d(sum, MPFR_RNDU));
    mpfr_clears(sum, product, (mpfr_ptr)NULL);
    return off;
}

enum { KEYS = 32 };

/* Scores of one shape against exact ones: exact where eq. 11 says so, else within its bound. Returns whether all were said to be exact. */
static bool check_dots(const struct at_certified_lanes *lanes, int bits, int spread, int64_t dim, int round)
{
    struct at_certified_plan plan = at_certified_plan_of(dim);
    double *q = malloc((size_t)(ROWS * dim) * sizeof *q), *k = malloc((size_t)(KEYS * dim) * sizeof *k);
    double high[ROWS * KEYS], low[ROWS * KEYS];
    struct at_certified_form forms[KEYS], of_row[ROWS];
    struct at_certified_queries queries;
    struct at_certified_keys keys;
    bool exact = true;
    fill(q, ROWS, dim, bits, spread, (uint64_t)round << 20, round);
    fill(k, KEYS, dim, bits, spread, ((uint64_t)round << 20) + 100000, round);
    assert_true(at_certified_queries_init(&queries, AT_CERTIFIED_SLICES, plan.q_width, dim));
    assert_true(at_certified_keys_init(&keys, AT_CERTIFIED_SLICES, plan.k_width, KEYS, dim));
    int top = -10000, bottom = 10000;
    for (int j = 0; j < KEYS; j++) {
        forms[j] = at_certified_form_of(k + j * dim, dim);
        top = at_certified_form_top(&forms[j]) > top ? at_certified_form_top(&forms[j]) : top;
        bottom = forms[j].span.low < bottom ? forms[j].span.low : bottom;
    }
    for (int j = 0; j < KEYS; j++)
        at_certified_keys_set(&keys, j, k + j * dim, &forms[j], top);
    for (int i = 0; i < ROWS; i++) {
        of_row[i] = at_certified_form_of(q + i * dim, dim);
        at_certified_queries_set(&queries, i, q + i * dim, &of_row[i]);
    }
    lanes->dots(&queries, &keys, 0, 16, KEYS, high, low);
    lanes->dots(&queries, &keys, 16, KEYS, KEYS, high, low);
    for (int i = 0; i < ROWS; i++) {
        int unit = of_row[i].span.high - plan.q_width + top - plan.k_width, depth = unit - of_row[i].span.low - bottom;
        double bound = at_certified_score_error(&plan, depth, AT_CERTIFIED_SLICES, AT_CERTIFIED_SLICES) / 2;
        exact &= bound == 0;
        for (int j = 0; j < KEYS; j++) {
            double h = high[i * KEYS + j], l = low[i * KEYS + j];
            if (!(score_off(q + i * dim, k + j * dim, dim, &of_row[i], unit, h, l) <= bound))
                fail_msg("%d bits, spread %d, dim %d, round %d: row %d, key %d: off by more than %g", bits, spread, (int)dim, round, i, j,
                         bound);
            assert_true(fmod(h, 4) == 0 && fabs(h) <= 0x1p54 && fabs(l) <= 2);
        }
    }
    at_certified_queries_done(&queries);
    at_certified_keys_done(&keys);
    free(q);
    free(k);
    return exact;
}

static void test_dots(void **state)
{
    (void)state;
    static const int64_t dims[] = {32, 128, 512};
    static const int bits[] = {4, 11, 24, 53}, spreads[] = {0, 12, 30, 60, 300};
    for (int path = AT_SIMD_SCALAR; path < AT_SIMD_COUNT; path++) {
        const struct at_certified_lanes *lanes = lanes_of(path);
        int seen[2] = {0};
        for (int round = 0; lanes && round < 4; round++)
            for (int n = 0; n < (round == 0 ? 3 : 2); n++)
                for (int b = round % 2; b < 4; b++)
                    for (int s = 0; s < 5; s++)
                        seen[check_dots(lanes, bits[b], spreads[s], dims[n], round)]++;
        assert_true(!lanes || (seen[0] > 50 && seen[1] > 50));
    }
}

/* |high + low - 2^512 e^-y| / (2^512 e^-y u^2), y = (scale) (below) exactly. */
static double error_of_weight(const double scale[2], double below, double high, double low)
{
    mpfr_t x, w;
    mpfr_inits2(BITS, x, w, (mpfr_ptr)NULL);
    mpfr_set_d(x, -scale[0], MPFR_RNDN);
    mpfr_sub_d(x, x, scale[1], MPFR_RNDN);
    mpfr_mul_d(x, x, below, MPFR_RNDN);
    mpfr_prec_round(x, 400, MPFR_RNDN);
    mpfr_set_prec(w, 400);
    mpfr_exp(x, x, MPFR_RNDN);
    mpfr_mul_2si(x, x, AT_CERTIFIED_RAISE, MPFR_RNDN);
    mpfr_set_d(w, high, MPFR_RNDN);
    mpfr_add_d(w, w, low, MPFR_RNDN);
    mpfr_sub(w, w, x, MPFR_RNDN);
    mpfr_div(w, w, x, MPFR_RNDN);
    mpfr_mul_2si(w, w, 106, MPFR_RNDN);
    double error = fabs(mpfr_get_d(w, MPFR_RNDN));
    mpfr_clears(x, w, (mpfr_ptr)NULL);
    return error;
}

/* Every weight within eq. 14 (without the error of c: the scale is taken as it is), over the whole range. */
static void test_weights(void **state)
{
    (void)state;
    enum { N = 4000 };
    static const double ranges[] = {1e-12, 1e-3, 1, 20, 300, 760};
    for (int path = AT_SIMD_SCALAR; path < AT_SIMD_COUNT; path++) {
        const struct at_certified_lanes *lanes = lanes_of(path);
        double high[N], low[N], below[N], scale[2], top[2] = {0, 0};
        for (size_t n = 0; lanes && n < sizeof ranges / sizeof *ranges; n++) {
            at_certified_scale(0, 32, 1, scale);
            for (int i = 0; i < N; i++) {
                below[i] = i == 0 ? 0 : at_random_uniform(KEY, (uint64_t)i) * ranges[n] / scale[0];
                high[i] = -below[i];
                low[i] = 0;
            }
            double least = lanes->weights(at_certified_table(), scale, top, N, high, low), found = 0;
            assert_true(high[0] == 0x1p512 && low[0] == 0);
            for (int i = 0; i < N; i++) {
                double x = below[i] * scale[0];
                found = fmax(found, x);
                if (x > AT_CERTIFIED_CLIP + 1e-9)
                    assert_true(high[i] == 0 && low[i] == 0);
                else if (x < AT_CERTIFIED_CLIP - 1e-9)
                    assert_true(error_of_weight(scale, below[i], high[i], low[i]) <= 8.5 * x + 34);
            }
            assert_true(fabs(least + found) <= 1e-14 * found);
        }
    }
}

static void add_exactly(mpfr_t sum, double a, double b, bool absolute)
{
    mpfr_t t;
    mpfr_init2(t, 106);
    mpfr_set_d(t, a, MPFR_RNDN);
    mpfr_mul_d(t, t, absolute ? fabs(b) : b, MPFR_RNDN);
    mpfr_add(sum, sum, t, MPFR_RNDN);
    mpfr_clear(t);
}

/* sum - high - low, in units of `unit`. */
static double off_by(mpfr_t sum, double high, double low, double unit)
{
    mpfr_sub_d(sum, sum, high, MPFR_RNDN);
    mpfr_sub_d(sum, sum, low, MPFR_RNDN);
    return fabs(mpfr_get_d(sum, MPFR_RNDN) / unit);
}

enum { DIM = 32, TIMES = 3 };

/* Weights and values of three chunks. */
struct chunks {
    double high[ROWS * CHUNK * TIMES], low[ROWS * CHUNK * TIMES], v[CHUNK * TIMES * DIM];
};

/* What the sums are off by, at most: the sum by `bound` u^2 of the sum of magnitudes and `missed`, if it is not NULL, those by eq. 18. */
static void check_sums(const struct chunks *x, const struct at_certified_sums *sums, double bound)
{
    mpfr_t sum, size;
    mpfr_inits2(BITS, sum, size, (mpfr_ptr)NULL);
    for (int at = 0; at < ROWS * DIM; at++) {
        mpfr_set_zero(sum, 1);
        mpfr_set_zero(size, 1);
        for (int j = 0; j < CHUNK * TIMES; j++) {
            int p = at / DIM * CHUNK * TIMES + j;
            add_exactly(sum, x->high[p], x->v[j * DIM + at % DIM], false);
            add_exactly(sum, x->low[p], x->v[j * DIM + at % DIM], false);
            add_exactly(size, x->high[p], x->v[j * DIM + at % DIM], true);
        }
        double unit = mpfr_get_d(size, MPFR_RNDN), missed = sums->missed ? 70 * 0x1p-53 * sums->missed[at] : 0;
        assert_true(off_by(sum, sums->value_high[at], sums->value_low[at], unit * 0x1p-106 * bound + missed) <= 1);
        assert_true(off_by(size, sums->abs_high[at], sums->abs_low[at], unit) <= 7 * 0x1p-53);
    }
    mpfr_clears(sum, size, (mpfr_ptr)NULL);
}

static void draw_chunks(struct chunks *x, bool wide, int round)
{
    for (int i = 0; i < ROWS * CHUNK * TIMES; i++) {
        x->high[i] = at_random_uniform(KEY, (uint64_t)(i + 100000 * round)) * ldexp(1, 512 - (wide ? i % 900 : 0));
        x->low[i] = x->high[i] * 0x1p-54 * (i % 2 ? 1 : -0.3);
    }
}

/* Element (j, c) of V as it is stored. */
static int place(int j, int c)
{
    return (j / CHUNK * DIM + c / 8 * 8) * CHUNK + j % CHUNK * 8 + c % 8;
}

/* Chunks that cancel as far as they can: within eq. 18 and 20 of the exact sums. */
static void check_values(const struct at_certified_lanes *lanes, int round)
{
    static struct chunks x;
    static double panels[CHUNK * TIMES * DIM], sums[4][ROWS * DIM];
    struct at_certified_sums to = {sums[0], sums[1], sums[2], sums[3], NULL};
    memset(sums, 0, sizeof sums);
    draw_chunks(&x, round % 3, round);
    for (int i = 0; i < CHUNK * TIMES * DIM; i++) {
        double drawn = at_random_normal(KEY, (uint64_t)(i + 100000 * round + 50000));
        panels[place(i / DIM, i % DIM)] = x.v[i] = round % 2 && i / DIM % 2 ? -x.v[i - DIM] * (1 + 0x1p-30) : drawn;
    }
    for (int t = 0; t < TIMES; t++)
        lanes->values(x.high + t * CHUNK, x.low + t * CHUNK, CHUNK * TIMES, panels + t * CHUNK * DIM, DIM, &to);
    check_sums(&x, &to, 35800 + 0.024 * CHUNK * TIMES);
}

/* Values of `bits` bits, the largest of them all or of either sign and cancelling: within eq. 25. */
static void check_short_values(const struct at_certified_lanes *lanes, int bits, int round)
{
    static struct chunks x;
    static double panels[CHUNK * TIMES * DIM], sizes[TIMES * DIM], sums[5][ROWS * DIM];
    struct at_certified_sums to = {sums[0], sums[1], sums[2], sums[3], sums[4]};
    double largest = 0;
    memset(sums, 0, sizeof sums);
    memset(sizes, 0, sizeof sizes);
    draw_chunks(&x, round % 3 == 2, round);
    for (int i = 0; i < ROWS * CHUNK * TIMES && round == 0; i++) /* as large as weights get */
        x.high[i] = 0x1.fffffffffffffp511;
    for (int i = 0; i < CHUNK * TIMES * DIM; i++) {
        uint64_t drawn = at_random_bits(KEY, (uint64_t)(i + 100000 * round)), size = round == 0 ? ~(uint64_t)0 : drawn;
        double value = ldexp((double)(size >> (64 - bits)), -7) * (round == 0 || drawn % 2 ? 1 : -1);
        panels[place(i / DIM, i % DIM)] = x.v[i] = round == 3 && i / DIM % 2 ? -x.v[i - DIM] : value;
        sizes[i / DIM / CHUNK * DIM + i % DIM] += fabs(x.v[i]);
    }
    for (int i = 0; i < TIMES * DIM; i++)
        largest = fmax(largest, sizes[i]);
    int reach = ilogb(largest) + 1 + 7;
    for (int t = 0; t < TIMES; t++)
        lanes->short_values(x.high + t * CHUNK, x.low + t * CHUNK, CHUNK * TIMES, panels + t * CHUNK * DIM, sizes + t * DIM, bits, reach,
                            DIM, &to);
    check_sums(&x, &to, 140 + 0.024 * CHUNK * TIMES);
    assert_true(bits > 20 || round == 2 || to.missed[0] * 0x1p-47 < to.abs_high[0] * 0x1p-95); /* far below what is allowed */
}

static void test_values(void **state)
{
    (void)state;
    for (int path = AT_SIMD_SCALAR; path < AT_SIMD_COUNT; path++) {
        const struct at_certified_lanes *lanes = lanes_of(path);
        for (int round = 0; lanes && round < 6; round++)
            check_values(lanes, round);
        for (int bits = 2; lanes && bits <= 30; bits += bits == 2 ? 2 : 13)
            for (int round = 0; round < 4; round++)
                check_short_values(lanes, bits, round);
    }
}

static void test_total_and_top(void **state)
{
    (void)state;
    enum { N = 800 };
    double high[N], low[N], best[2], total[2];
    for (int path = AT_SIMD_SCALAR; path < AT_SIMD_COUNT; path++) {
        const struct at_certified_lanes *lanes = lanes_of(path);
        for (int round = 0; lanes && round < 20; round++) {
            mpfr_t sum;
            mpfr_init2(sum, BITS);
            mpfr_set_zero(sum, 1);
            for (int i = 0; i < N; i++) {
                high[i] = floor(at_random_uniform(KEY, (uint64_t)(i + 1000 * round)) * 40) * 0x1p52;
                low[i] = floor(at_random_uniform(KEY, (uint64_t)(i + 1000 * round + 500000)) * 9);
                mpfr_add_d(sum, sum, high[i], MPFR_RNDN);
                mpfr_add_d(sum, sum, low[i], MPFR_RNDN);
            }
            high[round] = high[(37 * round + 5) % N] = 40 * 0x1p52;
            low[round] = 3;
            low[(37 * round + 5) % N] = 8;
            lanes->top(high, low, N, best);
            assert_true(best[0] == 40 * 0x1p52 && best[1] == 8);
            mpfr_set_zero(sum, 1);
            for (int i = 0; i < N; i++) {
                mpfr_add_d(sum, sum, high[i], MPFR_RNDN);
                mpfr_add_d(sum, sum, low[i] *= 0x1p-60, MPFR_RNDN);
            }
            lanes->total(high, low, N, total);
            assert_true(off_by(sum, total[0], total[1], total[0] * 0x1p-106) <= 0.39 * N + 28);
            mpfr_clear(sum);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dots), cmocka_unit_test(test_weights), cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_total_and_top)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
