/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* The one kernel is that of tests/kernels/support/stand_in_attention.h: it refuses normalised P and a smoothed Q. */
#include "study/engine.h"

#include "tests/kernels/support/driver.h"

#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct at_gpus *open_gpus(void)
{
    struct at_gpus *gpus = NULL;
    struct at_error error = {""};
    const struct at_gpus_question question = {.limit_s = 60};
    ask("");
    if (at_gpus_open(&question, &gpus, &error))
        fail_msg("%s", error.message);
    return gpus;
}

static void who_computes(void **state)
{
    (void)state;
    const struct at_problem problem = {1, 1, 1, 64, 64, 64, false, 0};
    struct at_gpus *gpus = open_gpus();
    for (size_t i = 0; i < at_variant_count; i++) {
        struct at_numerics resolved;
        const struct at_kernel *kernel = (const void *)&problem;
        struct at_error error = {""};
        assert_int_equal(at_numerics_resolve(&at_variants[i]->numerics, &problem, &resolved, NULL), AT_OK);
        bool refused = resolved.p_offset == AT_P_NORMALISED || resolved.q.smooth;
        const struct at_engine twin = {0}, cuda = {.gpus = gpus}, either = {.gpus = gpus, .rest_on_twin = true};
        assert_int_equal(at_engine_choose(&twin, &resolved, &problem, &kernel, NULL), AT_OK);
        assert_null(kernel);
        assert_int_equal(at_engine_choose(&either, &resolved, &problem, &kernel, NULL), AT_OK);
        assert_ptr_equal(kernel, refused ? NULL : at_kernels[0]);
        assert_status(at_engine_choose(&cuda, &resolved, &problem, &kernel, &error), &error, refused ? AT_ERR_UNSUPPORTED : AT_OK,
                      "no kernel computes it on a GPU: stand-in: ");
    }
    at_gpus_close(gpus);
}

static void a_plan_is_refused_by_name(void **state)
{
    (void)state;
    struct at_study study;
    struct at_plan plan;
    struct at_error error = {""};
    struct at_gpus *gpus = open_gpus();
    const struct at_engine twin = {0}, cuda = {.gpus = gpus}, either = {.gpus = gpus, .rest_on_twin = true};
    assert_int_equal(scratch_study("name: n\nvariants: [fa3-fp16, standard-fp16]\ninputs:\n"
                                   "  - {distribution: normal, label: mine, shape: {heads: 1, keys: 8, dim: 32}}\n",
                                   &study, &error),
                     AT_OK);
    assert_int_equal(at_plan_make(&study, INFINITY, &plan, &error), AT_OK);
    assert_int_equal(at_engine_check(&twin, &plan, &error), AT_OK);
    assert_int_equal(at_engine_check(&either, &plan, &error), AT_OK);
    assert_status(at_engine_check(&cuda, &plan, &error), &error, AT_ERR_UNSUPPORTED,
                  "mine: standard-fp16: no kernel computes it on a GPU: stand-in: p.offset=normalised: the stand-in normalises after P V; "
                  "with --device auto the twin computes it");
    at_plan_done(&plan);
    at_study_done(&study);
    at_gpus_close(gpus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_computes), cmocka_unit_test(a_plan_is_refused_by_name)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
