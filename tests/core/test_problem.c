/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/problem.h"

#include <gmp.h>
#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct at_problem good = {.batch = 2, .heads_q = 8, .heads_kv = 2, .seq_q = 5, .seq_k = 9, .dim = 128};

static void expect_refusal(const struct at_problem *p, enum at_status status, const char *words)
{
    struct at_error error = {""};
    assert_int_equal(at_problem_check(p, &error), status);
    if (!strstr(error.message, words))
        fail_msg("'%s' does not say '%s'", error.message, words);
}

static void good_problems_pass(void **state)
{
    (void)state;
    for (int i = 1; i <= 32; i++) {
        struct at_problem p = good;
        p.dim = 8 * i;
        p.causal = i % 2;
        p.scale = i == 3 ? 0.125 : 0;
        assert_int_equal(at_problem_check(&p, NULL), AT_OK);
    }
}

/* The twin has the powers of two from 32 to 256, and what it has not is refused by name; what is no problem at all, as that. */
static void dimensions_of_the_twin(void **state)
{
    (void)state;
    for (int i = 1; i <= 32; i++) {
        struct at_problem p = good;
        struct at_error error = {""};
        p.dim = 8 * i;
        bool has = i == 4 || i == 8 || i == 16 || i == 32;
        assert_true(at_problem_has_twin(&p) == has);
        assert_int_equal(at_problem_check_twin(&p, &error), has ? AT_OK : AT_ERR_UNSUPPORTED);
        assert_true(has || strstr(error.message, "the twin and the kernels take 32, 64, 128 and 256"));
        p.dim = 8 * i + 1; /* which nothing takes: the same is said */
        assert_int_equal(at_problem_check_twin(&p, &error), AT_ERR_UNSUPPORTED);
        assert_true(strstr(error.message, "the twin and the kernels take 32, 64, 128 and 256") && !strstr(error.message, "attest check"));
        p.batch = 0;
        assert_int_equal(at_problem_check_twin(&p, &error), AT_ERR_ARGUMENT);
    }
}

static void every_size_below_one_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        for (int64_t value = -1; value <= 0; value++) {
            struct at_problem p = good;
            int64_t *const fields[] = {&p.batch, &p.heads_q, &p.heads_kv, &p.seq_q, &p.seq_k};
            *fields[i] = value;
            expect_refusal(&p, AT_ERR_ARGUMENT, "each must be at least 1");
        }
}

static void ratio_dim_and_scale_are_checked(void **state)
{
    (void)state;
    struct at_problem p = good;
    p.heads_kv = 3;
    expect_refusal(&p, AT_ERR_ARGUMENT, "8 query heads do not divide by 3");
    p.heads_kv = 16;
    expect_refusal(&p, AT_ERR_ARGUMENT, "8 query heads do not divide by 16");
    const int64_t dims[] = {0, 1, 33, 100, 260, 264, 512, -64};
    for (size_t i = 0; i < sizeof dims / sizeof *dims; i++) {
        p = good;
        p.dim = dims[i];
        expect_refusal(&p, AT_ERR_UNSUPPORTED, "head dimension");
    }
    const double scales[] = {-0.1, NAN, INFINITY, -INFINITY, 1e-60, 1e300};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        p = good;
        p.scale = scales[i];
        expect_refusal(&p, AT_ERR_ARGUMENT, "softmax scale");
    }
}

/* Against the mask written out: query i sees key j when j <= i + seq_k - seq_q. */
static void keys_are_those_of_the_mask(void **state)
{
    (void)state;
    const int64_t lengths[][2] = {{5, 9}, {9, 5}, {6, 6}, {1, 1}, {1, 8}, {8, 1}};
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
        for (int causal = 0; causal < 2; causal++) {
            struct at_problem p = good;
            p.seq_q = lengths[n][0];
            p.seq_k = lengths[n][1];
            p.causal = causal;
            for (int64_t i = 0; i < p.seq_q; i++) {
                int64_t seen = 0;
                for (int64_t j = 0; j < p.seq_k; j++)
                    seen += !causal || j <= i + p.seq_k - p.seq_q;
                assert_int_equal(at_problem_keys(&p, i), seen);
            }
        }
}

static void the_scale_is_the_nearest_float(void **state)
{
    (void)state;
    const unsigned dims[] = {32, 64, 128, 256};
    mpfr_t exact;
    mpfr_init2(exact, 200);
    for (int i = 0; i < 4; i++) {
        struct at_problem p = good;
        p.dim = dims[i];
        mpfr_set_ui(exact, dims[i], MPFR_RNDN);
        mpfr_rec_sqrt(exact, exact, MPFR_RNDN);
        assert_true(at_problem_scale_fp32(&p) == mpfr_get_flt(exact, MPFR_RNDN));
    }
    mpfr_clear(exact);
    struct at_problem p = good;
    p.scale = 0.1;
    assert_true(at_problem_scale_fp32(&p) == 0.1f);
}

static void groups(void **state)
{
    (void)state;
    assert_int_equal(at_problem_group(&good), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_problems_pass),
        cmocka_unit_test(dimensions_of_the_twin),
        cmocka_unit_test(every_size_below_one_is_refused),
        cmocka_unit_test(ratio_dim_and_scale_are_checked),
        cmocka_unit_test(keys_are_those_of_the_mask),
        cmocka_unit_test(the_scale_is_the_nearest_float),
        cmocka_unit_test(groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
