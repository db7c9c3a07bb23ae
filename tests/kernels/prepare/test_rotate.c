/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/rotate.h"

#include "core/random.h"

#include "../support/codes.h"
#include "../support/plain.h"

#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const int dims[] = {32, 64, 128, 256}, widths[] = {16, 32, 64, 128, 256};

enum { DIMS = 4, WIDTHS = 5, ROWS = 40 };

static void signs_of(uint64_t seed, int64_t dim, float *signs)
{
    for (int64_t c = 0; c < dim; c++)
        signs[c] = at_rotation_sign(seed, c);
}

static void draw(float *x, int64_t dim, uint64_t seed)
{
    for (int64_t c = 0; c < dim; c++)
        x[c] = (float)at_random_normal((struct at_random){seed, 61}, (uint64_t)c);
}

/* Entry (i, c) of D H / sqrt(width), block diagonal, by Sylvester's recursion H_2n = [H H; H -H] written as a product over bits. */
static double entry(int64_t i, int64_t c, int width, const float *signs)
{
    double h = 1;
    if (i / width != c / width)
        return 0;
    for (int bit = 1; bit < width; bit *= 2)
        h *= (i & bit) && (c & bit) ? -1 : 1;
    return (double)signs[i] * h / sqrt(width);
}

/*
 * The error of log2(width) additions and two products in fp32: each intermediate is at most the sum of the magnitudes it is made of, so
 * the error of a result is at most (log2(width) + 2) 2^-24 Σ|x_i| / sqrt(width), a little more for the second order.
 */
static void rotation_is_the_dense_matrix(void **state)
{
    (void)state;
    for (int d = 0; d < DIMS; d++)
        for (int w = 0; w < WIDTHS && widths[w] <= dims[d]; w++)
            for (uint64_t seed = 0; seed < ROWS; seed++) {
                float x[256] = {0}, y[256], signs[256];
                signs_of(seed, dims[d], signs);
                draw(x, dims[d], seed);
                memcpy(y, x, sizeof y);
                at_rotate_row(y, dims[d], widths[w], signs);
                for (int64_t c = 0; c < dims[d]; c++) {
                    double wanted = 0, size = 0;
                    for (int64_t i = 0; i < dims[d]; i++) {
                        wanted += (double)x[i] * entry(i, c, widths[w], signs);
                        size += fabs((double)x[i] * entry(i, c, widths[w], signs));
                    }
                    assert_true(fabs((double)y[c] - wanted) <= (log2(widths[w]) + 2.5) * 0x1p-24 * size);
                }
            }
}

static void the_inverse_undoes_it(void **state)
{
    (void)state;
    for (int d = 0; d < DIMS; d++)
        for (int w = 0; w < WIDTHS && widths[w] <= dims[d]; w++)
            for (uint64_t seed = 0; seed < ROWS; seed++) {
                float x[256] = {0}, y[256], signs[256];
                double turned[256], plain[256];
                signs_of(seed + 5, dims[d], signs);
                draw(x, dims[d], seed);
                memcpy(y, x, sizeof y);
                at_rotate_row(y, dims[d], widths[w], signs);
                for (int64_t c = 0; c < dims[d]; c++)
                    turned[c] = plain[c] = (double)y[c];
                at_unrotate_row_double(turned, dims[d], widths[w], signs);
                plain_unrotate(plain, dims[d], widths[w], seed + 5);
                float back[256];
                memcpy(back, y, sizeof back);
                at_unrotate_row(back, dims[d], widths[w], signs);
                for (int64_t c = 0; c < dims[d]; c++) {
                    double size = 0, step = (log2(widths[w]) + 2.5) * 0x1p-24;
                    for (int64_t i = c / widths[w] * widths[w]; i < (c / widths[w] + 1) * widths[w]; i++)
                        size += (fabs((double)x[i]) + fabs((double)y[i])) / sqrt(widths[w]);
                    assert_true(fabs(turned[c] - plain[c]) <= step * 0x1p-29 * size * 4); /* both in double */
                    assert_true(fabs((double)back[c] - plain[c]) <= step * size);
                    assert_true(fabs((double)x[c] - plain[c]) <= step * sqrt(widths[w]) * size);
                }
            }
}

/*
 * Column c after the butterflies at distances 1, 2, ..., half: what those before it leave in the two columns that differ in bit `half`,
 * added or subtracted with one rounding. half = 0: the column itself.
 */
static float after_butterflies(const float *x, int64_t c, int64_t half)
{
    if (half == 0)
        return x[c];
    float low = after_butterflies(x, c & ~half, half / 2), high = after_butterflies(x, c | half, half / 2);
    return c & half ? low - high : low + high;
}

