/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "bench.h"

#include "scratch.h"
#include "study/agree.h"
#include "study/machine.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

void scratch_bench_open(struct scratch_bench *b, const char *text, const char *database)
{
    struct at_error error = {""};
    *b = (struct scratch_bench){0};
    if (scratch_study(text, &b->study, &error) || at_plan_make(&b->study, INFINITY, &b->plan, &error) ||
        at_store_open(scratch_path(database), AT_STORE_WRITE, &b->store, &error))
        fail_msg("%s", error.message);
    const struct at_case *c = &b->plan.cases[0];
    size_t count = b->study.variant_count;
    b->progress.total = b->plan.work;
    b->bench = (struct at_bench){.study = &b->study,
                                 .c = c,
                                 .store = b->store,
                                 .progress = &b->progress,
                                 .oracle = b->plan.oracle.oracle,
                                 .kept = calloc(count, sizeof(struct at_truths)),
                                 .todo = calloc(count, sizeof(bool))};
    struct at_study_fact study = {.sha256 = "s", .name = b->study.name, .text = text};
    struct at_input_fact input = {
        .source = "distribution", .spelling = "x", .label = "x", .format = "fp16", .problem = c->problem, .input_sha256 = "i"};
    assert_int_equal(at_case_inputs(c, &b->bench.inputs, &error), AT_OK);
    assert_int_equal(at_machine_put_build(b->store, &b->bench.build_id, &error), AT_OK);
    assert_int_equal(at_machine_put_device(b->store, AT_SIMD_AUTO, &b->bench.device_id, &error), AT_OK);
    assert_int_equal(at_store_put_study(b->store, &study, &b->bench.study_id, &error), AT_OK);
    assert_int_equal(at_store_put_input(b->store, &input, &b->bench.input_id, &error), AT_OK);
    for (size_t i = 0; i < count; i++) {
        struct at_variant_fact variant = {.name = b->study.variants[i].name, .numerics = "x"};
        assert_int_equal(at_store_put_variant(b->store, &variant, &b->variants[i], &error), AT_OK);
        b->bench.todo[i] = true;
    }
}

struct at_attend scratch_bench_prepare(const struct scratch_bench *b, size_t i)
{
    const struct at_case *c = b->bench.c;
    struct at_numerics resolved;
    struct at_attend attend;
    struct at_error error = {""};
    if (at_numerics_resolve(&b->study.variants[i].numerics, &c->problem, &resolved, &error) ||
        at_attend_prepare(&c->problem, &resolved, &b->bench.inputs, &c->rows, AT_SIMD_AUTO, &attend, &error))
        fail_msg("%s", error.message);
    return attend;
}

enum at_status scratch_bench_attempt(struct scratch_bench *b, size_t i, struct at_error *error)
{
    struct at_attempt *attempt;
    struct at_agreement agreement = {.differing = -1};
    enum at_status status = at_attempt_begin(&b->bench, i, b->variants[i], &attempt, error);
    if (!status)
        status = at_attempt_finish(attempt, &agreement, error);
    if (!status)
        assert_int_equal(agreement.differing, 0);
    return status;
}

void scratch_bench_close(struct scratch_bench *b)
{
    for (size_t i = 0; i < b->study.variant_count; i++)
        at_truths_done(&b->bench.kept[i]);
    at_truths_done(&b->bench.original);
    at_qkv_done(&b->bench.inputs);
    free(b->bench.kept);
    free(b->bench.todo);
    at_store_close(b->store);
    at_plan_done(&b->plan);
    at_study_done(&b->study);
}
