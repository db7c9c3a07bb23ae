/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/paired.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST = 12 };

/* The null distribution over all signs, with ranks counted one by one: (values below + values up to it + 1)/2. */
static void brute(const double *d, int n, double *ret_a_smaller, double *ret_b_smaller)
{
    double rank[MOST], minus = 0, plus = 0, as_minus = 0, as_plus = 0;
    int used[MOST], m = 0;
    for (int i = 0; i < n; i++) {
        int below = 0, up_to = 0;
        for (int j = 0; j < n; j++) {
            below += fabs(d[j]) < fabs(d[i]);
            up_to += fabs(d[j]) <= fabs(d[i]);
        }
        rank[i] = (below + up_to + 1) / 2.0;
        if (d[i] != 0)
            used[m++] = i;
        minus += d[i] < 0 ? rank[i] : 0;
        plus += d[i] > 0 ? rank[i] : 0;
    }
    for (int signs = 0; signs < 1 << m; signs++) {
        double sum = 0;
        for (int j = 0; j < m; j++)
            sum += signs >> j & 1 ? rank[used[j]] : 0;
        as_minus += sum >= minus;
        as_plus += sum >= plus;
    }
    *ret_a_smaller = as_minus / (1 << m);
    *ret_b_smaller = as_plus / (1 << m);
}

/* Logarithms of powers of two: differences and ties are exact multiples of ln 2 to the last bit. */
static void check(const int *power, int n)
{
    double a[MOST], b[MOST], d[MOST], a_smaller, b_smaller;
    struct at_paired_test t;
    for (int i = 0; i < n; i++) {
        a[i] = ldexp(1, power[i]);
        b[i] = 1;
        d[i] = power[i];
    }
    brute(d, n, &a_smaller, &b_smaller);
    assert_int_equal(at_paired_signed_rank(a, b, (size_t)n, &t), AT_OK);
    assert_true(t.exact && fabs(t.a_smaller - a_smaller) <= 1e-14 && fabs(t.b_smaller - b_smaller) <= 1e-14);
    assert_true(fabs(t.two_sided - fmin(1, 2 * fmin(a_smaller, b_smaller))) <= 1e-14);
}

static void all_signs(void **unused)
{
    (void)unused;
    check((int[]){1, 2, 3, 4, 5, 6, 7, 8}, 8); /* 2^-8 */
    check((int[]){-1, 2, -3, 4, 5, 6, 7, 8, 9, -10}, 10);
    check((int[]){-1, -1, 1, 2, -2, -2, -4, -4}, 8);   /* ties */
    check((int[]){0, 0, 3, -1, -2, -3, -4, 0, -5}, 9); /* zeros are ranked and left out */
    check((int[]){0, 5}, 2);
    check((int[]){-3, -3, -3, -3, -3, -3, 3, 3, 3, 3, 3, 3}, 12);
}

/* Either side of the switch to the normal distribution; 0.5/sqrt(n): what the exact sum's third moment does is smaller. */
static void large(void **unused)
{
    (void)unused;
    double a[AT_SIGNED_RANK_EXACT + 1], b[AT_SIGNED_RANK_EXACT + 1];
    for (int i = 0; i <= AT_SIGNED_RANK_EXACT; i++) {
        a[i] = 1;
        b[i] = i % 5 < 2 ? exp(-0.01 * (i + 1)) : exp(0.01 * (i + 1));
    }
    struct at_paired_test exact, normal;
    assert_int_equal(at_paired_signed_rank(a + 1, b + 1, AT_SIGNED_RANK_EXACT, &exact), AT_OK);
    assert_int_equal(at_paired_signed_rank(a, b, AT_SIGNED_RANK_EXACT + 1, &normal), AT_OK);
    assert_true(exact.exact && !normal.exact);
    assert_true(fabs(log(normal.a_smaller / exact.a_smaller)) <= 0.5 / sqrt(AT_SIGNED_RANK_EXACT) * 10);
    assert_true(normal.a_smaller < 0.05 && normal.b_smaller > 0.95 && fabs(normal.a_smaller + normal.b_smaller - 1) <= 0.01);
}

static void refusals(void **unused)
{
    (void)unused;
    struct at_paired_test t = {.heads = 7};
    assert_int_equal(at_paired_signed_rank((double[]){1, NAN}, (double[]){1, 2}, 2, &t), AT_ERR_UNDEFINED);
    assert_int_equal(at_paired_signed_rank((double[]){1, 0}, (double[]){1, 2}, 2, &t), AT_ERR_UNDEFINED);
    assert_int_equal(at_paired_signed_rank((double[]){1, 2}, (double[]){1, 2}, 2, &t), AT_ERR_UNDEFINED);
    assert_int_equal(at_paired_signed_rank((double[]){1, 2}, (double[]){1, INFINITY}, 2, &t), AT_ERR_UNDEFINED);
    assert_int_equal(t.heads, 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_signs),
        cmocka_unit_test(large),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
