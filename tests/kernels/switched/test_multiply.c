/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/product.h"

#include "../support/switched.h"

#include "core/bits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One tile: the weights lie where 2^8 of the row's own maximum puts them. */
static const struct at_problem problem = {1, 1, 1, 20, 96, 64, false, 0};
enum { ROWS = 4, KEYS = 96, DIM = 64 };

struct elements {
    double q[ROWS][DIM], k[KEYS][DIM], v[KEYS][DIM];
};

static struct elements *elements_of(const struct switched_case *c)
{
    struct elements *e = malloc(sizeof *e);
    float row[DIM];
    assert_non_null(e);
    for (int64_t i = 0; i < ROWS; i++) {
        at_tensor_decode_rows(&c->inputs.q, 0, 0, c->rows.index[i], 1, row);
        for (int d = 0; d < DIM; d++)
            e->q[i][d] = (double)row[d];
    }
    for (int64_t j = 0; j < KEYS; j++) {
        at_tensor_decode_rows(&c->inputs.k, 0, 0, j, 1, row);
        for (int d = 0; d < DIM; d++)
            e->k[j][d] = (double)row[d];
        at_tensor_decode_rows(&c->inputs.v, 0, 0, j, 1, row);
        for (int d = 0; d < DIM; d++)
            e->v[j][d] = (double)row[d];
    }
    return e;
}

/* Weights of row i, 2^8 for the largest, and their sum. */
static long double weights_of(const struct elements *e, int64_t i, double *p)
{
    long double exact[KEYS], o[DIM], most = 0, sum = 0;
    exact_attention(&problem, 0, e->q[i], &e->k[0][0], &e->v[0][0], exact, o);
    for (int j = 0; j < KEYS; j++)
        most = exact[j] > most ? exact[j] : most;
    for (int j = 0; j < KEYS; j++)
        sum += (long double)(p[j] = (double)(256 * exact[j] / most));
    return sum;
}

static double cast(double p)
{
    return (double)at_decode(AT_E4M3, at_encode(AT_E4M3, (float)p, AT_OVERFLOW_SATURATE));
}

/* The cast alone: rounded weights over the sum of the unrounded (or rounded) ones. */
static void check_cast(const char *variant, bool of_rounded)
{
    struct switched_case c;
    switched_case_open(&c, variant, &problem, 0, ROWS, 4);
    struct elements *e = elements_of(&c);
    double *o = switched_outputs(&c, AT_SIMD_AUTO, at_switches_only(AT_ROUNDING_P), NULL);
    double *none = switched_outputs(&c, AT_SIMD_AUTO, (struct at_switches){0}, NULL);
    assert_true(largest_difference(o, none, ROWS * DIM) > 1e-4);
    for (int64_t i = 0; i < ROWS; i++) {
        double p[KEYS];
        long double sum = weights_of(e, i, p), rounded = 0;
        for (int j = 0; j < KEYS; j++)
            rounded += (long double)cast(p[j]);
        for (int d = 0; d < DIM; d++) {
            long double want = 0, size = 0;
            for (int j = 0; j < KEYS; j++) {
                want += (long double)cast(p[j]) * (long double)e->v[j][d];
                size += (long double)(p[j] * fabs(e->v[j][d]));
            }
            want /= of_rounded ? rounded : sum;
            /* a weight that lies within its own error of a middle could go the other way; none does here */
            assert_true(fabsl((long double)o[i * DIM + d] - want) <= size / sum * 0x1p-44L);
        }
    }
    free(o);
    free(none);
    free(e);
    switched_case_close(&c);
}

static void the_cast_alone_rounds_the_weights(void **state)
{
    (void)state;
    check_cast("fa3-fp8", false);
    check_cast("fp8:sum=quantised", true);
    check_cast("fp8:v.scale=block64,promote=32", false);
}

/* The accumulator alone: unrounded weights and values through truncating instructions. */
static void the_accumulator_alone_truncates(void **state)
{
    (void)state;
    struct switched_case c;
    switched_case_open(&c, "fa3-fp8", &problem, 0, ROWS, 5);
    struct elements *e = elements_of(&c);
    double *o = switched_outputs(&c, AT_SIMD_AUTO, at_switches_only(AT_ROUNDING_OUTPUT_SUM), NULL);
    const double scale = (double)c.operands.v.scale.value[0];
    for (int64_t i = 0; i < ROWS; i++) {
        double p[KEYS], d[DIM] = {0}, scaled[KEYS * DIM];
        int32_t p_exponent[KEYS], exponent[KEYS * DIM];
        long double sum = weights_of(e, i, p);
        for (int j = 0; j < KEYS * DIM; j++)
            scaled[j] = e->v[j / DIM][j % DIM] / scale;
        at_product_exponents(AT_E4M3, p, KEYS, p_exponent);
        at_product_exponents(AT_E4M3, scaled, KEYS * DIM, exponent);
        at_product_truncated(at_wgmma_rounding_of(AT_E4M3), p, p_exponent, scaled, exponent, KEYS, DIM, d);
        for (int j = 0; j < DIM; j++) /* where an exponent's last bits let a term fall on the other side, by one unit of 2^-13 */
            assert_true(fabs(o[i * DIM + j] - d[j] * scale / (double)sum) <= fabs(d[j]) * scale / (double)sum * 0x1p-12);
    }
    double *none = switched_outputs(&c, AT_SIMD_AUTO, (struct at_switches){0}, NULL);
    assert_true(largest_difference(o, none, ROWS * DIM) > 1e-5);
    free(o);
    free(none);
    free(e);
    switched_case_close(&c);
}

/* Promotion sums alone: fp32 sums of parts; nothing at all where there is one part. */
static void promotion_alone_rounds_sums_to_fp32(void **state)
{
    (void)state;
    static const struct {
        const char *variant;
        bool rounds;
    } cases[] = {{"fp8:promote=32", true}, {"fp8-two-level", true}, {"fp8", false}};
    for (size_t i = 0; i < 3; i++) {
        struct switched_case c;
        switched_case_open(&c, cases[i].variant, &problem, 0, ROWS, 6);
        double *o = switched_outputs(&c, AT_SIMD_AUTO, at_switches_only(AT_ROUNDING_PROMOTION), NULL);
        double *none = switched_outputs(&c, AT_SIMD_AUTO, (struct at_switches){0}, NULL), most = 0;
        for (int64_t j = 0; j < ROWS * DIM; j++)
            most = fmax(most, fabs(none[j]));
        double difference = largest_difference(o, none, ROWS * DIM);
        assert_int_equal(difference > 0, cases[i].rounds);
        assert_true(difference <= 4 * 0x1p-24 * 64 * most); /* parts are at most 64 times the largest output here */
        free(o);
        free(none);
        switched_case_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cast_alone_rounds_the_weights),
        cmocka_unit_test(the_accumulator_alone_truncates),
        cmocka_unit_test(promotion_alone_rounds_sums_to_fp32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