/* The fp32 number nearest to 1/sqrt(width). */
static float nearest_norm(int width)
{
    mpfr_t x;
    mpfr_init2(x, 100);
    mpfr_set_si(x, width, MPFR_RNDN);
    mpfr_rec_sqrt(x, x, MPFR_RNDN);
    float norm = mpfr_get_flt(x, MPFR_RNDN);
    mpfr_clear(x);
    return norm;
}

static void every_rounding_is_in_its_place(void **state)
{
    (void)state;
    for (int w = 0; w < WIDTHS; w++)
        for (uint64_t seed = 0; seed < 6; seed++) {
            float x[256], turned[256], signed_x[256], back[256], signs[256], norm = nearest_norm(widths[w]);
            signs_of(seed, 256, signs);
            draw(x, 256, seed + 50);
            memcpy(turned, x, sizeof x);
            memcpy(back, x, sizeof x);
            at_rotate_row(turned, 256, widths[w], signs);
            at_unrotate_row(back, 256, widths[w], signs);
            for (int64_t c = 0; c < 256; c++)
                signed_x[c] = x[c] * signs[c];
            for (int64_t c = 0; c < 256; c++) {
                assert_int_equal(bits_of(turned[c]), bits_of(after_butterflies(signed_x, c, widths[w] / 2) * norm));
                assert_int_equal(bits_of(back[c]), bits_of(after_butterflies(x, c, widths[w] / 2) * norm * signs[c]));
            }
        }
}

/* Rows of -0, whose sums are -0 where no sign is turned over, and what vanishes by the product, which keeps its sign. */
static void zeros_of_a_rotated_row_are_positive(void **state)
{
    (void)state;
    for (int w = 0; w < WIDTHS; w++) {
        float zeros[256], x[256] = {0}, signs[256];
        for (int64_t c = 0; c < 256; c++) {
            zeros[c] = -0.0f;
            signs[c] = 1;
        }
        at_rotate_row(zeros, 256, widths[w], signs);
        x[0] = -0x1p-149f;
        at_rotate_row(x, 256, widths[w], signs);
        for (int64_t c = 0; c < 256; c++) {
            assert_int_equal(bits_of(zeros[c]), 0);
            assert_int_equal(bits_of(x[c]), c < widths[w] ? 0x80000000u : 0);
        }
    }
}

/* Lengths and angles stay: x . y = Rx . Ry up to the rounding of R's results. */
static void dot_products_are_kept(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < ROWS; seed++) {
        float x[128] = {0}, y[128] = {0}, signs[128];
        double before = 0, after = 0, length_x = 0, length_y = 0;
        signs_of(seed, 128, signs);
        draw(x, 128, seed);
        draw(y, 128, seed + 1000);
        for (int c = 0; c < 128; c++) {
            before += (double)x[c] * (double)y[c];
            length_x += (double)x[c] * (double)x[c];
            length_y += (double)y[c] * (double)y[c];
        }
        at_rotate_row(x, 128, 128, signs);
        at_rotate_row(y, 128, 128, signs);
        for (int c = 0; c < 128; c++)
            after += (double)x[c] * (double)y[c];
        assert_true(fabs(before - after) <= 2 * 9.5 * 0x1p-24 * sqrt(128) * sqrt(length_x * length_y));
    }
}

/* One large column is spread evenly: that is what the rotation is for. */
static void an_outlier_is_spread_evenly(void **state)
{
    (void)state;
    for (int64_t at = 0; at < 64; at++) {
        float x[64] = {0}, signs[64];
        signs_of(3, 64, signs);
        x[at] = 1000;
        at_rotate_row(x, 64, 16, signs);
        for (int64_t c = 0; c < 64; c++)
            assert_true(fabsf(x[c]) == (c / 16 == at / 16 ? 250.0f : 0.0f));
    }
}

static void signs_are_fair_and_follow_the_seed(void **state)
{
    (void)state;
    int64_t plus = 0, changed = 0, draws = 20000;
    for (int64_t c = 0; c < draws; c++) {
        float sign = at_rotation_sign(1, c);
        assert_true(sign == 1 || sign == -1);
        plus += sign > 0;
        changed += sign != at_rotation_sign(2, c);
    }
    double spread = 5 * sqrt((double)draws) / 2; /* five deviations of a fair coin */
    assert_true(fabs((double)plus - (double)draws / 2) <= spread && fabs((double)changed - (double)draws / 2) <= spread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rotation_is_the_dense_matrix),        cmocka_unit_test(the_inverse_undoes_it),
        cmocka_unit_test(every_rounding_is_in_its_place),      cmocka_unit_test(dot_products_are_kept),
        cmocka_unit_test(an_outlier_is_spread_evenly),         cmocka_unit_test(signs_are_fair_and_follow_the_seed),
        cmocka_unit_test(zeros_of_a_rotated_row_are_positive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
