/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/token_change.h"

#include "core/random.h"
#include "naive_logits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { MOST = 300 };

static const struct at_logit_radius exact;

static double draw(uint64_t stream, uint64_t i)
{
    return 2 * at_random_uniform((struct at_random){7, stream}, i) - 1;
}

static struct naive_kl naive(const double *z, const double *change, int64_t tokens)
{
    long double truth[MOST], got[MOST];
    for (int64_t v = 0; v < tokens; v++) {
        truth[v] = z[v];
        got[v] = (long double)z[v] + change[v];
    }
    return naive_kl_of(truth, got, tokens);
}

static void assert_holds(const struct at_token_change *c, struct naive_kl naive, const char *what, double scale)
{
    long double off = fabsl(c->kl - naive.kl);
    if (!(off <= c->kl_radius + naive.error))
        fail_msg("%s, %g: %.20g is not %.20Lg: off by %Lg, radius %g, naive %Lg", what, scale, c->kl, naive.kl, off, c->kl_radius,
                 naive.error);
}

/* From changes that barely show to ones that turn everything round; with one token far ahead and with all alike. */
static void agrees_with_the_definition(void **state)
{
    (void)state;
    static const int64_t counts[] = {2, 3, 17, MOST};
    for (int n = 0; n < 4; n++)
        for (double spread = 0; spread <= 64; spread = spread ? 8 * spread : 1)
            for (double scale = 0x1p-30; scale <= 0x1p10; scale *= 4) {
                double z[MOST], change[MOST];
                for (int64_t v = 0; v < counts[n]; v++) {
                    z[v] = spread * draw(1, (uint64_t)v);
                    change[v] = scale * draw(2, (uint64_t)v);
                }
                struct at_token_change c = at_token_change_of(z, change, counts[n], &exact);
                struct naive_kl by_definition = naive(z, change, counts[n]);
                assert_holds(&c, by_definition, "scale", scale);
                assert_true(c.kl >= 0 && c.kl_radius >= 0);
                if (by_definition.error < 0x1p-20L * by_definition.kl) /* sharp where the definition can tell */
                    assert_true(c.kl_radius < 0x1p-20 * c.kl);
            }
}

/* What is below a long double's sight: half the variance of the change, to third order. */
static void small_changes_keep_their_digits(void **state)
{
    (void)state;
    double z[MOST] = {0}, change[MOST], mean = 0, square = 0;
    for (int v = 0; v < MOST; v++) {
        change[v] = 0x1p-60 * draw(3, (uint64_t)v);
        mean += change[v] / MOST;
    }
    for (int v = 0; v < MOST; v++)
        square += (change[v] - mean) * (change[v] - mean) / MOST;
    struct at_token_change c = at_token_change_of(z, change, MOST, &exact);
    assert_true(fabs(c.kl - square / 2) <= 0x1p-40 * c.kl);
    assert_true(c.kl_radius <= 0x1p-30 * c.kl);
}

/* Truths anywhere within the radius of the one at hand, the kernel's logits where they are. */
static void the_radius_holds(void **state)
{
    (void)state;
    enum { TOKENS = 40, TRIALS = 50 };
    for (double alpha = 0x1p-40; alpha <= 0x1p-2; alpha *= 16)
        for (double scale = 0x1p-20; scale <= 4; scale *= 8) {
            double z[TOKENS], change[TOKENS];
            const struct at_logit_radius radius = {.truth = alpha, .change = alpha};
            for (int v = 0; v < TOKENS; v++) {
                z[v] = 3 * draw(4, (uint64_t)v);
                change[v] = scale * draw(5, (uint64_t)v);
            }
            struct at_token_change c = at_token_change_of(z, change, TOKENS, &radius);
            assert_true(c.logit_radius == alpha);
            for (uint64_t trial = 0; trial < TRIALS; trial++) {
                long double moved[TOKENS], got[TOKENS];
                for (int v = 0; v < TOKENS; v++) {
                    double by = trial ? draw(6 + trial, (uint64_t)v) : change[v] > 0 ? -1 : 1; /* the first: away from the kernel */
                    moved[v] = z[v] + (long double)alpha * by;
                    got[v] = (long double)z[v] + change[v];
                }
                assert_holds(&c, naive_kl_of(moved, got, TOKENS), "alpha", alpha);
            }
        }
}

