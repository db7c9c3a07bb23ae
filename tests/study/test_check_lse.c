/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_lse.h"

#include "attempted.h"
#include "scratch.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* P(|sum| > L norm) <= 2 exp(-L^2 / 2), in all rows together the level. */
static void deviations_spend_the_level(void **state)
{
    (void)state;
    double l = at_check_lse_deviations(0.001, 2048);
    assert_true(fabs(2 * 2048 * exp(-l * l / 2) / 0.001 - 1) <= 1e-12);
    assert_true(at_check_lse_deviations(0.1, 2048) < l && at_check_lse_deviations(0.001, 4096) > l);
}

enum { DIM = 32 };

/* The room of one query (1, 0, ...) on keys (k_0, 0, ...), (k_1, 0, ...), ..., scale 1. */
static struct at_check_lse_room room_of(const double *first, int64_t keys, enum at_p_offset offset, double deviations)
{
    double q[DIM] = {1}, *k = calloc((size_t)(keys * DIM), sizeof *k);
    int64_t position = 0;
    const struct at_operands operands = {.problem = {1, 1, 1, 1, keys, DIM, false, 1},
                                         .numerics = {.p_offset = offset, .p_format = AT_E4M3, .row_sum = AT_SUM_UNQUANTISED}};
    const struct at_elements elements = {.score_dim = DIM, .q = q, .k = k};
    struct at_check_case c = {.c = {.rows = {1, &position}}};
    struct at_check_lse_room room;
    for (int64_t j = 0; j < keys; j++)
        k[j * DIM] = first[j];
    assert_int_equal(at_check_lse_rooms(&c, &operands, &elements, 0, NULL, 1, deviations, &room, NULL), AT_OK);
    free(k);
    return room;
}

/* Docs/check.md, "Log-sum-exps", written out for the scores 0 ... 0, for 0 and ln 3, and for ln 3 and 0. */
static void rooms_by_hand(void **state)
{
    (void)state;
    const double u = 0x1p-24, ex2 = 0x1p-22, lg2 = 0x1p-22, ln2 = log(2), zeros[64] = {0};
    const double two[2] = {0, log(3)}, turned[2] = {log(3), 0};
    struct at_check_lse_room r = room_of(zeros, 64, AT_P_POW2_8, 5);
    double relative = 24 * ln2 * u + ex2 + 5 * u * sqrt(64 * 65 * 129 / 6.0) / 64, last = lg2 * 14 * ln2 + u * (3 * 14 * ln2 + 2 * 6 * ln2);
    assert_true(r.most == 0 && fabs(r.room / (2 * last + ex2 - log1p(-relative)) - 1) <= 1e-9);
    /* weights 1/4 and 3/4; a score x of one column among 32 has partial sums with the norm |x| sqrt(33 (1/3 + 1/6)) */
    double norm = 0.75 * log(3) * sqrt(16.5), size = 0.75 * log(3), depth = 0.25 * log(3), rescaled = 0.25;
    double shared = u * (7 * size + 2 * log(3) + 4 * depth + rescaled) + ex2 * (1 + rescaled);
    relative = shared + 5 * u * sqrt(norm * norm + 0.75 * 0.75 + 1);
    last = lg2 * ln2 + u * (3 * (log(3) + log(4.0 / 3)) + 2 * log(4));
    const double *both[2] = {two, turned};
    for (int i = 0; i < 2; i++) {
        r = room_of(both[i], 2, AT_P_PLAIN, 5);
        assert_true(fabs(r.most - log(3)) <= 1e-12 && fabs(r.room / (2 * last + ex2 - log1p(-relative)) - 1) <= 1e-9);
    }
}

static void rows_without_keys_and_without_numbers(void **state)
{
    (void)state;
    const double nan[2] = {NAN, 1}, none[1] = {0}, far[2] = {1e9, 0};
    assert_true(isnan(room_of(nan, 2, AT_P_PLAIN, 5).room));
    assert_true(isinf(room_of(none, 0, AT_P_PLAIN, 5).most) && room_of(none, 0, AT_P_PLAIN, 5).room == 0);
    assert_true(isinf(room_of(far, 2, AT_P_PLAIN, 5).room)); /* scores of 10^9 in fp32: nothing is known of their difference */
}

struct trial {
    const struct at_check_case *c;
    const struct at_check_expectation *e;
};

static void assert_inside(void *context, const struct at_attended *part)
{
    const struct trial *t = context;
    int64_t head = part->b * t->c->c.problem.heads_q + part->h;
    for (int64_t j = 0; j < part->count; j++) {
        double error = at_check_lse_error(t->c, head, part->first + j, part->out->lse[j]);
        int64_t line = head * t->c->c.rows.count + part->first + j;
        if (!(error >= t->e->lse_low[line] && error <= t->e->lse_high[line]))
            fail_msg("row %lld: %g is not from %g to %g", (long long)line, error, t->e->lse_low[line], t->e->lse_high[line]);
    }
}

/* Schedules that nothing comes from, and plain fp32, are inside; one key of zeros more than there are is not, in any row. */
static void right_kernels_are_inside(void **state)
{
    (void)state;
    static const struct {
        const char *distribution, *variant;
        bool tells; /* no row hangs on few keys, to which a key of zeros adds less than rounding, and the sum is of P before its cast */
    } cases[] = {{"normal", "fa3-fp8", true},       {"iid-outlier", "fa3-bf16", true},     {"sink", "fp8-two-level", false},
                 {"uniform", "fa3-fp16", true},     {"k-channel", "fp8-hadamard", false},  {"normal", "fp8-smooth-kv", true},
                 {"normal", "standard-fp16", true}, {"normal", "fp8:sum=quantised", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct attempted a;
        struct at_check_case c;
        struct at_check_expectation e;
        struct at_numerics others[AT_CHECK_CONTROLS];
        attempted_open(&a, "plain-fp32", cases[i].distribution, &attempted_problem, cases[i].variant);
        attempted_expect(&a, &c, &e);
        struct trial t = {&c, &e};
        int count = at_check_schedules(&c.numerics, &c.c.problem, true, others);
        for (int m = 0; m < count; m++) {
            struct at_attend attend = {.rows = &c.c.rows, .operands = c.operands};
            struct at_sha256 digest;
            attend.operands.numerics = others[m];
            assert_int_equal(at_attend_heads(&attend, false, assert_inside, &t, &c.work, &digest, NULL), AT_OK);
        }
        bool shifted = c.operands.k.mean || c.operands.q.mean; /* plain-fp32 knows no shift */
        for (int64_t line = 0; line < at_check_heads(&c) * c.c.rows.count && !shifted; line++) {
            const int64_t h = line / c.c.rows.count, row = line % c.c.rows.count;
            double error = at_check_lse_error(&c, h, row, c.lse[line]), more = log1p(exp(-at_check_true_lse(&c, h, row)));
            assert_true(error >= e.lse_low[line] && error <= e.lse_high[line]);
            assert_true(!cases[i].tells || more > e.lse_high[line]);
            assert_true(-e.lse_low[line] <= e.bounds.lse && e.lse_high[line] <= e.bounds.lse);
        }
        at_check_expectation_done(&e);
        at_check_case_done(&c);
        attempted_done(&a);
    }
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deviations_spend_the_level),
        cmocka_unit_test(rooms_by_hand),
        cmocka_unit_test(rows_without_keys_and_without_numbers),
        cmocka_unit_test(right_kernels_are_inside),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
