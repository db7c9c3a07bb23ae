/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * An independent witness: the same rows in Arb's ball arithmetic, which bounds its own errors by other means. Truth lies in both
 * enclosures, so they must meet; the balls are made far narrower than the claim, so that a claim too small by a few per cent fails.
 */
#include "corpus.h"
#include "draw.h"
#include "overlap.h"

#include "oracles/certified/certified.h"
#include "oracles/mpfr/mpfr.h"

#ifdef HAVE_FLINT_ARB_H
#include <flint/arb.h>
#else
#include <arb.h>
#endif

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* One row in balls. */
struct witness {
    int64_t keys, dim;
    arb_ptr p;            /* [keys] probabilities */
    arb_ptr o, sum_abs;   /* [dim] */
    arb_t lse;
};

static void witness_init(struct witness *w, int64_t keys, int64_t dim)
{
    w->keys = keys;
    w->dim = dim;
    w->p = _arb_vec_init(keys);
    w->o = _arb_vec_init(dim);
    w->sum_abs = _arb_vec_init(dim);
    arb_init(w->lse);
}

static void witness_done(struct witness *w)
{
    _arb_vec_clear(w->p, w->keys);
    _arb_vec_clear(w->o, w->dim);
    _arb_vec_clear(w->sum_abs, w->dim);
    arb_clear(w->lse);
}

/* scores in w->p; the first key with the largest midpoint in *ret_top. */
static void scores(struct witness *w, const struct at_oracle_head *head, int64_t i, slong precision, int64_t *ret_top)
{
    arb_t scale, q, k;
    arb_init(scale);
    arb_init(q);
    arb_init(k);
    arb_set_d(scale, head->problem->scale);
    if (head->problem->scale == 0) {
        arb_set_ui(scale, (ulong)w->dim);
        arb_rsqrt(scale, scale, precision);
    }
    *ret_top = 0;
    for (int64_t j = 0; j < w->keys; j++) {
        arb_zero(w->p + j);
        for (int64_t d = 0; d < w->dim; d++) {
            arb_set_d(q, head->q[i * w->dim + d]);
            arb_set_d(k, head->k[j * w->dim + d]);
            arb_addmul(w->p + j, q, k, precision);
        }
        arb_mul(w->p + j, w->p + j, scale, precision);
        if (arf_cmp(arb_midref(w->p + j), arb_midref(w->p + *ret_top)) > 0)
            *ret_top = j;
    }
    arb_clear(scale);
    arb_clear(q);
    arb_clear(k);
}

static void attend(struct witness *w, const struct at_oracle_head *head, int64_t i, slong precision)
{
    arb_t top, sum, v, term;
    arb_init(top);
    arb_init(sum);
    arb_init(v);
    arb_init(term);
    int64_t at;
    scores(w, head, i, precision, &at);
    arb_set(top, w->p + at);
    for (int64_t j = 0; j < w->keys; j++) {
        if (j == at)
            arb_one(w->p + j);
        else {
            arb_sub(w->p + j, w->p + j, top, precision);
            arb_exp(w->p + j, w->p + j, precision);
        }
        arb_add(sum, sum, w->p + j, precision);
    }
    for (int64_t j = 0; j < w->keys; j++) {
        arb_div(w->p + j, w->p + j, sum, precision);
        for (int64_t c = 0; c < w->dim; c++) {
            arb_set_d(v, head->v[j * w->dim + c]);
            arb_mul(term, w->p + j, v, precision);
            arb_add(w->o + c, w->o + c, term, precision);
            arb_abs(term, term);
            arb_add(w->sum_abs + c, w->sum_abs + c, term, precision);
        }
    }
    arb_log(w->lse, sum, precision);
    arb_add(w->lse, w->lse, top, precision);
    arb_clear(top);
    arb_clear(sum);
    arb_clear(v);
    arb_clear(term);
}

/* 0: the ball lies outside high + low +- radius (a false claim); 1: they meet; -1: the ball is too wide to judge. */
static int judge(const arb_t ball, double high, double low, double radius)
{
    arb_t distance;
    arf_t bound, claim, width;
    arb_init(distance);
    arf_init(bound);
    arf_init(claim);
    arf_init(width);
    arb_set_d(distance, high);
    arb_sub(distance, ball, distance, ARF_PREC_EXACT);
    arf_set_d(bound, low);
    arb_sub_arf(distance, distance, bound, ARF_PREC_EXACT);
    arb_get_abs_lbound_arf(bound, distance, 64);
    arf_set_d(claim, radius);
    arf_set_mag(width, arb_radref(ball));
    arf_mul_2exp_si(width, width, 6);
    int verdict = arf_cmp(bound, claim) > 0 ? 0 : arf_cmp(width, claim) <= 0 ? 1 : -1;
    arb_clear(distance);
    arf_clear(bound);
    arf_clear(claim);
    arf_clear(width);
    return verdict;
}

/* |value - ball| <= tolerance * ball + the last bit of the subnormal range */
static bool near(const arb_t ball, double value, double tolerance)
{
    double truth = arf_get_d(arb_midref(ball), ARF_RND_NEAR);
    return fabs(value - truth) <= tolerance * truth + 0x1p-1074;
}

