/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/account.h"

#include "core/name.h"
#include "study/machine.h"

#include <stdlib.h>
#include <string.h>

static bool wanted(const struct at_account_request *r, const struct at_case *c)
{
    return !r->label || strcmp(c->input->label, r->label) == 0;
}

static enum at_status check_label(const struct at_account_request *r, struct at_error *error)
{
    const struct at_study *study = r->study;
    char hint[AT_NAME_HINT_SIZE];
    const char **labels = calloc(study->input_count + 1, sizeof *labels);
    enum at_status status = labels ? AT_OK : at_fail(error, AT_ERR_MEMORY, "budget: no memory for the labels");
    bool found = !r->label;
    for (size_t i = 0; i < study->input_count && !status; i++) {
        labels[i] = study->inputs[i].label;
        found = found || strcmp(labels[i], r->label) == 0;
    }
    if (!status && !found)
        status = at_fail(error, AT_ERR_NOT_FOUND, "case '%s': the study has no input of that label%s", r->label,
                         at_name_hint(r->label, labels, study->input_count, hint));
    free(labels);
    return status;
}

static enum at_status account_variant(const struct at_account_request *r, const struct at_plan *plan,
                                      const struct at_budget_subject *subject, const struct at_variant_choice *variant,
                                      at_account_each *each, void *context, struct at_error *error)
{
    struct at_budget budget;
    struct at_expectation expectation;
    struct at_advices *advices = r->advice ? malloc(sizeof *advices) : NULL;
    enum at_status status = at_budget_make(subject, variant, r->metric, &budget, error);
    if (!status)
        status = at_expect(subject, &variant->numerics, &expectation, error);
    if (!status && r->advice)
        status = advices ? at_advice_make(subject, variant, &budget, advices, error) : at_fail(error, AT_ERR_MEMORY, "advice: no memory");
    if (status) {
        at_fail_in(error, status, variant->name);
        at_case_fail_in(subject->c, status, error);
    } else {
        status =
            each(context, &(struct at_account){subject->c, subject->inputs, variant, &plan->oracle, &budget, &expectation, advices}, error);
    }
    free(advices);
    return status;
}

static enum at_status account_case(const struct at_account_request *r, const struct at_plan *plan, const struct at_case *c,
                                   struct at_work *progress, at_account_each *each, void *context, struct at_error *error)
{
    struct at_qkv inputs;
    struct at_truths truths = {.heads = 0};
    enum at_status status = at_case_inputs(c, &inputs, error);
    if (status)
        return at_case_fail_in(c, status, error);
    at_work_phase(progress, "%s: reference of the inputs", c->input->label);
    status = at_truths_solve(c, plan->oracle.oracle, &inputs, NULL, NULL, progress, &truths, error);
    if (status)
        at_case_fail_in(c, status, error);
    const struct at_budget_subject subject = {c, &inputs, &truths, r->simd, progress};
    for (size_t v = 0; v < r->study->variant_count && !status; v++)
        status = account_variant(r, plan, &subject, &r->study->variants[v], each, context, error);
    at_truths_done(&truths);
    at_qkv_done(&inputs);
    return status;
}

enum at_status at_accounts_make(const struct at_account_request *request, at_account_each *each, void *context, struct at_error *error)
{
    struct at_plan plan;
    struct at_work progress = {.events = request->events};
    enum at_status status = check_label(request, error);
    if (!status)
        status = at_plan_make(request->study, at_machine_free_memory(), &plan, error);
    if (status)
        return status;
    if (request->ready)
        status = request->ready(context, error);
    for (size_t i = 0; i < plan.count; i++)
        if (wanted(request, &plan.cases[i]))
            progress.total += plan.cases[i].work * (double)(1 + request->study->variant_count);
    for (size_t i = 0; i < plan.count && !status; i++)
        if (wanted(request, &plan.cases[i]))
            status = account_case(request, &plan, &plan.cases[i], &progress, each, context, error);
    at_plan_done(&plan);
    return status;
}