/* A shift of all logits changes no distribution; equal logits do not either. */
static void what_changes_nothing(void **state)
{
    (void)state;
    double z[5] = {1, -2, 0.5, 3, -30}, none[5] = {0}, shift[5] = {700, 700, 700, 700, 700};
    struct at_token_change c = at_token_change_of(z, none, 5, &exact);
    assert_true(c.kl == 0 && c.top_unchanged == 1 && c.max_logit == 0);
    c = at_token_change_of(z, shift, 5, &exact);
    assert_true(c.kl <= c.kl_radius && c.kl_radius < 0x1p-60 && c.top_unchanged == 1 && c.max_logit == 700);
}

/* Beyond the range of e^x: ln of what the truth's token lost. */
static void far_away(void **state)
{
    (void)state;
    const double z[2] = {0, -1000}, change[2] = {-2000, 0};
    struct at_token_change c = at_token_change_of(z, change, 2, &exact);
    assert_true(fabs(c.kl - 1000) <= c.kl_radius && c.kl_radius < 0x1p-20 && c.top_unchanged == 0);
    const double huge[2] = {-1e300, 1e300};
    c = at_token_change_of(z, huge, 2, &exact);
    assert_true(c.kl > 1e299 && !isnan(c.kl_radius) && c.top_unchanged == 0);
}

static void tops(void **state)
{
    (void)state;
    const double z[3] = {1, 3, 2}, away[3] = {0, -1.5, 0}, near[3] = {0, -1, 0}, none[3] = {0};
    const struct at_logit_radius blunt = {.truth = 0.5}, sharp = {.truth = 0.49}, of_kernel = {.kernel = 0.3};
    assert_int_equal(at_token_change_of(z, none, 3, &exact).top_unchanged, 1);
    assert_int_equal(at_token_change_of(z, away, 3, &exact).top_unchanged, 0);
    assert_int_equal(at_token_change_of(z, near, 3, &exact).top_unchanged, -1); /* the kernel's two leaders tie */
    assert_int_equal(at_token_change_of(z, none, 3, &blunt).top_unchanged, -1); /* the truth's lead of 1 is twice the radius, not more */
    assert_int_equal(at_token_change_of(z, none, 3, &sharp).top_unchanged, 1);
    assert_int_equal(at_token_change_of(z, away, 3, &of_kernel).top_unchanged, -1); /* behind by 0.5 */
    const double tied[2] = {1, 1};
    assert_int_equal(at_token_change_of(tied, none, 2, &exact).top_unchanged, -1);
}

static void unbounded_truths_bound_nothing(void **state)
{
    (void)state;
    const double z[3] = {1, 3, 2}, change[3] = {0, 1, 0};
    const struct at_logit_radius none = {INFINITY, INFINITY, 0};
    struct at_token_change c = at_token_change_of(z, change, 3, &none);
    assert_true(c.kl > 0 && c.kl_radius == INFINITY && c.logit_radius == INFINITY && c.top_unchanged == -1);
    c = at_token_change_undefined();
    assert_true(isnan(c.kl) && isnan(c.max_logit) && c.top_unchanged == -1);
    c = at_token_change_broken();
    assert_true(c.kl == INFINITY && c.max_logit == INFINITY && c.top_unchanged == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_definition),
        cmocka_unit_test(small_changes_keep_their_digits),
        cmocka_unit_test(the_radius_holds),
        cmocka_unit_test(what_changes_nothing),
        cmocka_unit_test(far_away),
        cmocka_unit_test(tops),
        cmocka_unit_test(unbounded_truths_bound_nothing),
    };
    return cmocka_run_group_tests_name("token_change", tests, NULL, NULL);
}