/* Judges row i at rising precision until no ball is too wide. */
static void judge_row(const struct at_oracle_head *head, const struct at_oracle_truth *truth, int64_t i, const char *what)
{
    int64_t dim = head->problem->dim, keys = at_problem_keys(head->problem, head->rows[i]);
    int wide = 1;
    for (slong precision = 256; wide && keys > 0 && precision <= 8192; precision *= 2) {
        struct witness w;
        witness_init(&w, keys, dim);
        attend(&w, head, i, precision);
        wide = 0;
        for (int64_t c = 0; c < dim; c++) {
            int64_t at = i * dim + c;
            int verdict = judge(w.o + c, truth->o[at], truth->o_low[at], truth->radius[at]);
            if (verdict == 0)
                fail_msg("%s: row %" PRId64 " column %" PRId64 ": %a + %a within %a misses Arb's ball", what, i, c, truth->o[at],
                         truth->o_low[at], truth->radius[at]);
            wide |= verdict < 0;
            if (verdict > 0 && !near(w.sum_abs + c, truth->sum_abs[at], 1e-15))
                fail_msg("%s: row %" PRId64 " column %" PRId64 ": sum p|v| = %a", what, i, c, truth->sum_abs[at]);
        }
        if (isfinite(truth->lse_radius[i])) {
            int verdict = judge(w.lse, truth->lse[i], 0, truth->lse_radius[i]);
            if (verdict == 0)
                fail_msg("%s: row %" PRId64 ": lse %a within %a misses Arb's ball", what, i, truth->lse[i], truth->lse_radius[i]);
            wide |= verdict < 0;
        }
        for (int64_t j = 0; !wide && j < keys; j++)
            if (!near(w.p + j, truth->p[i * head->problem->seq_k + j], 1e-15))
                fail_msg("%s: row %" PRId64 " key %" PRId64 ": p = %a", what, i, j, truth->p[i * head->problem->seq_k + j]);
        witness_done(&w);
    }
    if (wide)
        fail_msg("%s: row %" PRId64 ": Arb found no ball narrow enough to judge by", what, i);
}

static void test_claims(void **state)
{
    (void)state;
    for (int kind = 0; kind < DRAW_KIND_COUNT; kind++)
        for (uint64_t seed = 20; seed < 26; seed++) {
            struct draw draw;
            struct at_oracle_truth truth;
            draw_init(&draw, (enum draw_kind)kind, seed);
            for (int path = 0; path < 3; path++) {
                static const char *const names[] = {"mpfr, usual path", "mpfr, plain path", "certified"};
                char what[80];
                snprintf(what, sizeof what, "kind %s, seed %" PRIu64 ", %s", draw_names[kind], seed, names[path]);
                assert_int_equal(at_oracle_truth_init(&truth, &draw.problem, draw.head.row_count, 1, NULL), AT_OK);
                if (path == 2)
                    assert_int_equal(at_oracle_certified.solve(&draw.head, &truth, NULL), AT_OK);
                else
                    assert_int_equal(at_mpfr_solve(&draw.head, path ? AT_MPFR_PLAIN : AT_MPFR_AUTO, &truth, NULL), AT_OK);
                for (int64_t i = 0; i < draw.head.row_count; i++)
                    judge_row(&draw.head, &truth, i, what);
                at_oracle_truth_done(&truth);
            }
            draw_done(&draw);
        }
}

/* One row of each head of the corpus by the certified oracle. */
static void test_corpus(void **state)
{
    (void)state;
    for (size_t n = 0; n < at_distribution_count; n++)
        for (int f = 0; f < CORPUS_FORMATS; f++)
            for (int regime = 0; regime < CORPUS_REGIMES; regime++) {
                struct corpus_head corpus;
                struct at_oracle_truth truth;
                if (!corpus_is_due(n, f, regime, 0))
                    continue;
                corpus_init(&corpus, at_distributions[n], corpus_formats[f], (enum corpus_regime)regime, 90 + n);
                assert_int_equal(at_oracle_truth_init(&truth, &corpus.problem, CORPUS_ROWS, 1, NULL), AT_OK);
                assert_int_equal(at_oracle_certified.solve(&corpus.head, &truth, NULL), AT_OK);
                judge_row(&corpus.head, &truth, (int64_t)(n + (size_t)f) % CORPUS_ROWS, corpus.what);
                at_oracle_truth_done(&truth);
                corpus_done(&corpus);
            }
}

/* The judge itself: a claim that is false by a little is refused. */
static void test_judge_refuses(void **state)
{
    (void)state;
    arb_t third;
    arb_init(third);
    arb_set_ui(third, 1);
    arb_div_ui(third, third, 3, 256);
    double high = 1.0 / 3, low = 0x1.5555555555555p-56, off = 0x1.6p-110; /* the rest is 2^-108 / 3 = 0x1.55p-110 */
    assert_int_equal(judge(third, high, low, off), 1);
    assert_int_equal(judge(third, high, low, 0x1.5p-110), 0);
    assert_int_equal(judge(third, high, 0, low * 1.000001), 1);
    assert_int_equal(judge(third, high, 0, low * 0.999999), 0);
    arb_div_ui(third, third, 1, 60);
    assert_int_equal(judge(third, high, low, off), -1);
    arb_clear(third);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_judge_refuses), cmocka_unit_test(test_claims), cmocka_unit_test(test_corpus)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    flint_cleanup_master();
    return failed;
}
