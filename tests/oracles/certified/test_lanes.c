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

static const struct at_certified_lanes *lanes_of(int path, bool *ret_have_ifma)
{
    return at_simd_available((enum at_simd)path) ? at_certified_lanes_of((enum at_simd)path, ret_have_ifma) : NULL;
}

/* Integers of up to `bits` bits; the largest magnitudes alone where `round` is even. */
static void fill(double *to, int64_t count, int bits, uint64_t stream, int round)
{
    for (int64_t i = 0; i < count; i++) {
        uint64_t x = at_random_bits(KEY, stream + (uint64_t)i);
        uint64_t size = round % 2 ? x >> 2 >> (62 - bits) : (((uint64_t)1 << bits) - 1);
        size = bits > 53 ? size >> (bits - 53) << (bits - 53) : size;
        to[i] = (double)size * (round % 4 == 0 || x % 2 ? 1 : -1);
    }
}

/* Scores of one shape by one mode, against __int128. */
static void check_dots(at_certified_dots *dots, enum at_certified_mode mode, int q_bits, int k_bits, int64_t dim, int round)
{
    enum { KEYS = 16 };
    double *q = malloc((size_t)(ROWS * dim) * sizeof *q), *k = malloc((size_t)(KEYS * dim) * sizeof *k);
    double high[ROWS * KEYS], low[ROWS * KEYS];
    struct at_certified_operand queries, keys;
    fill(q, ROWS * dim, q_bits, (uint64_t)round << 20, round);
    fill(k, KEYS * dim, k_bits, ((uint64_t)round << 20) + 100000, round);
    assert_true(at_certified_operand_init(&queries, mode, q_bits, ROWS, dim) && at_certified_operand_init(&keys, mode, k_bits, KEYS, dim));
    for (int64_t i = 0; i < ROWS; i++)
        at_certified_operand_set(&queries, false, i, q + i * dim, 0);
    for (int64_t j = 0; j < KEYS; j++)
        at_certified_operand_set(&keys, true, j, k + j * dim, 0);
    dots(&queries, &keys, KEYS, KEYS, high, low);
    for (int64_t i = 0; i < ROWS; i++)
        for (int64_t j = 0; j < KEYS; j++) {
            at_int128 sum = 0;
            for (int64_t d = 0; d < dim; d++)
                sum += (at_int128)(int64_t)q[i * dim + d] * (int64_t)k[j * dim + d];
            int64_t at = i * KEYS + j;
            assert_true((at_int128)high[at] + (at_int128)low[at] == sum);
            assert_true(fmod(high[at], 0x1p52) == 0 && fabs(low[at]) < 0x1p52);
        }
    at_certified_operand_done(&queries);
    at_certified_operand_done(&keys);
    free(q);
    free(k);
}

/* Each mode at the widest that its test lets through, largest magnitudes included, is exact. */
static void test_dots(void **state)
{
    (void)state;
    static const int64_t dims[] = {32, 128, 512};
    for (int path = AT_SIMD_SCALAR; path < AT_SIMD_COUNT; path++) {
        bool ifma = false;
        const struct at_certified_lanes *lanes = lanes_of(path, &ifma);
        for (int round = 0; lanes && round < 12; round++)
            for (int n = 0; n < 3; n++)
                for (int q_bits = 1; q_bits <= 62; q_bits += 3)
                    for (int k_bits = 62; k_bits >= 1; k_bits -= 3) {
                        int mode = at_certified_mode_of(q_bits, k_bits, dims[n], ifma);
                        bool edge = at_certified_mode_of(q_bits, k_bits + 3, dims[n], ifma) != mode;
                        if (mode < 0 || (!edge && (q_bits + k_bits + round) % 7))
                            continue;
                        at_certified_dots *dots = mode == AT_CERTIFIED_WHOLE    ? lanes->whole
                                                  : mode == AT_CERTIFIED_HALVES ? lanes->halves
                                                                                : at_certified_dots_wide;
#ifdef AT_HAVE_X86_PATHS
                        dots = mode == AT_CERTIFIED_IFMA ? at_certified_dots_ifma : dots;
#endif
                        check_dots(dots, (enum at_certified_mode)mode, q_bits, k_bits, dims[n], round);
                    }
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
        bool ifma;
        const struct at_certified_lanes *lanes = lanes_of(path, &ifma);
        double high[N], low[N], below[N], scale[2], top[2] = {0, 0};
        for (size_t n = 0; lanes && n < sizeof ranges / sizeof *ranges; n++) {
            at_certified_scale(0, 32, 0, scale);
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

/* A chunk that cancels as far as it can, three times: within eq. 18 and 20 of the exact sums. */
static void check_values(const struct at_certified_lanes *lanes, int round)
{
    enum { DIM = 32, TIMES = 3 };
    static double high[ROWS * CHUNK * TIMES], low[ROWS * CHUNK * TIMES], v[CHUNK * TIMES * DIM], sums[4][ROWS * DIM];
    struct at_certified_sums to = {sums[0], sums[1], sums[2], sums[3]};
    memset(sums, 0, sizeof sums);
    for (int i = 0; i < ROWS * CHUNK * TIMES; i++) {
        high[i] = at_random_uniform(KEY, (uint64_t)(i + 100000 * round)) * ldexp(1, 512 - (round % 3 ? i % 900 : 0));
        low[i] = high[i] * 0x1p-54 * (i % 2 ? 1 : -0.3);
    }
    for (int i = 0; i < CHUNK * TIMES * DIM; i++)
        v[i] = round % 2 && i / DIM % 2 ? -v[i - DIM] * (1 + 0x1p-30) : at_random_normal(KEY, (uint64_t)(i + 100000 * round + 50000));
    for (int t = 0; t < TIMES; t++)
        lanes->values(high + t * CHUNK, low + t * CHUNK, CHUNK * TIMES, v + t * CHUNK * DIM, DIM, &to);
    mpfr_t sum, size;
    mpfr_inits2(BITS, sum, size, (mpfr_ptr)NULL);
    for (int at = 0; at < ROWS * DIM; at++) {
        mpfr_set_zero(sum, 1);
        mpfr_set_zero(size, 1);
        for (int j = 0; j < CHUNK * TIMES; j++) {
            int p = at / DIM * CHUNK * TIMES + j;
            add_exactly(sum, high[p], v[j * DIM + at % DIM], false);
            add_exactly(sum, low[p], v[j * DIM + at % DIM], false);
            add_exactly(size, high[p], v[j * DIM + at % DIM], true);
        }
        double unit = mpfr_get_d(size, MPFR_RNDN);
        assert_true(off_by(sum, sums[0][at], sums[1][at], unit * 0x1p-106) <= 9700 + 0.05 * CHUNK * TIMES);
        assert_true(off_by(size, sums[2][at], sums[3][at], unit) <= 6 * 0x1p-53);
    }
    mpfr_clears(sum, size, (mpfr_ptr)NULL);
}

static void test_values(void **state)
{
    (void)state;
    for (int path = AT_SIMD_SCALAR; path < AT_SIMD_COUNT; path++) {
        bool ifma;
        const struct at_certified_lanes *lanes = lanes_of(path, &ifma);
        for (int round = 0; lanes && round < 6; round++)
            check_values(lanes, round);
    }
}

static void test_total_and_top(void **state)
{
    (void)state;
    enum { N = 800 };
    double high[N], low[N], best[2], total[2];
    for (int path = AT_SIMD_SCALAR; path < AT_SIMD_COUNT; path++) {
        bool ifma;
        const struct at_certified_lanes *lanes = lanes_of(path, &ifma);
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
