/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "attempted.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct at_problem attempted_problem = {1, 2, 2, 48, 96, 32, true, 0};

static void must(enum at_status status, const struct at_error *error)
{
    if (status)
        fail_msg("%s", error->message);
}

void attempted_write(struct attempted *a)
{
    const char *path = scratch_path("output.safetensors");
    assert_true(kernel_write(&a->k, path));
    a->question.output.path = path;
}

void attempted_open(struct attempted *a, const char *kernel, const char *distribution, const struct at_problem *problem,
                    const char *variant)
{
    struct at_error error;
    *a = (struct attempted){.seed = 5};
    must(kernel_case_init(&a->k, distribution, problem, a->seed, variant, &error), &error);
    assert_non_null(kernel_find(kernel));
    must(kernel_find(kernel)->compute(&a->k, &error), &error);
    a->input =
        (struct at_study_input){.label = strdup("input"), .format = AT_FP16, .problem = *problem, .seeds = &a->seed, .seed_count = 1};
    must(at_distribution_choose(distribution, &a->input.distribution, &error), &error);
    a->study = (struct at_study){
        .name = a->input.label, .inputs = &a->input, .input_count = 1, .variants = &a->k.variant, .variant_count = 1, .rows_seed = 1};
    a->question = (struct at_check_question){.study = &a->study, .level = 0.001, .memory = 0x1p40};
    attempted_write(a);
}

void attempted_done(struct attempted *a)
{
    kernel_case_done(&a->k);
    free(a->input.label);
}

struct at_check attempted_check(const struct attempted *a)
{
    struct at_check check;
    struct at_error error;
    must(at_check(&a->question, &check, &error), &error);
    return check;
}

void attempted_expect(const struct attempted *a, struct at_check_case *ret_case, struct at_check_expectation *ret_expectation)
{
    struct at_error error;
    must(at_check_case_open(&a->question, ret_case, &error), &error);
    must(at_check_case_solve(ret_case, &error), &error);
    must(at_check_expectation_init(ret_case, ret_expectation, &error), &error);
    must(at_check_by_twin.declared(ret_case, ret_expectation, &error), &error);
    must(at_check_by_twin.expect(ret_case, ret_expectation, &error), &error);
}

struct at_check_suspect attempted_suspect(const struct at_check_case *c, const struct at_check_expectation *e, int64_t head, char *pattern,
                                          char *evidence)
{
    int64_t *which = calloc((size_t)c->c.rows.count, sizeof *which);
    assert_non_null(which);
    for (int64_t i = 0; i < c->c.rows.count; i++)
        which[i] = i;
    *pattern = *evidence = '\0';
    return (struct at_check_suspect){
        .c = c, .e = e, .head = head, .which = which, .count = c->c.rows.count, .pattern = pattern, .evidence = evidence};
}
